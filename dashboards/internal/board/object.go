package board

const ofObject = `object_type = {{var "object_type"}} AND object_id = {{var "object_id"}} AND {{within "action_time"}}`

// belongsToObject are activities about what belongs to the object. No index serves it: a
// database reads all rows of the time range.
const belongsToObject = `{{parent "type"}} = {{var "object_type"}} AND {{parent "id"}} = {{var "object_id"}} AND {{within "action_time"}}`

var object = definition{
	name: "object", title: "one object", from: "now-90d",
	about: "What was done to one object, by whom, and what it changed.",
	asks: []ask{
		{"object_type", "Type", "As in the column object_type."},
		{"object_id", "Id", "As in the column object_id."},
	},
	rows: []row{
		{4, []panel{{
			kind: totals, title: "In this time", about: "How often the object was read and changed in the time range, and by how many actors.",
			sql: `
SELECT count(*) AS activities, {{count "action_type = 'Read'"}} AS times_read,
    {{count "action_type IN ('Create', 'Update', 'Delete') AND status = 'Success'"}} AS changes, {{count "status = 'Failed'"}} AS failed,
    count(DISTINCT actor_id) AS actors
FROM {{table}}
WHERE ` + ofObject,
		}}},
		{8, []panel{{
			kind: bars, title: "Activities by action", about: "When something was done to the object, and what.",
			sql: `
SELECT {{bucket "action_time"}}, action_type AS series, count(*) AS activities
FROM {{table}}
WHERE ` + ofObject + `
GROUP BY 1, 2
ORDER BY 1, 2`,
		}}},
		{10, []panel{{
			title: "What was changed", about: "Each field that an activity reported as changed, with its value before and after; the last five hundred.",
			sql: `
SELECT {{time "h.action_time"}} AS time, h.actor_id AS actor_id, h.actor_name AS actor_name, h.action_type AS action_type, h.status AS status,
    {{field}} AS field, {{before}} AS value_before, {{after}} AS value_after, h.trace_id AS trace_id
FROM {{table "_object_history"}} AS h {{changes}}
WHERE h.object_type = {{var "object_type"}} AND h.object_id = {{var "object_id"}} AND {{within "h.action_time"}}
ORDER BY h.action_time DESC, h.event_id DESC, {{field}}
LIMIT 500`,
		}}},
		{10, []panel{latest("History", "The last five hundred activities that had to do with the object.", ofObject, 500)}},
		{8, []panel{latest("What belongs to it", "The last hundred activities about what belongs to the object, such as the sessions of a user.", belongsToObject, 100)}},
		{8, []panel{{
			title: "Who", about: "The actors who had to do with the object, the busiest first, fifty at most.",
			sql: `
SELECT actor_id, max({{short "actor_name"}}) AS name, {{count "action_type = 'Read'"}} AS times_read,
    {{count "action_type IN ('Create', 'Update', 'Delete') AND status = 'Success'"}} AS changes, count(*) AS activities,
    {{time "max(action_time)"}} AS last_time
FROM {{table}}
WHERE actor_id IS NOT NULL AND ` + ofObject + `
GROUP BY actor_id
ORDER BY activities DESC, actor_id
LIMIT 50`,
		}}},
	},
}

var trace = definition{
	name: "trace", title: "one trace", from: "now-24h",
	about: "The activities of one trace: where links from Jaeger and Tempo lead.",
	asks:  []ask{{"trace_id", "Trace id", "32 hexadecimal digits, as in the column trace_id."}},
	rows: []row{
		{12, []panel{{
			title: "Activities of the trace", about: "All of them, whatever the time range is.",
			sql: `
SELECT {{time "action_time"}} AS time, service_name, actor_id, actor_name, action_type, action_name, status, error_type, object_type, object_id,
    remarks, {{text "data"}} AS details, trace_id, span_id
FROM {{table}}
WHERE trace_id = {{var "trace_id"}}
ORDER BY action_time, event_id
LIMIT 500`,
		}}},
	},
}
