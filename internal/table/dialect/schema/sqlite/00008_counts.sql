-- +goose Up
-- How many rows there are of each hour, by what is counted most: docs/adr/0029-counts.md. Both tables are empty until
-- counts are turned on. A key may be there many times: its count is the sum of n.
CREATE TABLE IF NOT EXISTS {{counts}} (
    id           INTEGER PRIMARY KEY,
    hour         TEXT    NOT NULL, -- its beginning, UTC, YYYY-MM-DD HH:00:00.000000
    service_name TEXT,
    tenant_id    TEXT,
    action_type  TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    n            INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS "{{index}}_counts_hour_idx" ON {{counts}} (hour);

-- Whether the counts are true: one row with the state "usable".
CREATE TABLE IF NOT EXISTS {{counts_state}} (
    id         INTEGER PRIMARY KEY, -- 1
    state      TEXT    NOT NULL, -- building, usable or broken
    build      TEXT    NOT NULL, -- another one for each time that the counts were built
    changed_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
