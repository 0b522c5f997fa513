package board

const failedLogins = `action_type = 'Login Failed' AND {{within "action_time"}}`

// Logins of which nobody knows whether they worked count as attempts too: a form that is
// shown again is answered as one that worked.
const loginAttempts = `action_type IN ('Login Failed', 'Login Attempt') AND {{within "action_time"}}`

// Codes for "not authenticated" and "not allowed", of HTTP and of gRPC.
const refused = `status = 'Failed' AND error_type IN ('401', '403', 'UNAUTHENTICATED', 'PERMISSION_DENIED')
    AND action_type NOT IN ('Login Failed', 'Login Attempt') AND {{within "action_time"}}`

var security = definition{
	name: "security", title: "security", from: "now-24h",
	about: "Failed logins, refused actions, and addresses that are new.",
	rows: []row{
		{4, []panel{{
			kind: totals, title: "Failed logins in this time", about: "How many there were, from how many addresses, and for how many accounts.",
			sql: `
SELECT coalesce(sum(times), 0) AS failed_logins, count(DISTINCT client_address) AS addresses, count(DISTINCT claimed) AS accounts
FROM {{table "_logins"}}
WHERE ` + failedLogins,
		}}},
		{8, []panel{{
			kind: bars, title: "Logins", about: "Logins, failed ones, logouts, and attempts of which nobody knows whether they worked.",
			sql: `
SELECT {{bucket "action_time"}}, action_type AS series, sum(times) AS logins
FROM {{table "_logins"}}
WHERE {{within "action_time"}}
GROUP BY 1, 2
ORDER BY 1, 2`,
		}, {
			kind: bars, title: "Refused actions", about: "Requests that were answered with 401 or 403, or gRPC's like, other than logins.",
			sql: `
SELECT {{bucket "action_time"}}, {{short "error_type"}} AS series, sum({{weight}}) AS refused
FROM {{table}}
WHERE ` + refused + `
GROUP BY 1, 2
ORDER BY 1, 2`,
		}}},
		{8, []panel{{
			title: "Failed logins by address", about: "An address that tries many accounts is one to look at. Attempts of which nobody knows whether they worked count too. The fifty busiest.",
			sql: `
SELECT coalesce({{short "client_address"}}, '(unknown)') AS address, sum(times) AS attempts, count(DISTINCT claimed) AS accounts, {{time "max(action_time)"}} AS last_time
FROM {{table "_logins"}}
WHERE ` + loginAttempts + `
GROUP BY 1
ORDER BY attempts DESC, address
LIMIT 50`,
		}, {
			title: "Failed logins by claimed name", about: "Whom the attempts were for, where the service records it. The fifty busiest.",
			sql: `
SELECT {{short "claimed"}} AS account, sum(times) AS attempts, count(DISTINCT client_address) AS addresses, {{time "max(action_time)"}} AS last_time
FROM {{table "_logins"}}
WHERE claimed IS NOT NULL AND ` + failedLogins + `
GROUP BY 1
ORDER BY attempts DESC, account
LIMIT 50`,
		}}},
		{8, []panel{{
			title: "Addresses with failed, then successful logins", about: "Addresses with three failed logins or more and a login with success, in the time range.",
			sql: `
SELECT {{short "client_address"}} AS address, sum(CASE WHEN action_type = 'Login Failed' THEN times ELSE 0 END) AS failed, {{count "action_type = 'Login' AND status = 'Success'"}} AS logins,
    {{time "max(action_time)"}} AS last_time
FROM {{table "_logins"}}
WHERE client_address IS NOT NULL AND {{within "action_time"}}
GROUP BY 1
HAVING sum(CASE WHEN action_type = 'Login Failed' THEN times ELSE 0 END) >= 3 AND {{count "action_type = 'Login' AND status = 'Success'"}} > 0
ORDER BY failed DESC, address
LIMIT 50`,
		}, {
			title: "New addresses of actors", about: "Logins from an address that the actor did not log in from in the two weeks before the time range. " +
				"Who had not logged in at all is here too.",
			sql: `
SELECT actor_id, {{short "client_address"}} AS address, max({{short "actor_name"}}) AS name, count(*) AS logins, {{time "min(action_time)"}} AS first_time
FROM {{table "_logins"}}
WHERE action_type = 'Login' AND status = 'Success' AND client_address IS NOT NULL AND action_time >= {{ago 14}} AND actor_id IN (
    SELECT actor_id
    FROM {{table "_logins"}}
    WHERE action_type = 'Login' AND status = 'Success' AND {{within "action_time"}}
)
GROUP BY 1, 2
HAVING min(action_time) >= {{from}}
ORDER BY first_time DESC, actor_id, address
LIMIT 100`,
		}}},
		{8, []panel{{
			title: "Refused actors", about: "Who was refused most; who is not logged in has no id. The twenty busiest.",
			sql: `
SELECT actor_id, max({{short "actor_name"}}) AS name, sum({{weight}}) AS refused, count(DISTINCT client_address) AS addresses, {{time "max(action_time)"}} AS last_time
FROM {{table}}
WHERE ` + refused + `
GROUP BY actor_id
ORDER BY refused DESC, coalesce(actor_id, '')
LIMIT 20`,
		}, latest("Latest refused actions", "The last hundred in the time range.", refused, 100)}},
	},
}
