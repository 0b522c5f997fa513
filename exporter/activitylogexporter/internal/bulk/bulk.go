// Package bulk moves many rows at once, by the protocols that databases have beside
// SQL statements: COPY of PostgreSQL, LOAD DATA of MySQL, blocks of ClickHouse. It
// also finds out which of many ids a table has. It works within transactions that
// internal/store has begun, and ends none.
package bulk

import (
	"context"
	"database/sql"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

// Loader is the ability to load many rows by a bulk protocol.
type Loader interface {
	// Load adds rows to a table in tx, all of them and unchanged, or fails. The
	// table is quoted already. conn, on which tx is open, is for Raw alone: when
	// a statement of its own finds a broken connection, it waits for tx to end,
	// for ever. So does Raw, when what it calls returns driver.ErrBadConn.
	Load(ctx context.Context, conn *sql.Conn, tx *sql.Tx, table string, rows []row.Row) error
}

// DryRunner is the ability to try many rows, each of them alone, in one go.
type DryRunner interface {
	// DryRun writes each row and takes it back, within a transaction that is open
	// on conn and has the savepoint of [dialect.Savepoints]. It returns the error
	// of each row, nil for those that the table takes.
	DryRun(ctx context.Context, conn *sql.Conn, table string, rows []row.Row) (verdicts []error, err error)
}

// LoaderOf returns the loader for a dialect, or nil.
func LoaderOf(d dialect.Dialect) Loader {
	switch d := d.(type) {
	case dialect.Postgres:
		return postgres{d}
	case dialect.MySQL:
		return mysqlBulk{}
	case dialect.ClickHouse:
		return clickhouse{d}
	}
	return nil
}

// DryRunnerOf returns what tries rows for a dialect, or nil.
func DryRunnerOf(d dialect.Dialect) DryRunner {
	if d, ok := d.(dialect.Postgres); ok {
		return postgres{d}
	}
	return nil
}
