-- +goose NO TRANSACTION
-- +goose Up
-- Views whose names and columns stay the same: docs/audit/queries.md.

-- Logins, logouts and failed logins. A failed login has no actor; claimed is the user name entered.
CREATE VIEW IF NOT EXISTS {{logins}} ON CLUSTER '{{cluster}}' AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name,
    nullIf(JSONExtractString(data, 'claimed'), '') AS claimed,
    client_address, user_agent, session_id, service_name, trace_id
FROM {{table}}
WHERE action_type IN ('Login', 'Logout', 'Login Failed');

-- What was done to an object, and what it changed: {"field": ["before", "after"]}.
CREATE VIEW IF NOT EXISTS {{object_history}} ON CLUSTER '{{cluster}}' AS
SELECT event_id, object_type, object_id, object_name, action_time, action_type, action_name, status, error_type,
    actor_id, actor_name, impersonator_id, nullIf(JSONExtractRaw(data, 'changes'), '') AS changes, remarks, service_name, trace_id
FROM {{table}}
WHERE object_type IS NOT NULL AND object_id IS NOT NULL;

-- Activities of each day, in UTC. Each sampled read counts with its weight.
CREATE VIEW IF NOT EXISTS {{daily}} ON CLUSTER '{{cluster}}' AS
SELECT toDate(action_time) AS day, service_name, source, action_type, status,
    count() AS records,
    sum(if(JSONType(data, 'sample_weight') IN ('Int64', 'UInt64', 'Double'), JSONExtractFloat(data, 'sample_weight'), 1)) AS activities,
    uniqExact(actor_id) AS actors
FROM {{table}}
GROUP BY day, service_name, source, action_type, status;
