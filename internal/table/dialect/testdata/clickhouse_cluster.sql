-- +goose NO TRANSACTION
-- +goose Up

-- What holds the rows, on each server its shard. A row may be here more than once, until a merge; all copies of a row
-- have the same key, and so are in the same partition of the same shard. The servers need the macros shard and replica.
CREATE TABLE IF NOT EXISTS "audit"."activity_log_local" ON CLUSTER 'main' (
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', precedence)
PARTITION BY toYYYYMM(action_time)
ORDER BY (action_time, event_id)
SETTINGS
    -- An acknowledged row is on the disk of one replica: ClickHouse leaves that to the operating system otherwise.
    fsync_after_insert = 1, fsync_part_directory = 1,
    -- An insert that comes again is written again, so that no server can ignore the retry of one that it lost.
    replicated_deduplication_window = 0,
    ttl_only_drop_parts = 1;

-- Each row of the shard once. It is on the server that has the rows, so that conditions are met there.
CREATE VIEW IF NOT EXISTS "audit"."activity_log_shard" ON CLUSTER 'main' AS
SELECT
    toString(event_id) AS event_id, -- as text, its order is the order of action_time
    action_time, actor_id, actor_type, actor_name, impersonator_id, tenant_id, action_type, action_name, status, error_type,
    object_type, object_id, object_name, remarks, data, client_address, user_agent, session_id, service_name, trace_id,
    span_id, source, recorded_at
FROM "audit"."activity_log_local" FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- What is written: a row always goes to the same shard.
CREATE TABLE IF NOT EXISTS "audit"."activity_log_store" ON CLUSTER 'main' AS "audit"."activity_log_local"
ENGINE = Distributed('main', 'audit', 'activity_log_local', sipHash64(event_id));

-- What is read: each row once.
CREATE TABLE IF NOT EXISTS "audit"."activity_log" ON CLUSTER 'main' AS "audit"."activity_log_shard"
ENGINE = Distributed('main', 'audit', 'activity_log_shard');

CREATE TABLE IF NOT EXISTS "audit"."activity_log_dead_letter_local" ON CLUSTER 'main' (
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', precedence)
ORDER BY event_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0;

CREATE VIEW IF NOT EXISTS "audit"."activity_log_dead_letter_shard" ON CLUSTER 'main' AS
SELECT toString(event_id) AS event_id, action_time, reason, record, recorded_at
FROM "audit"."activity_log_dead_letter_local" FINAL;

CREATE TABLE IF NOT EXISTS "audit"."activity_log_dead_letter_store" ON CLUSTER 'main' AS "audit"."activity_log_dead_letter_local"
ENGINE = Distributed('main', 'audit', 'activity_log_dead_letter_local', sipHash64(event_id));

CREATE TABLE IF NOT EXISTS "audit"."activity_log_dead_letter" ON CLUSTER 'main' AS "audit"."activity_log_dead_letter_shard"
ENGINE = Distributed('main', 'audit', 'activity_log_dead_letter_shard');
-- +goose NO TRANSACTION
-- +goose Up
-- Views whose names and columns stay the same: docs/audit/queries.md.

-- Logins, logouts and failed logins. A failed login has no actor; claimed is the user name entered.
CREATE VIEW IF NOT EXISTS "audit"."activity_log_logins" ON CLUSTER 'main' AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name,
    nullIf(JSONExtractString(data, 'claimed'), '') AS claimed,
    client_address, user_agent, session_id, service_name, trace_id
FROM "audit"."activity_log"
WHERE action_type IN ('Login', 'Logout', 'Login Failed');

-- What was done to an object, and what it changed: {"field": ["before", "after"]}.
CREATE VIEW IF NOT EXISTS "audit"."activity_log_object_history" ON CLUSTER 'main' AS
SELECT event_id, object_type, object_id, object_name, action_time, action_type, action_name, status, error_type,
    actor_id, actor_name, impersonator_id, nullIf(JSONExtractRaw(data, 'changes'), '') AS changes, remarks, service_name, trace_id
FROM "audit"."activity_log"
WHERE object_type IS NOT NULL AND object_id IS NOT NULL;

-- Activities of each day, in UTC. Each sampled read counts with its weight.
CREATE VIEW IF NOT EXISTS "audit"."activity_log_daily" ON CLUSTER 'main' AS
SELECT toDate(action_time) AS day, service_name, source, action_type, status,
    count() AS records,
    sum(if(JSONType(data, 'sample_weight') IN ('Int64', 'UInt64', 'Double'), JSONExtractFloat(data, 'sample_weight'), 1)) AS activities,
    uniqExact(actor_id) AS actors
FROM "audit"."activity_log"
GROUP BY day, service_name, source, action_type, status;
-- +goose NO TRANSACTION
-- +goose Up
-- Logins, logouts, failed logins, and logins whose outcome nobody knows. claimed is the user name entered.
CREATE OR REPLACE VIEW "audit"."activity_log_logins" ON CLUSTER 'main' AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name,
    nullIf(JSONExtractString(data, 'claimed'), '') AS claimed,
    client_address, user_agent, session_id, service_name, trace_id
FROM "audit"."activity_log"
WHERE action_type IN ('Login', 'Logout', 'Login Failed', 'Login Attempt');
-- +goose NO TRANSACTION
-- +goose Up
-- Logins, logouts, failed logins, and logins whose outcome nobody knows. claimed is the user name entered, and times
-- how many the row stands for: the processor folds those that nobody known repeats.
CREATE OR REPLACE VIEW "audit"."activity_log_logins" ON CLUSTER 'main' AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name,
    nullIf(JSONExtractString(data, 'claimed'), '') AS claimed,
    client_address, user_agent, session_id, service_name, trace_id,
    if(source = 'derived' AND JSONType(data, 'count') IN ('Int64', 'UInt64'), JSONExtractUInt(data, 'count'), 1) AS times
FROM "audit"."activity_log"
WHERE action_type IN ('Login', 'Logout', 'Login Failed', 'Login Attempt');
-- +goose NO TRANSACTION
-- +goose Up
-- Each object of each activity: the main one, and the others of data.objects.
CREATE OR REPLACE VIEW "audit"."activity_log_objects" ON CLUSTER 'main' AS
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    object_type, object_id, object_name, true AS is_main, service_name, trace_id
FROM "audit"."activity_log"
WHERE object_type IS NOT NULL OR object_id IS NOT NULL
UNION ALL
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    nullIf(if(JSONType(object, 'type') IN ('Int64', 'UInt64', 'Double'), JSONExtractRaw(object, 'type'), JSONExtractString(object, 'type')), '') AS object_type,
    nullIf(if(JSONType(object, 'id') IN ('Int64', 'UInt64', 'Double'), JSONExtractRaw(object, 'id'), JSONExtractString(object, 'id')), '') AS object_id,
    nullIf(if(JSONType(object, 'name') IN ('Int64', 'UInt64', 'Double'), JSONExtractRaw(object, 'name'), JSONExtractString(object, 'name')), '') AS object_name,
    false AS is_main, service_name, trace_id
FROM "audit"."activity_log"
ARRAY JOIN JSONExtractArrayRaw(data, 'objects') AS object
WHERE position(data, '"objects":[') > 0 AND startsWith(object, '{');
-- +goose NO TRANSACTION
-- +goose Up
-- Other databases get an index of tenants here. ClickHouse has none, because an index that is added later needs the right
-- ALTER, which accounts of collectors did not need so far. docs/databases/clickhouse.md has the statement.
SELECT 1;
-- +goose NO TRANSACTION
-- +goose Up
-- Other databases get indexes of sessions and impersonators here. ClickHouse has none, because an index that is added
-- later needs the right ALTER, which accounts of collectors did not need so far. docs/databases/clickhouse.md has the
-- statements.
SELECT 1;
-- +goose NO TRANSACTION
-- +goose Up
-- Other databases get tables of counts here. ClickHouse counts a million rows in milliseconds, and a view that keeps
-- counts there would count rows that are received twice: docs/adr/0029-counts.md.
SELECT 1;
