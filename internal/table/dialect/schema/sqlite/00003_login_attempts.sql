-- +goose Up
-- Logins, logouts, failed logins, and logins whose outcome nobody knows. claimed is the user name entered.
DROP VIEW IF EXISTS {{logins}};
CREATE VIEW IF NOT EXISTS {{logins}} AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name, json_extract(data, '$.claimed') AS claimed,
    client_address, user_agent, session_id, service_name, trace_id
FROM {{table}}
WHERE action_type IN ('Login', 'Logout', 'Login Failed', 'Login Attempt');
