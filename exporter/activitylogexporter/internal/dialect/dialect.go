// Package dialect says how each database wants its rows: SQL text, the schema,
// and which errors are about a row rather than the database. A dialect does no
// I/O and knows nothing of OpenTelemetry's data.
package dialect

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

// Dialect is one kind of database.
type Dialect interface {
	// Driver is the name of the database/sql driver.
	Driver() string

	// DSN checks a data source name and completes it with the settings that
	// the dialect needs. Its errors do not contain the password.
	DSN(dsn string) (string, error)

	// Goose is the name by which github.com/pressly/goose knows the database.
	Goose() string

	// Schema holds the numbered migrations, in which {{table}} and
	// {{dead_letter}} stand for the quoted names of the two tables, and
	// {{index}} for what the names of indexes begin with.
	Schema() fs.FS

	// MaxConns is the number of connections that serve at once; 0: any.
	MaxConns() int

	// Insert is the statement that inserts one row, with an argument for each
	// of [Columns], and skips it when a row of that event_id is there.
	Insert(table string) string

	// DeadLetter is the statement that keeps a refused row, likewise, with
	// the arguments event_id, action_time, reason and record.
	DeadLetter(table string) string

	// Args appends the arguments of [Dialect.Insert] for r.
	Args(args []any, r *row.Row) []any

	// Refused reports whether err says that this row will never be taken, and
	// the error code; any other error is about the database, and passes.
	Refused(err error) (code string, refused bool)
}

// Columnar is the ability to insert many rows with one statement that has an
// array for each column.
type Columnar interface {
	// InsertColumns is the statement, with an argument for each of [Columns].
	InsertColumns(table string) string

	// Arrays returns the arguments for rows.
	Arrays(rows []row.Row) []any
}

// Drivers are the values that the configuration key driver takes.
func Drivers() []string { return []string{"postgres", "sqlite"} }

// For returns the dialect that the configuration key driver names, or nil.
func For(driver string) Dialect {
	switch driver {
	case "postgres":
		return Postgres{}
	case "sqlite":
		return SQLite{}
	}
	return nil
}

// Columns are the columns that an exporter writes, in the order of the
// arguments; recorded_at is the database's own.
func Columns() []string {
	return slices.Concat([]string{"event_id", "action_time"}, row.Names[:])
}

// Quote quotes a table name, which may have a schema before it.
func Quote(table string) string {
	return `"` + strings.ReplaceAll(table, ".", `"."`) + `"`
}

// DeadLetterTable is where the refused rows of a table are kept.
func DeadLetterTable(table string) string { return table + "_dead_letter" }

// SchemaTable is where the versions of the schema of a table are kept.
func SchemaTable(table string) string { return table + "_schema" }

// nullable returns nil for "", which every database but one keeps apart from
// NULL, and people rarely mean.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}
