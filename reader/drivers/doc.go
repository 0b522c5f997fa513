// Package drivers opens a database for package reader, with the names of drivers and
// the data source names that the exporter takes. It has a driver for each database:
// modernc.org/sqlite, github.com/jackc/pgx/v5, github.com/go-sql-driver/mysql and
// github.com/ClickHouse/clickhouse-go/v2. A service that has one of them already can
// use reader.New, and gets none of the others.
//
// The database itself refuses to write on these connections:
//
//   - SQLite: the file is opened with mode=ro and query_only.
//   - PostgreSQL: default_transaction_read_only is on.
//   - MySQL and MariaDB: the session is read-only.
//   - ClickHouse: the setting readonly is 2.
//
// This guards against mistakes, not against whoever has the password: give readers an
// account that may only read.
//
// No error of this package has a password in it.
package drivers
