-- +goose Up
-- Other databases get an index of tenants here. MySQL and MariaDB have no indexes of some rows only, so rows without a
-- tenant would pay for it. docs/databases/mysql.md has the statement.
SELECT 1;
