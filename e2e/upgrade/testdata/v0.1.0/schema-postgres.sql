-- The schema of activity_log for postgres, from version 0 to 8, by "activitylog schema print".
-- Each statement leaves what is there already.

-- 00001_activity_log.sql
CREATE TABLE IF NOT EXISTS "activity_log" (
    event_id        uuid        NOT NULL, -- UUIDv7: its order is the order of action_time
    action_time     timestamptz NOT NULL,
    actor_id        text,
    actor_type      text,
    actor_name      text,
    impersonator_id text,
    tenant_id       text,
    action_type     text        NOT NULL,
    action_name     text,
    status          text        NOT NULL,
    error_type      text,
    object_type     text,
    object_id       text,
    object_name     text,
    remarks         text,
    data            jsonb       NOT NULL DEFAULT '{}',
    client_address  text,
    user_agent      text,
    session_id      text,
    service_name    text,
    trace_id        text,
    span_id         text,
    source          text        NOT NULL,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event_id)
);

-- What each index costs and serves: docs/adr/0011-indexes.md.
CREATE INDEX IF NOT EXISTS "activity_log_action_time_idx" ON "activity_log" (action_time);
CREATE INDEX IF NOT EXISTS "activity_log_actor_idx" ON "activity_log" (actor_id, action_time);
CREATE INDEX IF NOT EXISTS "activity_log_object_idx" ON "activity_log" (object_type, object_id, action_time);
CREATE INDEX IF NOT EXISTS "activity_log_trace_idx" ON "activity_log" USING hash (trace_id);
CREATE INDEX IF NOT EXISTS "activity_log_login_failed_idx" ON "activity_log" (action_time) WHERE action_type = 'Login Failed';

CREATE TABLE IF NOT EXISTS "activity_log_dead_letter" (
    event_id    uuid        NOT NULL PRIMARY KEY,
    action_time timestamptz NOT NULL,
    reason      text        NOT NULL, -- what the database said
    record      text        NOT NULL, -- the row, a JSON object of its columns
    recorded_at timestamptz NOT NULL DEFAULT now()
);

-- 00002_views.sql
-- Views whose names and columns stay the same: docs/audit/queries.md.

-- The view "activity_log_logins" is in 00004_folded_logins.sql.

-- What was done to an object, and what it changed: {"field": ["before", "after"]}.
CREATE OR REPLACE VIEW "activity_log_object_history" AS
SELECT event_id, object_type, object_id, object_name, action_time, action_type, action_name, status, error_type,
    actor_id, actor_name, impersonator_id, data -> 'changes' AS changes, remarks, service_name, trace_id
FROM "activity_log"
WHERE object_type IS NOT NULL AND object_id IS NOT NULL;

-- Activities of each day, in UTC. Each sampled read counts with its weight.
CREATE OR REPLACE VIEW "activity_log_daily" AS
SELECT CAST(action_time AT TIME ZONE 'UTC' AS date) AS day, service_name, source, action_type, status,
    count(*) AS records,
    sum(CASE WHEN jsonb_typeof(data -> 'sample_weight') = 'number' THEN CAST(data ->> 'sample_weight' AS double precision) ELSE 1 END) AS activities,
    count(DISTINCT actor_id) AS actors
FROM "activity_log"
GROUP BY 1, 2, 3, 4, 5;

-- 00003_login_attempts.sql
-- The view "activity_log_logins" is in 00004_folded_logins.sql.

-- 00004_folded_logins.sql
-- Logins, logouts, failed logins, and logins whose outcome nobody knows. claimed is the user name entered, and times
-- how many the row stands for: the processor folds those that nobody known repeats.
CREATE OR REPLACE VIEW "activity_log_logins" AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name, data ->> 'claimed' AS claimed,
    client_address, user_agent, session_id, service_name, trace_id,
    CASE WHEN source = 'derived' AND jsonb_typeof(data -> 'count') = 'number' THEN (data ->> 'count')::numeric ELSE 1 END AS times
FROM "activity_log"
WHERE action_type IN ('Login', 'Logout', 'Login Failed', 'Login Attempt');

-- 00005_objects.sql
-- Each object of each activity: the main one, and the others of data.objects.
CREATE OR REPLACE VIEW "activity_log_objects" AS
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    object_type, object_id, object_name, true AS is_main, service_name, trace_id
FROM "activity_log"
WHERE object_type IS NOT NULL OR object_id IS NOT NULL
UNION ALL
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    object.value ->> 'type', object.value ->> 'id', object.value ->> 'name', false, service_name, trace_id
FROM "activity_log"
CROSS JOIN LATERAL jsonb_array_elements(CASE WHEN jsonb_typeof(data -> 'objects') = 'array' THEN data -> 'objects' END) AS object (value)
WHERE data ? 'objects' AND jsonb_typeof(object.value) = 'object';

-- Only rows with such objects are in these. The first serves data -> 'objects' @> …, the second the view:
-- docs/adr/0023-several-objects.md.
CREATE INDEX IF NOT EXISTS "activity_log_objects_idx" ON "activity_log" USING gin ((data -> 'objects') jsonb_path_ops) WHERE data ? 'objects';
CREATE INDEX IF NOT EXISTS "activity_log_with_objects_idx" ON "activity_log" (action_time) WHERE data ? 'objects';

-- 00006_tenant_index.sql
-- Pages of one tenant, as package reader/feed shows them. Rows without a tenant are not in it, and cost nothing. Nor are
-- longer ids, which may not fit: docs/adr/0027-feed.md.
CREATE INDEX IF NOT EXISTS "activity_log_tenant_idx" ON "activity_log" (tenant_id, action_time) WHERE length(tenant_id) <= 255;

-- 00007_session_indexes.sql
-- What was done in one session, and by one person in the name of others. Rows without them are not in these indexes, and
-- cost nothing. Nor are longer values, which may not fit: docs/adr/0028-sparse-indexes.md.
CREATE INDEX IF NOT EXISTS "activity_log_session_idx" ON "activity_log" (session_id, action_time) WHERE length(session_id) <= 255;
CREATE INDEX IF NOT EXISTS "activity_log_impersonator_idx" ON "activity_log" (impersonator_id, action_time) WHERE length(impersonator_id) <= 255;

-- 00008_counts.sql
-- How many rows there are of each hour, by what is counted most: docs/adr/0029-counts.md. Both tables are empty until
-- counts are turned on. A key may be there many times: its count is the sum of n.
CREATE TABLE IF NOT EXISTS "activity_log_counts" (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hour         timestamptz NOT NULL, -- its beginning
    service_name text,
    tenant_id    text,
    action_type  text        NOT NULL,
    status       text        NOT NULL,
    n            bigint      NOT NULL
);
CREATE INDEX IF NOT EXISTS "activity_log_counts_hour_idx" ON "activity_log_counts" (hour);

-- Whether the counts are true: one row with the state "usable".
CREATE TABLE IF NOT EXISTS "activity_log_counts_state" (
    id         int         NOT NULL PRIMARY KEY, -- 1
    state      text        NOT NULL, -- building, usable or broken
    build      text        NOT NULL, -- another one for each time that the counts were built
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- The versions that were applied. One that is noted twice counts once.
CREATE TABLE IF NOT EXISTS activity_log_schema (
		id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
		version_id bigint NOT NULL,
		is_applied boolean NOT NULL,
		tstamp timestamp NOT NULL DEFAULT now()
	);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (0, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (1, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (2, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (3, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (4, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (5, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (6, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (7, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (8, true);
