-- clock
SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED);

-- oldest and newest
SELECT (SELECT min(action_time) FROM "activity_log"), (SELECT max(action_time) FROM "activity_log");

-- what is there
SELECT IF(table_type = 'VIEW', 'view', 'table'), table_name FROM information_schema.tables WHERE table_schema = DATABASE() UNION ALL SELECT DISTINCT 'index', index_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'activity_log' OR table_schema = DATABASE() AND table_name = 'activity_log_counts';

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

-- rights of a collector
GRANT INSERT, SELECT (event_id) ON `activity_log` TO 'account';

-- rights of a collector
GRANT INSERT, SELECT (event_id) ON `activity_log_dead_letter` TO 'account';

-- rights of a collector
GRANT SELECT (event_id, action_time, actor_id, impersonator_id, tenant_id, action_type, action_name, status, object_type, object_id, client_address, service_name, trace_id, span_id) ON `activity_log` TO 'account';

-- rights of a collector
GRANT SELECT (event_id, record) ON `activity_log_dead_letter` TO 'account';

-- rights of a collector
GRANT INSERT ON `activity_log_counts` TO 'account';

-- rights of a collector
GRANT SELECT ON `activity_log_counts_state` TO 'account';

-- rights of a auditor
GRANT SELECT ON `activity_log` TO 'account';

-- rights of a auditor
GRANT SELECT ON `activity_log_dead_letter` TO 'account';

-- rights of a auditor
GRANT SELECT ON `activity_log_logins` TO 'account';

-- rights of a auditor
GRANT SELECT ON `activity_log_object_history` TO 'account';

-- rights of a auditor
GRANT SELECT ON `activity_log_objects` TO 'account';

-- rights of a auditor
GRANT SELECT ON `activity_log_daily` TO 'account';

-- rights of a auditor
GRANT SELECT ON `activity_log_counts` TO 'account';

-- rights of a auditor
GRANT SELECT ON `activity_log_counts_state` TO 'account';

-- rights of a reader
GRANT SELECT ON `activity_log` TO 'account';

-- rights of a reader
GRANT SELECT ON `activity_log_logins` TO 'account';

-- rights of a reader
GRANT SELECT ON `activity_log_object_history` TO 'account';

-- rights of a reader
GRANT SELECT ON `activity_log_objects` TO 'account';

-- rights of a reader
GRANT SELECT ON `activity_log_daily` TO 'account';

-- rights of a reader
GRANT SELECT ON `activity_log_counts` TO 'account';

-- rights of a reader
GRANT SELECT ON `activity_log_counts_state` TO 'account';

