// Package dialect holds what differs between databases, as text and facts: SQL
// statements, the schema, and which errors are about a row rather than the database.
// It does no I/O. internal/bulk has the bulk protocols, internal/store writes.
package dialect

import (
	"io/fs"
	"slices"
	"strings"
	"time"

	goose "github.com/pressly/goose/v3/database/dialect"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

// Dialect is one kind of database.
type Dialect interface {
	// Driver is the name of the database/sql driver.
	Driver() string

	// DSN checks a data source name and completes it with the settings that
	// the dialect needs. Its errors do not contain the password.
	DSN(dsn string) (string, error)

	// Goose is the name by which github.com/pressly/goose knows the database. A
	// [Querier] has a name of its own; "" is for a dialect without migrations.
	Goose() string

	// Schema holds the numbered migrations of a table, complete with its name.
	Schema(table string) fs.FS

	// MaxConns is the number of connections that serve at once; 0: any.
	MaxConns() int

	// Insert is the statement that inserts one row, with the arguments of
	// [Dialect.Args], and skips it when a row of that event_id is there.
	Insert(table string) string

	// DeadLetter is the statement that keeps a refused row, likewise, with
	// the arguments event_id, action_time, reason and record.
	DeadLetter(table string) string

	// Args appends the arguments of [Dialect.Insert] for r: the values of
	// [Columns], and behind them what else the statement needs.
	Args(args []any, r *row.Row) []any

	// Classify says what an error of the database is about. It is the one
	// place where a dialect looks at error codes.
	Classify(err error) Verdict
}

// Kind is what an error is about.
type Kind int

// The kinds of errors.
const (
	// Database is everything that passes, or that somebody has to repair: no
	// connection, a full disk, what nobody knows. It is tried again later.
	Database Kind = iota
	// Contention is a deadlock or a serialization failure: the transaction is
	// tried again at once.
	Contention
	// Rejected is about a row, which this table will never take.
	Rejected
	// Conflict is a row that is there already, or may be: it is tried again, and
	// refused if it fails alone. Loading meets it, and [Generic].
	Conflict
	// Unsupported is an ability that this server lacks or does not allow.
	Unsupported
	// Denied is a right that the account does not have.
	Denied
	// Schema is a table or a column that is not there, or has another type.
	Schema
)

// Verdict is what [Dialect.Classify] finds.
type Verdict struct {
	Kind Kind
	Code string // the database's own error code
	Row  int    // the row that it is about, from 1, where the database says so

	// Stale: the connection must not be used again. Another one may reach a
	// server that can be written to, or have newer settings.
	Stale bool

	// TooSlow: the server stopped a statement that took too long. A smaller
	// transaction may fit.
	TooSlow bool
}

// MultiInserter is the ability to insert many rows with one statement.
type MultiInserter interface {
	// InsertMany returns a statement that inserts rows and skips those that
	// are there, and its arguments.
	InsertMany(table string, rows []row.Row) (query string, args []any)

	// MaxMany is the most rows that go into one statement.
	MaxMany() int
}

// Savepoints is the ability to take back a part of a transaction.
type Savepoints interface {
	// Savepoint returns the statements that set the one savepoint that is used,
	// go back to it (it stays), and give it up.
	Savepoint() (set, back, release string)
}

// standardSavepoint is for a dialect that has savepoints as standard SQL does.
type standardSavepoint struct{}

// Savepoint implements [Savepoints].
func (standardSavepoint) Savepoint() (set, back, release string) {
	return "SAVEPOINT activitylog", "ROLLBACK TO SAVEPOINT activitylog", "RELEASE SAVEPOINT activitylog"
}

// AtomicStatements is a database in which a statement that fails has done nothing,
// and leaves its transaction as it was.
type AtomicStatements interface {
	// AtomicStatements does nothing; it marks the dialect.
	AtomicStatements()
}

// DryRunner is a database in which a row can be written and taken back, to see
// whether the table takes it.
type DryRunner interface {
	// CanDryRun is a query that answers with one boolean: whether a transaction on
	// the table can be rolled back. "" is for a database where each one can.
	CanDryRun(table string) string
}

// Letter is a row that is to be kept as a dead letter.
type Letter struct {
	ID     activity.ID // in most cases that of the row
	Time   any         // action_time, as [Dialect.Args] has it
	Reason string
	Record string // [row.Row.JSON]
}

// Letters is the ability to keep many dead letters with one statement.
type Letters interface {
	// DeadLetters returns a statement that keeps letters, and skips those that
	// are there, and its arguments.
	DeadLetters(table string, letters []Letter) (query string, args []any)

	// MaxLetters is the most letters that go into one statement.
	MaxLetters() int
}

// letterColumns are the columns of a dead letter that are written.
var letterColumns = []string{"event_id", "action_time", "reason", "record"}

// Reader is the ability to read back rows and dead letters by their ids. An
// account that may only insert lacks the right to it ([Denied]).
type Reader interface {
	// Read is a query for the rows of a table with these ids, and its arguments.
	// It answers with event_id as text and then the columns.
	Read(table string, columns []string, ids []activity.ID) (query string, args []any)

	// MaxRead is the most ids of one query.
	MaxRead() int
}

// readIn is [Reader.Read] with one parameter for each id.
func readIn(quoted string, columns []string, ids []activity.ID, parameter func(n int) string) (query string, args []any) {
	parameters := make([]string, len(ids))
	for i, id := range ids {
		parameters[i] = parameter(i + 1)
		args = append(args, id.String())
	}
	return "SELECT event_id, " + strings.Join(columns, ", ") + " FROM " + quoted +
		" WHERE event_id IN (" + strings.Join(parameters, ", ") + ")", args
}

func questionMark(int) string { return "?" }

// Lookup is the ability to look up many ids at once, for a fraction of what it
// costs to write the rows.
type Lookup interface {
	// LookupIDs is a query, and its arguments, for the event_id, as text, of those
	// of rows that the table has, and perhaps of others.
	LookupIDs(table string, rows []row.Row) (query string, args []any)
	// MaxLookup is the most rows of one query; 0: any.
	MaxLookup() int
}

// RangeLookup is the ability to look up a range of ids, by the index of the key.
type RangeLookup interface {
	// BeforeLookup is a statement that is run first in the transaction.
	BeforeLookup() string
	// LookupRange is a query like that of LookupIDs for the ids from first to
	// last, up to limit.
	LookupRange(table string, first, last activity.ID, limit int) (query string, args []any)
}

// Stager is a database in which a bulk load fails if one of its rows is there
// already ([Conflict]). Rows of which some may be there go by way of another table.
type Stager interface {
	Staging(table string) Staging
}

// Staging is a table that only one connection sees, and the statements around
// it. All run in one transaction.
type Staging struct {
	Table  string   // where to load, quoted
	Before []string // make it, empty
	Merge  string   // move its rows on, but those that are there already
	After  []string // clear it, where the commit does not
}

// Locker is the ability to hold a lock against other connections. lock is a query
// that answers at once, with one boolean, whether it has the lock; unlock is for
// the same transaction, and "" where its end is enough. Without it, each migration
// must be safe to run twice at once.
type Locker interface {
	Lock(table string) (lock, unlock string)
}

// Querier is for a database that goose does not know: the statements for the
// table that holds the versions of the schema. [Generic] has most of them.
type Querier = goose.QuerierExtender

// DeadLetterConverter is for a dialect whose statement [Dialect.DeadLetter] takes other
// arguments.
type DeadLetterConverter interface {
	// DeadLetterArgs makes them of event_id, action_time, reason and record.
	DeadLetterArgs(args []any) []any
}

// Uncounted is a database that does not say how many of the rows it was given
// were new.
type Uncounted interface {
	// Uncounted does nothing; it marks the dialect.
	Uncounted()
}

// Options are the choices that a user has within a dialect.
type Options struct {
	Generic   Generic   // all of the dialect generic
	Partition Partition // how the table is partitioned; "" is [PartitionNone]
	Cluster   string    // [ClickHouse.Cluster]
}

// Drivers are the values that the configuration key driver takes.
func Drivers() []string {
	return []string{"clickhouse", "generic", "mariadb", "mysql", "postgres", "sqlite"}
}

// For returns the dialect that the configuration key driver names, or nil.
func For(driver string, options Options) Dialect {
	switch driver {
	case "clickhouse":
		return ClickHouse{Cluster: options.Cluster}
	case "generic":
		return options.Generic
	case "mariadb", "mysql":
		return MySQL{}
	case "postgres":
		return Postgres{Partition: options.Partition}
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

// firstID is before all ids of time t and after, and after all others.
func firstID(t time.Time) (id activity.ID) {
	id = activity.NewIDAt(t)
	clear(id[6:]) // all but the milliseconds
	return id
}

// expand returns the migrations of a folder with the names of a table in them:
// {{table}} and {{dead_letter}} stand for the two tables, {{logins}},
// {{object_history}} and {{daily}} for the views, all quoted, {{index}} for what the
// names of indexes begin with, and more holds further pairs.
func expand(fsys fs.FS, dir, table string, more ...string) fs.FS {
	return Expand(fsys, dir, append(more,
		"{{table}}", Quote(table),
		"{{dead_letter}}", Quote(DeadLetterTable(table)),
		"{{logins}}", Quote(table+"_logins"),
		"{{object_history}}", Quote(table+"_object_history"),
		"{{daily}}", Quote(table+"_daily"),
		"{{index}}", table[strings.LastIndexByte(table, '.')+1:],
	)...)
}
