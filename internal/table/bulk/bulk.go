// Package bulk loads many rows at once: by COPY into PostgreSQL, by LOAD DATA into
// MySQL, by native blocks into ClickHouse. It also finds out which of many ids exist
// in a table. It works in transactions, and by connections, that internal/store begins
// and ends.
package bulk

import (
	"context"
	"database/sql"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// Loader is the ability to load many rows by a bulk protocol.
type Loader interface {
	// Load adds all rows to a table in tx, unchanged, or returns an error. The table
	// is quoted already. tx is open on conn. Use conn only for Raw: a statement on it
	// that finds a broken connection waits for ever for tx to end, and so does Raw if
	// its function returns driver.ErrBadConn.
	Load(ctx context.Context, conn *sql.Conn, tx *sql.Tx, table string, rows []row.Row) error
}

// DryRunner is the ability to try many rows, each alone, in one round trip.
type DryRunner interface {
	// DryRun inserts each row and rolls back to the savepoint of [dialect.Savepoints],
	// which must be set in the transaction on conn. It returns one error for each row,
	// nil if the table accepts it.
	DryRun(ctx context.Context, conn *sql.Conn, table string, rows []row.Row) (verdicts []error, err error)
}

// LoaderOf returns the loader for a dialect, or nil.
func LoaderOf(d dialect.Dialect) Loader {
	switch d := d.(type) {
	case dialect.Postgres:
		return postgres{d}
	case dialect.MySQL:
		return mysqlBulk{}
	}
	return nil
}

// DryRunnerOf returns the dry runner for a dialect, or nil.
func DryRunnerOf(d dialect.Dialect) DryRunner {
	if d, ok := d.(dialect.Postgres); ok {
		return postgres{d}
	}
	return nil
}
