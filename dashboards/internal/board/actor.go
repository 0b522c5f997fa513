package board

const ofActor = `actor_id = {{var "actor"}} AND {{within "action_time"}}`

var actor = definition{
	name: "actor", title: "one actor", from: "now-30d",
	about: "What one person or service did, from where, and to what.",
	asks:  []ask{{"actor", "Actor id", "As in the column actor_id."}},
	rows: []row{
		{4, []panel{{
			kind: totals, title: "In this time", about: "What the actor did in the time range, and from how many addresses and in how many sessions.",
			sql: `
SELECT count(*) AS activities, {{count "status = 'Failed'"}} AS failed, count(DISTINCT client_address) AS addresses,
    count(DISTINCT session_id) AS sessions
FROM {{table}}
WHERE ` + ofActor,
		}}},
		{8, []panel{{
			kind: bars, title: "Activities by action", about: "When the actor was active, and what was done.",
			sql: `
SELECT {{bucket "action_time"}}, action_type AS series, count(*) AS activities
FROM {{table}}
WHERE ` + ofActor + `
GROUP BY 1, 2
ORDER BY 1, 2`,
		}}},
		{10, []panel{latest("Timeline", "The last five hundred activities of the actor in the time range.", ofActor, 500)}},
		{8, []panel{{
			title: "From where", about: "The addresses that the actor's requests came from, the busiest first, fifty at most.",
			sql: `
SELECT {{short "client_address"}} AS address, count(*) AS activities, {{time "min(action_time)"}} AS first_time, {{time "max(action_time)"}} AS last_time
FROM {{table}}
WHERE client_address IS NOT NULL AND ` + ofActor + `
GROUP BY 1
ORDER BY activities DESC, address
LIMIT 50`,
		}, {
			title: "To what", about: "The objects that the actor had to do with, the busiest first, fifty at most.",
			sql: `
SELECT object_type, object_id, max({{short "object_name"}}) AS name, count(*) AS activities,
    {{count "action_type IN ('Create', 'Update', 'Delete') AND status = 'Success'"}} AS changes, {{time "max(action_time)"}} AS last_time
FROM {{table}}
WHERE object_type IS NOT NULL AND object_id IS NOT NULL AND ` + ofActor + `
GROUP BY object_type, object_id
ORDER BY activities DESC, object_type, object_id
LIMIT 50`,
		}}},
		{8, []panel{{
			title: "Done by others in this actor's name", about: "Activities that somebody else, the impersonator, did as this actor.",
			sql: `
SELECT {{time "action_time"}} AS time, impersonator_id, action_type, status, object_type, object_id, remarks, trace_id
FROM {{table}}
WHERE impersonator_id IS NOT NULL AND ` + ofActor + `
ORDER BY action_time DESC, event_id DESC
LIMIT 100`,
		}}},
	},
}
