-- +goose NO TRANSACTION
-- +goose Up
-- Logins, logouts, failed logins, and logins whose outcome nobody knows. claimed is the user name entered, and times
-- how many the row stands for: the processor folds those that nobody known repeats.
CREATE OR REPLACE VIEW {{logins}} ON CLUSTER '{{cluster}}' AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name,
    nullIf(JSONExtractString(data, 'claimed'), '') AS claimed,
    client_address, user_agent, session_id, service_name, trace_id,
    if(source = 'derived' AND JSONType(data, 'count') IN ('Int64', 'UInt64'), JSONExtractUInt(data, 'count'), 1) AS times
FROM {{table}}
WHERE action_type IN ('Login', 'Logout', 'Login Failed', 'Login Attempt');
