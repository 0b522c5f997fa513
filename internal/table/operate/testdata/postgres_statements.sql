-- clock
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

-- oldest and newest
SELECT (SELECT min(action_time) FROM "activity_log"), (SELECT max(action_time) FROM "activity_log");

-- what is there
SELECT CASE WHEN relkind IN ('v', 'm') THEN 'view' WHEN relkind IN ('i', 'I') THEN 'index' ELSE 'table' END, relname::text
		FROM pg_class WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'i', 'I')
		AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('"activity_log"'));

-- rows, with 1 arguments
SELECT event_id::text, actor_id, actor_type, actor_name, impersonator_id, tenant_id, action_type, action_name, status, error_type, object_type, object_id, object_name, remarks, data, client_address, user_agent, session_id, service_name, trace_id, span_id, source FROM "activity_log" WHERE event_id = ANY ($1::uuid[]);

-- dead letters, with 2 arguments
SELECT event_id::text, recorded_at, reason, record FROM "activity_log_dead_letter" WHERE event_id > $1::uuid ORDER BY "activity_log_dead_letter".event_id LIMIT $2;

-- dead letters by their ids, with 1 arguments
SELECT event_id::text, recorded_at, reason, record FROM "activity_log_dead_letter" WHERE event_id = ANY ($1::uuid[]);

-- delete dead letters, with 1 arguments
DELETE FROM "activity_log_dead_letter" WHERE event_id = ANY ($1::uuid[]);

-- reasons
SELECT reason, count(*) FROM "activity_log_dead_letter" GROUP BY reason;

-- rights of a collector
GRANT INSERT, SELECT (event_id, action_time) ON "activity_log", "activity_log_dead_letter" TO "account";

-- rights of a collector
GRANT SELECT (event_id, action_time, actor_id, impersonator_id, tenant_id, action_type, action_name, status, object_type, object_id, client_address, service_name, trace_id, span_id) ON "activity_log" TO "account";

-- rights of a collector
GRANT SELECT (event_id, record) ON "activity_log_dead_letter" TO "account";

-- rights of a collector
GRANT INSERT ON "activity_log_counts" TO "account";

-- rights of a collector
GRANT SELECT ON "activity_log_counts_state" TO "account";

-- rights of a auditor
GRANT SELECT ON "activity_log", "activity_log_dead_letter", "activity_log_logins", "activity_log_object_history", "activity_log_objects", "activity_log_daily", "activity_log_counts", "activity_log_counts_state" TO "account";

-- rights of a reader
GRANT SELECT ON "activity_log", "activity_log_logins", "activity_log_object_history", "activity_log_objects", "activity_log_daily", "activity_log_counts", "activity_log_counts_state" TO "account";

