-- The schema of activity_log for clickhouse, from version 0 to 8, by "activitylog schema print".
-- Each statement leaves what is there already.

-- 00001_activity_log.sql
-- What is written: a row may be here more than once, until a merge. All copies of a row have the same key, and so are
-- in the same partition: action_time is a function of event_id. Retention is by month, "ALTER TABLE ... DROP PARTITION"
-- or "ALTER TABLE ... MODIFY TTL toDateTime(action_time) + INTERVAL 1 YEAR".
CREATE TABLE IF NOT EXISTS "activity_log_store" (
    event_id        UUID CODEC(ZSTD(1)), -- UUIDv7; ClickHouse sorts UUIDs by their second half, so never sort by it
    action_time     DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    actor_id        Nullable(String) CODEC(ZSTD(1)),
    actor_type      Nullable(String) CODEC(ZSTD(1)),
    actor_name      Nullable(String) CODEC(ZSTD(1)),
    impersonator_id Nullable(String) CODEC(ZSTD(1)),
    tenant_id       Nullable(String) CODEC(ZSTD(1)),
    action_type     LowCardinality(String) CODEC(ZSTD(1)), -- what may be NULL is not: the Go driver reads that wrongly
    action_name     Nullable(String) CODEC(ZSTD(1)),
    status          LowCardinality(String) CODEC(ZSTD(1)),
    error_type      Nullable(String) CODEC(ZSTD(1)),
    object_type     Nullable(String) CODEC(ZSTD(1)),
    object_id       Nullable(String) CODEC(ZSTD(1)),
    object_name     Nullable(String) CODEC(ZSTD(1)),
    remarks         Nullable(String) CODEC(ZSTD(1)),
    data            String DEFAULT '{}' CODEC(ZSTD(1)), -- a JSON object, as text: the type JSON changes what it is given
    client_address  Nullable(String) CODEC(ZSTD(1)),
    user_agent      Nullable(String) CODEC(ZSTD(1)),
    session_id      Nullable(String) CODEC(ZSTD(1)),
    service_name    Nullable(String) CODEC(ZSTD(1)),
    trace_id        Nullable(String) CODEC(ZSTD(1)),
    span_id         Nullable(String) CODEC(ZSTD(1)),
    source          LowCardinality(String) CODEC(ZSTD(1)),
    recorded_at     DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    -- ReplacingMergeTree keeps the copy with the highest version. This one falls with time, so that the first is kept.
    precedence      UInt64 MATERIALIZED bitNot(toUInt64(toUnixTimestamp64Nano(now64(9, 'UTC')))) CODEC(Delta, ZSTD(1)),
    INDEX event_idx toString(event_id) TYPE bloom_filter,
    INDEX actor_idx actor_id TYPE bloom_filter,
    INDEX object_idx object_id TYPE bloom_filter,
    INDEX trace_idx trace_id TYPE bloom_filter
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(action_time)
ORDER BY (action_time, event_id)
SETTINGS
    -- An acknowledged row is on disk: ClickHouse leaves that to the operating system otherwise.
    fsync_after_insert = 1, fsync_part_directory = 1,
    -- Not a window of inserts to be ignored when they come again: a server that is killed between noting an insert there
    -- and keeping it would ignore the retry, and the rows would be lost.
    non_replicated_deduplication_window = 0,
    ttl_only_drop_parts = 1;

-- What is read: each row once, at any time, whatever has been merged.
CREATE VIEW IF NOT EXISTS "activity_log" AS
SELECT
    toString(event_id) AS event_id, -- as text, its order is the order of action_time
    action_time, actor_id, actor_type, actor_name, impersonator_id, tenant_id, action_type, action_name, status, error_type,
    object_type, object_id, object_name, remarks, data, client_address, user_agent, session_id, service_name, trace_id,
    span_id, source, recorded_at
FROM "activity_log_store" FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE TABLE IF NOT EXISTS "activity_log_dead_letter_store" (
    event_id    UUID CODEC(ZSTD(1)),
    -- From the id, to the microsecond; NULL after 2299, which DateTime64 cannot hold and would show as 2299.
    action_time Nullable(DateTime64(6, 'UTC')) DEFAULT if(
        reinterpretAsUInt64(reverse(substring(UUIDToNum(event_id), 1, 8))) < bitShiftLeft(toUInt64(10413792000000), 16),
        fromUnixTimestamp64Micro(toInt64(
            bitShiftRight(reinterpretAsUInt64(reverse(substring(UUIDToNum(event_id), 1, 8))), 16) * 1000
            + intDiv(bitAnd(reinterpretAsUInt64(reverse(substring(UUIDToNum(event_id), 1, 8))), 4095) * 1000, 4096)), 'UTC'),
        NULL),
    reason      String CODEC(ZSTD(1)), -- what the database said
    record      String CODEC(ZSTD(1)), -- the row, a JSON object of its columns
    recorded_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    precedence  UInt64 MATERIALIZED bitNot(toUInt64(toUnixTimestamp64Nano(now64(9, 'UTC')))) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(precedence)
ORDER BY event_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0;

CREATE VIEW IF NOT EXISTS "activity_log_dead_letter" AS
SELECT toString(event_id) AS event_id, action_time, reason, record, recorded_at
FROM "activity_log_dead_letter_store" FINAL;

-- 00002_views.sql
-- Views whose names and columns stay the same: docs/audit/queries.md.

-- Logins, logouts and failed logins. A failed login has no actor; claimed is the user name entered.
CREATE VIEW IF NOT EXISTS "activity_log_logins" AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name,
    nullIf(JSONExtractString(data, 'claimed'), '') AS claimed,
    client_address, user_agent, session_id, service_name, trace_id
FROM "activity_log"
WHERE action_type IN ('Login', 'Logout', 'Login Failed');

-- What was done to an object, and what it changed: {"field": ["before", "after"]}.
CREATE VIEW IF NOT EXISTS "activity_log_object_history" AS
SELECT event_id, object_type, object_id, object_name, action_time, action_type, action_name, status, error_type,
    actor_id, actor_name, impersonator_id, nullIf(JSONExtractRaw(data, 'changes'), '') AS changes, remarks, service_name, trace_id
FROM "activity_log"
WHERE object_type IS NOT NULL AND object_id IS NOT NULL;

-- Activities of each day, in UTC. Each sampled read counts with its weight.
CREATE VIEW IF NOT EXISTS "activity_log_daily" AS
SELECT toDate(action_time) AS day, service_name, source, action_type, status,
    count() AS records,
    sum(if(JSONType(data, 'sample_weight') IN ('Int64', 'UInt64', 'Double'), JSONExtractFloat(data, 'sample_weight'), 1)) AS activities,
    uniqExact(actor_id) AS actors
FROM "activity_log"
GROUP BY day, service_name, source, action_type, status;

-- 00003_login_attempts.sql
-- The view "activity_log_logins" is in 00004_folded_logins.sql.

-- 00004_folded_logins.sql
-- Logins, logouts, failed logins, and logins whose outcome nobody knows. claimed is the user name entered, and times
-- how many the row stands for: the processor folds those that nobody known repeats.
CREATE OR REPLACE VIEW "activity_log_logins" AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name,
    nullIf(JSONExtractString(data, 'claimed'), '') AS claimed,
    client_address, user_agent, session_id, service_name, trace_id,
    if(source = 'derived' AND JSONType(data, 'count') IN ('Int64', 'UInt64'), JSONExtractUInt(data, 'count'), 1) AS times
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
    nullIf(if(JSONType(object, 'type') IN ('Int64', 'UInt64', 'Double'), JSONExtractRaw(object, 'type'), JSONExtractString(object, 'type')), '') AS object_type,
    nullIf(if(JSONType(object, 'id') IN ('Int64', 'UInt64', 'Double'), JSONExtractRaw(object, 'id'), JSONExtractString(object, 'id')), '') AS object_id,
    nullIf(if(JSONType(object, 'name') IN ('Int64', 'UInt64', 'Double'), JSONExtractRaw(object, 'name'), JSONExtractString(object, 'name')), '') AS object_name,
    false AS is_main, service_name, trace_id
FROM "activity_log"
ARRAY JOIN JSONExtractArrayRaw(data, 'objects') AS object
WHERE position(data, '"objects":[') > 0 AND startsWith(object, '{');

-- 00006_tenant_index.sql
-- Other databases get an index of tenants here. ClickHouse has none, because an index that is added later needs the right
-- ALTER, which accounts of collectors did not need so far. docs/databases/clickhouse.md has the statement.
SELECT 1;

-- 00007_session_indexes.sql
-- Other databases get indexes of sessions and impersonators here. ClickHouse has none, because an index that is added
-- later needs the right ALTER, which accounts of collectors did not need so far. docs/databases/clickhouse.md has the
-- statements.
SELECT 1;

-- 00008_counts.sql
-- Other databases get tables of counts here. ClickHouse counts a million rows in milliseconds, and a view that keeps
-- counts there would count rows that are received twice: docs/adr/0029-counts.md.
SELECT 1;

-- The versions that were applied. One that is noted twice counts once.
CREATE TABLE IF NOT EXISTS activity_log_schema (
		version_id Int64,
		is_applied UInt8,
		date Date default now(),
		tstamp DateTime default now()
	  )
	  ENGINE = MergeTree()
		ORDER BY (date);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (0, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (1, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (2, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (3, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (4, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (5, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (6, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (7, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (8, true);
