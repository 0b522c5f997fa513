-- +goose Up
-- Other databases get indexes of sessions and impersonators here. MySQL and MariaDB have no indexes of some rows only, so
-- rows without them would pay. docs/databases/mysql.md has the statements.
SELECT 1;
