-- +goose Up
CREATE TABLE IF NOT EXISTS {{table}} (
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
CREATE INDEX IF NOT EXISTS "{{index}}_action_time_idx" ON {{table}} (action_time);
CREATE INDEX IF NOT EXISTS "{{index}}_actor_idx" ON {{table}} (actor_id, action_time);
CREATE INDEX IF NOT EXISTS "{{index}}_object_idx" ON {{table}} (object_type, object_id, action_time);
CREATE INDEX IF NOT EXISTS "{{index}}_trace_idx" ON {{table}} (trace_id);
CREATE INDEX IF NOT EXISTS "{{index}}_login_failed_idx" ON {{table}} (action_time) WHERE action_type = 'Login Failed';

CREATE TABLE IF NOT EXISTS {{dead_letter}} (
    event_id    TEXT NOT NULL PRIMARY KEY,
    action_time TEXT NOT NULL,
    reason      TEXT NOT NULL, -- what the database said
    record      TEXT NOT NULL, -- the row, a JSON object of its columns
    recorded_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
