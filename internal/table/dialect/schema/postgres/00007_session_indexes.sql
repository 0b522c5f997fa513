-- +goose Up
-- What was done in one session, and by one person in the name of others. Rows without them are not in these indexes, and
-- cost nothing. Nor are longer values, which may not fit: docs/adr/0028-sparse-indexes.md.
CREATE INDEX IF NOT EXISTS "{{index}}_session_idx" ON {{table}} (session_id, action_time) WHERE length(session_id) <= 255;
CREATE INDEX IF NOT EXISTS "{{index}}_impersonator_idx" ON {{table}} (impersonator_id, action_time) WHERE length(impersonator_id) <= 255;
