package board

import "github.com/grafana/grafana-foundation-sdk/go/units"

var overview = definition{
	name: "overview", title: "overview", from: "now-24h",
	about: "What is done, by whom, to what, and whether it works.",
	rows: []row{
		{4, []panel{{
			kind: totals, title: "In this time", about: "Rows of the activity log in the time range. A read that was sampled is one row, whatever its weight.",
			sql: `
SELECT {{n}} AS activities, {{nof "status = 'Failed'"}} AS failed
FROM {{counted}}`,
		}, {
			kind: totals, title: "Actors and failed logins", about: "How many failed logins there were in the time range, and how many actors did something.",
			sql: `
SELECT sum(CASE WHEN action_type = 'Login Failed' THEN {{weight}} ELSE 0 END) AS failed_logins, count(DISTINCT actor_id) AS actors
FROM {{table}}
WHERE {{within "action_time"}}`,
		}}},
		{8, []panel{{
			kind: bars, title: "Activities by action", about: "How many there were in each bar's time, by what was done.",
			sql: `
SELECT {{bucket "action_time"}}, action_type AS series, {{n}} AS activities
FROM {{counted "bars"}}
GROUP BY 1, 2{{some}}
ORDER BY 1, 2`,
		}, {
			kind: bars, title: "Activities by status", about: "How many succeeded and how many failed; a request that was answered with 400 or more has failed.",
			sql: `
SELECT {{bucket "action_time"}}, status AS series, {{n}} AS activities
FROM {{counted "bars"}}
GROUP BY 1, 2{{some}}
ORDER BY 1, 2`,
		}}},
		{8, []panel{{
			kind: bars, title: "Failed logins", about: "By the service that refused them. More about them is in the dashboard about security.",
			sql: `
SELECT {{bucket "action_time"}}, coalesce({{short "service_name"}}, '(none)') AS series, sum({{weight}}) AS failed_logins
FROM {{table}}
WHERE action_type = 'Login Failed' AND {{within "action_time"}}
GROUP BY 1, 2
ORDER BY 1, 2`,
		}, {
			kind: bars, title: "Activities by service", about: "By the service that reported them, or whose spans they were derived from.",
			sql: `
SELECT {{bucket "action_time"}}, coalesce({{short "service_name"}}, '(none)') AS series, {{n}} AS activities
FROM {{counted "bars"}}
GROUP BY 1, 2{{some}}
ORDER BY 1, 2`,
		}}},
		{9, []panel{{
			title: "Busiest actors", about: "The twenty who did most. Anonymous activities have no actor and are left out.",
			sql: `
SELECT actor_id, max({{short "actor_name"}}) AS name, count(*) AS activities, {{count "status = 'Failed'"}} AS failed, {{time "max(action_time)"}} AS last_time
FROM {{table}}
WHERE actor_id IS NOT NULL AND {{within "action_time"}}
GROUP BY actor_id
ORDER BY activities DESC, actor_id
LIMIT 20`,
		}, {
			title: "Busiest objects", about: "The twenty with which most was done; changes are what was created, updated or deleted with success.",
			sql: `
SELECT object_type, object_id, max({{short "object_name"}}) AS name, count(*) AS activities,
    {{count "action_type IN ('Create', 'Update', 'Delete') AND status = 'Success'"}} AS changes, {{time "max(action_time)"}} AS last_time
FROM {{table}}
WHERE object_type IS NOT NULL AND object_id IS NOT NULL AND {{within "action_time"}}
GROUP BY object_type, object_id
ORDER BY activities DESC, object_type, object_id
LIMIT 20`,
		}}},
		{9, []panel{latest("Latest activities", "The last hundred in the time range.", `{{within "action_time"}}`, 100)}},
		{8, []panel{{
			kind: lines, title: "How late rows come", unit: units.Seconds,
			about: "From the activity, by the service's clock, to its row, by the database's: average and longest, by the time of the activity.",
			sql: `
SELECT {{bucket "action_time"}}, avg({{seconds "recorded_at" "action_time"}}) AS average, max({{seconds "recorded_at" "action_time"}}) AS longest
FROM {{table}}
WHERE {{within "action_time"}}
GROUP BY 1
ORDER BY 1`,
		}, {
			title: "Dead letters", about: "Rows that the database rejected in the time range, by reason. They are complete in the dead letter table.",
			sql: `
SELECT reason, count(*) AS refused, {{time "max(recorded_at)"}} AS last_time
FROM {{table "_dead_letter"}}
WHERE {{within "recorded_at"}}
GROUP BY reason
ORDER BY refused DESC, reason
LIMIT 20`,
		}}},
	},
}
