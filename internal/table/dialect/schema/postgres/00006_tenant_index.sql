-- +goose Up
-- Pages of one tenant, as package reader/feed shows them. Rows without a tenant are not in it, and cost nothing. Nor are
-- longer ids, which may not fit: docs/adr/0027-feed.md.
CREATE INDEX IF NOT EXISTS "{{index}}_tenant_idx" ON {{table}} (tenant_id, action_time) WHERE length(tenant_id) <= 255;
