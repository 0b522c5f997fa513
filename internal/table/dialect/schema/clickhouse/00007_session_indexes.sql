-- +goose NO TRANSACTION
-- +goose Up
-- Other databases get indexes of sessions and impersonators here. ClickHouse has none, because an index that is added
-- later needs the right ALTER, which accounts of collectors did not need so far. docs/databases/clickhouse.md has the
-- statements.
SELECT 1;
