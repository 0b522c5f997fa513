-- +goose NO TRANSACTION
-- +goose Up

-- What is written: a row may be here more than once, until a merge. All copies of a row have the same key, and so are
-- in the same partition: action_time is a function of event_id. Retention is by month, "ALTER TABLE ... DROP PARTITION"
-- or "ALTER TABLE ... MODIFY TTL toDateTime(action_time) + INTERVAL 1 YEAR".
CREATE TABLE IF NOT EXISTS {{store}} (
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
CREATE VIEW IF NOT EXISTS {{table}} AS
SELECT
    toString(event_id) AS event_id, -- as text, its order is the order of action_time
    action_time, actor_id, actor_type, actor_name, impersonator_id, tenant_id, action_type, action_name, status, error_type,
    object_type, object_id, object_name, remarks, data, client_address, user_agent, session_id, service_name, trace_id,
    span_id, source, recorded_at
FROM {{store}} FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE TABLE IF NOT EXISTS {{dead_letter_store}} (
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

CREATE VIEW IF NOT EXISTS {{dead_letter}} AS
SELECT toString(event_id) AS event_id, action_time, reason, record, recorded_at
FROM {{dead_letter_store}} FINAL;
