-- +goose Up
-- Views whose names and columns stay the same: docs/audit/queries.md.

-- Logins, logouts and failed logins. A failed login has no actor; claimed is the user name entered.
CREATE OR REPLACE VIEW {{logins}} AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name,
    JSON_UNQUOTE(JSON_EXTRACT(data, '$.claimed')) AS claimed,
    client_address, user_agent, session_id, service_name, trace_id
FROM {{table}}
WHERE action_type IN ('Login', 'Logout', 'Login Failed');

-- What was done to an object, and what it changed: {"field": ["before", "after"]}.
CREATE OR REPLACE VIEW {{object_history}} AS
SELECT event_id, object_type, object_id, object_name, action_time, action_type, action_name, status, error_type,
    actor_id, actor_name, impersonator_id, JSON_EXTRACT(data, '$.changes') AS changes, remarks, service_name, trace_id
FROM {{table}}
WHERE object_type IS NOT NULL AND object_id IS NOT NULL;

-- Activities of each day, in UTC. Each sampled read counts with its weight.
CREATE OR REPLACE VIEW {{daily}} AS
SELECT CAST(action_time AS DATE) AS day, service_name, source, action_type, status,
    COUNT(*) AS records,
    SUM(CASE WHEN JSON_TYPE(JSON_EXTRACT(data, '$.sample_weight')) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL')
        THEN CAST(JSON_EXTRACT(data, '$.sample_weight') AS DECIMAL(30, 10)) ELSE 1 END) AS activities,
    COUNT(DISTINCT actor_id) AS actors
FROM {{table}}
GROUP BY 1, 2, 3, 4, 5;
