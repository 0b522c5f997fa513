-- +goose Up
CREATE TABLE IF NOT EXISTS {{table}} (
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
    PRIMARY KEY ({{key}})
){{partition_by}};
{{default_partition}}
-- What each index costs and serves: docs/adr/0011-indexes.md.
CREATE INDEX IF NOT EXISTS "{{index}}_{{other_key}}_idx" ON {{table}} ({{other_key}});
CREATE INDEX IF NOT EXISTS "{{late_actor}}" ON {{late}} (actor_id, action_time);
CREATE INDEX IF NOT EXISTS "{{index}}_object_idx" ON {{table}} (object_type, object_id, action_time);
CREATE INDEX IF NOT EXISTS "{{late_trace}}" ON {{late}} USING hash (trace_id);
CREATE INDEX IF NOT EXISTS "{{index}}_login_failed_idx" ON {{table}} (action_time) WHERE action_type = 'Login Failed';

CREATE TABLE IF NOT EXISTS {{dead_letter}} (
    event_id    uuid        NOT NULL PRIMARY KEY,
    action_time timestamptz NOT NULL,
    reason      text        NOT NULL, -- what the database said
    record      text        NOT NULL, -- the row, a JSON object of its columns
    recorded_at timestamptz NOT NULL DEFAULT now()
);
