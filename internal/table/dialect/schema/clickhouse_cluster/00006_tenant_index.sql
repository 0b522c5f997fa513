-- +goose NO TRANSACTION
-- +goose Up
-- Other databases get an index of tenants here. ClickHouse has none, because an index that is added later needs the right
-- ALTER, which accounts of collectors did not need so far. docs/databases/clickhouse.md has the statement.
SELECT 1;
