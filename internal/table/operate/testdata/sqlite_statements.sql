-- clock
SELECT CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER);

-- oldest and newest
SELECT (SELECT min(action_time) FROM "activity_log"), (SELECT max(action_time) FROM "activity_log");

-- what is there
SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view', 'index');

-- rows, with 2 arguments
SELECT event_id, actor_id, actor_type, actor_name, impersonator_id, tenant_id, action_type, action_name, status, error_type, object_type, object_id, object_name, remarks, data, client_address, user_agent, session_id, service_name, trace_id, span_id, source FROM "activity_log" WHERE event_id IN (?, ?);

-- dead letters, with 2 arguments
SELECT event_id, recorded_at, reason, record FROM "activity_log_dead_letter" WHERE event_id > ? ORDER BY event_id LIMIT ?;

-- dead letters by their ids, with 2 arguments
SELECT event_id, recorded_at, reason, record FROM "activity_log_dead_letter" WHERE event_id IN (?, ?);

-- delete dead letters, with 2 arguments
DELETE FROM "activity_log_dead_letter" WHERE event_id IN (?, ?);

-- reasons
SELECT reason, count(*) FROM "activity_log_dead_letter" GROUP BY reason;

