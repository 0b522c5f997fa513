-- The schema of activity_log for sqlite, from version 0 to 8, by "activitylog schema print".
-- Each statement leaves what is there already.

-- 00001_activity_log.sql
CREATE TABLE IF NOT EXISTS "activity_log" (
    event_id        TEXT NOT NULL PRIMARY KEY, -- UUIDv7: its order is the order of action_time
    action_time     TEXT NOT NULL,             -- UTC, YYYY-MM-DD HH:MM:SS.ffffff
    actor_id        TEXT,
    actor_type      TEXT,
    actor_name      TEXT,
    impersonator_id TEXT,
    tenant_id       TEXT,
    action_type     TEXT NOT NULL,
    action_name     TEXT,
    status          TEXT NOT NULL,
    error_type      TEXT,
    object_type     TEXT,
    object_id       TEXT,
    object_name     TEXT,
    remarks         TEXT,
    data            TEXT NOT NULL DEFAULT '{}', -- a JSON object
    client_address  TEXT,
    user_agent      TEXT,
    session_id      TEXT,
    service_name    TEXT,
    trace_id        TEXT,
    span_id         TEXT,
    source          TEXT NOT NULL,
    recorded_at     TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE INDEX IF NOT EXISTS "activity_log_action_time_idx" ON "activity_log" (action_time);
CREATE INDEX IF NOT EXISTS "activity_log_actor_idx" ON "activity_log" (actor_id, action_time);
CREATE INDEX IF NOT EXISTS "activity_log_object_idx" ON "activity_log" (object_type, object_id, action_time);
CREATE INDEX IF NOT EXISTS "activity_log_trace_idx" ON "activity_log" (trace_id);
CREATE INDEX IF NOT EXISTS "activity_log_login_failed_idx" ON "activity_log" (action_time) WHERE action_type = 'Login Failed';

CREATE TABLE IF NOT EXISTS "activity_log_dead_letter" (
    event_id    TEXT NOT NULL PRIMARY KEY,
    action_time TEXT NOT NULL,
    reason      TEXT NOT NULL, -- what the database said
    record      TEXT NOT NULL, -- the row, a JSON object of its columns
    recorded_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);

-- 00002_views.sql
-- Views whose names and columns stay the same: docs/audit/queries.md.

-- Logins, logouts and failed logins. A failed login has no actor; claimed is the user name entered.
CREATE VIEW IF NOT EXISTS "activity_log_logins" AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name, json_extract(data, '$.claimed') AS claimed,
    client_address, user_agent, session_id, service_name, trace_id
FROM "activity_log"
WHERE action_type IN ('Login', 'Logout', 'Login Failed');

-- What was done to an object, and what it changed: {"field": ["before", "after"]}.
CREATE VIEW IF NOT EXISTS "activity_log_object_history" AS
SELECT event_id, object_type, object_id, object_name, action_time, action_type, action_name, status, error_type,
    actor_id, actor_name, impersonator_id, json_extract(data, '$.changes') AS changes, remarks, service_name, trace_id
FROM "activity_log"
WHERE object_type IS NOT NULL AND object_id IS NOT NULL;

-- Activities of each day, in UTC. Each sampled read counts with its weight.
CREATE VIEW IF NOT EXISTS "activity_log_daily" AS
SELECT substr(action_time, 1, 10) AS day, service_name, source, action_type, status,
    count(*) AS records,
    sum(CASE WHEN json_type(data, '$.sample_weight') IN ('integer', 'real') THEN json_extract(data, '$.sample_weight') ELSE 1 END) AS activities,
    count(DISTINCT actor_id) AS actors
FROM "activity_log"
GROUP BY 1, 2, 3, 4, 5;

-- 00003_login_attempts.sql
-- Logins, logouts, failed logins, and logins whose outcome nobody knows. claimed is the user name entered.
DROP VIEW IF EXISTS "activity_log_logins";
CREATE VIEW IF NOT EXISTS "activity_log_logins" AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name, json_extract(data, '$.claimed') AS claimed,
    client_address, user_agent, session_id, service_name, trace_id
FROM "activity_log"
WHERE action_type IN ('Login', 'Logout', 'Login Failed', 'Login Attempt');

-- 00004_folded_logins.sql
-- Logins, logouts, failed logins, and logins whose outcome nobody knows. claimed is the user name entered, and times
-- how many the row stands for: the processor folds those that nobody known repeats.
DROP VIEW IF EXISTS "activity_log_logins";
CREATE VIEW IF NOT EXISTS "activity_log_logins" AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name, json_extract(data, '$.claimed') AS claimed,
    client_address, user_agent, session_id, service_name, trace_id,
    CASE WHEN source = 'derived' AND json_type(data, '$.count') = 'integer' THEN json_extract(data, '$.count') ELSE 1 END AS times
FROM "activity_log"
WHERE action_type IN ('Login', 'Logout', 'Login Failed', 'Login Attempt');

-- 00005_objects.sql
-- Each object of each activity: the main one, and the others of data.objects.
DROP VIEW IF EXISTS "activity_log_objects";
CREATE VIEW IF NOT EXISTS "activity_log_objects" AS
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    object_type, object_id, object_name, 1 AS is_main, service_name, trace_id
FROM "activity_log"
WHERE object_type IS NOT NULL OR object_id IS NOT NULL
UNION ALL
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    CAST(json_extract(object.value, '$.type') AS TEXT), CAST(json_extract(object.value, '$.id') AS TEXT),
    CAST(json_extract(object.value, '$.name') AS TEXT), 0, service_name, trace_id
FROM "activity_log" AS activity
CROSS JOIN json_each(activity.data, '$.objects') AS object
WHERE instr(activity.data, '"objects":[') > 0 AND json_type(activity.data, '$.objects') = 'array' AND object.type = 'object';

-- Only rows that may have such objects are in it, so that the view reads no others.
CREATE INDEX IF NOT EXISTS "activity_log_with_objects_idx" ON "activity_log" (action_time) WHERE instr(data, '"objects":[') > 0;

-- 00006_tenant_index.sql
-- Pages of one tenant, as package reader/feed shows them. Rows without a tenant are not in it, and cost nothing:
-- docs/adr/0027-feed.md.
CREATE INDEX IF NOT EXISTS "activity_log_tenant_idx" ON "activity_log" (tenant_id, action_time) WHERE tenant_id IS NOT NULL;

-- 00007_session_indexes.sql
-- What was done in one session, and by one person in the name of others. Rows without them are not in these indexes, and
-- cost nothing: docs/adr/0028-sparse-indexes.md.
CREATE INDEX IF NOT EXISTS "activity_log_session_idx" ON "activity_log" (session_id, action_time) WHERE session_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS "activity_log_impersonator_idx" ON "activity_log" (impersonator_id, action_time) WHERE impersonator_id IS NOT NULL;

-- 00008_counts.sql
-- How many rows there are of each hour, by what is counted most: docs/adr/0029-counts.md. Both tables are empty until
-- counts are turned on. A key may be there many times: its count is the sum of n.
CREATE TABLE IF NOT EXISTS "activity_log_counts" (
    id           INTEGER PRIMARY KEY,
    hour         TEXT    NOT NULL, -- its beginning, UTC, YYYY-MM-DD HH:00:00.000000
    service_name TEXT,
    tenant_id    TEXT,
    action_type  TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    n            INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS "activity_log_counts_hour_idx" ON "activity_log_counts" (hour);

-- Whether the counts are true: one row with the state "usable".
CREATE TABLE IF NOT EXISTS "activity_log_counts_state" (
    id         INTEGER PRIMARY KEY, -- 1
    state      TEXT    NOT NULL, -- building, usable or broken
    build      TEXT    NOT NULL, -- another one for each time that the counts were built
    changed_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);

-- The versions that were applied. One that is noted twice counts once.
CREATE TABLE IF NOT EXISTS activity_log_schema (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
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
