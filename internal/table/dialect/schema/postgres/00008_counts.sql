-- +goose Up
-- How many rows there are of each hour, by what is counted most: docs/adr/0029-counts.md. Both tables are empty until
-- counts are turned on. A key may be there many times: its count is the sum of n.
CREATE TABLE IF NOT EXISTS {{counts}} (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hour         timestamptz NOT NULL, -- its beginning
    service_name text,
    tenant_id    text,
    action_type  text        NOT NULL,
    status       text        NOT NULL,
    n            bigint      NOT NULL
);
CREATE INDEX IF NOT EXISTS "{{index}}_counts_hour_idx" ON {{counts}} (hour);

-- Whether the counts are true: one row with the state "usable".
CREATE TABLE IF NOT EXISTS {{counts_state}} (
    id         int         NOT NULL PRIMARY KEY, -- 1
    state      text        NOT NULL, -- building, usable or broken
    build      text        NOT NULL, -- another one for each time that the counts were built
    changed_at timestamptz NOT NULL DEFAULT now()
);
