-- clock
SELECT toUnixTimestamp64Micro(now64(6, 'UTC'));

-- oldest and newest
SELECT minOrNull(action_time), maxOrNull(action_time) FROM "activity_log_store";

-- what is there
SELECT if(engine = 'View', 'view', 'table'), name FROM system.tables WHERE database = currentDatabase() UNION ALL SELECT 'index', name FROM system.data_skipping_indices WHERE database = currentDatabase() AND table = 'activity_log_store';

-- rows, with 2 arguments
SELECT event_id, actor_id, actor_type, actor_name, impersonator_id, tenant_id, action_type, action_name, status, error_type, object_type, object_id, object_name, remarks, data, client_address, user_agent, session_id, service_name, trace_id, span_id, source FROM "activity_log" WHERE event_id IN (?, ?);

-- dead letters, with 2 arguments
SELECT event_id, recorded_at, reason, record FROM "activity_log_dead_letter" WHERE event_id > ? ORDER BY event_id LIMIT ?;

-- dead letters by their ids, with 2 arguments
SELECT event_id, recorded_at, reason, record FROM "activity_log_dead_letter" WHERE event_id IN (?, ?);

-- delete dead letters, with 2 arguments
DELETE FROM "activity_log_dead_letter_store" WHERE toString(event_id) IN (?, ?);

-- reasons
SELECT reason, count(*) FROM "activity_log_dead_letter" GROUP BY reason;

-- rights of a collector
GRANT INSERT ON "activity_log_store" TO "account";

-- rights of a collector
GRANT INSERT ON "activity_log_dead_letter_store" TO "account";

-- rights of a auditor
GRANT SELECT ON "activity_log" TO "account";

-- rights of a auditor
GRANT SELECT ON "activity_log_dead_letter" TO "account";

-- rights of a auditor
GRANT SELECT ON "activity_log_logins" TO "account";

-- rights of a auditor
GRANT SELECT ON "activity_log_object_history" TO "account";

-- rights of a auditor
GRANT SELECT ON "activity_log_objects" TO "account";

-- rights of a auditor
GRANT SELECT ON "activity_log_daily" TO "account";

-- rights of a auditor
GRANT SELECT ON "activity_log_store" TO "account";

-- rights of a auditor
GRANT SELECT ON "activity_log_dead_letter_store" TO "account";

-- rights of a reader
GRANT SELECT ON "activity_log" TO "account";

-- rights of a reader
GRANT SELECT ON "activity_log_logins" TO "account";

-- rights of a reader
GRANT SELECT ON "activity_log_object_history" TO "account";

-- rights of a reader
GRANT SELECT ON "activity_log_objects" TO "account";

-- rights of a reader
GRANT SELECT ON "activity_log_daily" TO "account";

-- rights of a reader
GRANT SELECT ON "activity_log_store" TO "account";

-- remove old rows
DELETE FROM "activity_log_store" WHERE action_time < toDateTime64('1970-01-01 00:00:00.000000', 6, 'UTC') AND recorded_at < toDateTime64('1970-01-01 00:00:00.000000', 6, 'UTC');

-- count old rows
SELECT count() FROM "activity_log" WHERE action_time < toDateTime64('1970-01-01 00:00:00.000000', 6, 'UTC') AND recorded_at < toDateTime64('1970-01-01 00:00:00.000000', 6, 'UTC');

