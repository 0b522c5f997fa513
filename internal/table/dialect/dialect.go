// Package dialect holds the differences between databases as text and facts: SQL
// statements, the schema, and which errors are about a row rather than the database.
// It does no I/O: internal/bulk has the bulk protocols, and internal/store writes.
package dialect

import (
	"io/fs"
	"slices"
	"strings"
	"time"

	goose "github.com/pressly/goose/v3/database/dialect"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// Dialect is one kind of database.
type Dialect interface {
	// Driver is the name of the database/sql driver.
	Driver() string

	// DSN checks a data source name and completes it with the settings that
	// the dialect needs. Its errors do not contain the password.
	DSN(dsn string) (string, error)

	// Goose is the name of the database in github.com/pressly/goose, or any name if
	// the dialect is a [Querier]. "" is for a dialect without migrations.
	Goose() string

	// Schema holds the numbered migrations of a table, with its name filled in.
	Schema(table string) fs.FS

	// MaxConns is the most connections that can be used at once; 0: no limit.
	MaxConns() int

	// Insert is the statement that inserts one row, with the arguments of
	// [Dialect.Args], and skips it if its event_id exists.
	Insert(table string) string

	// DeadLetter is the statement that inserts a rejected row into the dead letter
	// table, and skips it if its event_id exists. Its arguments are event_id,
	// action_time, reason and record.
	DeadLetter(table string) string

	// Args appends the arguments of [Dialect.Insert] for r: the values of
	// [Columns], followed by any others that the statement needs.
	Args(args []any, r *row.Row) []any

	// Classify says what an error of the database is about. It is the one
	// place where a dialect looks at error codes.
	Classify(err error) Verdict
}

// Kind is what an error is about.
type Kind int

// The kinds of errors.
const (
	// Database is any error that passes or that somebody must fix: no connection, a
	// full disk, an unknown error. The transaction is retried later.
	Database Kind = iota
	// Contention is a deadlock or a serialization failure: the transaction is
	// retried at once.
	Contention
	// Rejected is about a row that this table will never accept.
	Rejected
	// Conflict is about a row that exists already, or may exist: it is retried, and
	// rejected if it fails alone. Bulk loads and [Generic] have such errors.
	Conflict
	// Unsupported is about an ability that this server lacks or does not allow.
	Unsupported
	// Denied is about a right that the account does not have.
	Denied
	// Schema is about a table or a column that does not exist or has another type.
	Schema
)

// Verdict is the result of [Dialect.Classify].
type Verdict struct {
	Kind Kind
	Code string // the database's own error code
	Row  int    // the number of the row, from 1, if the database names it

	// Stale means that the connection must not be used again. Another one may reach
	// a server that is not read-only, or have newer settings.
	Stale bool

	// TooSlow means that the server stopped a statement that took too long. A smaller
	// transaction may work.
	TooSlow bool
}

// MultiInserter is the ability to insert many rows with one statement.
type MultiInserter interface {
	// InsertMany returns a statement that inserts rows and skips those that exist,
	// and its arguments.
	InsertMany(table string, rows []row.Row) (query string, args []any)

	// MaxMany is the most rows of one statement.
	MaxMany() int
}

// BlockInserter is a database whose driver takes the rows of one insert as blocks of
// columns: ClickHouse, and what is made from [ClickHouse].
type BlockInserter interface {
	Dialect
	// InsertBlock is the statement for blocks of the columns [Columns] into a table
	// whose name is not quoted.
	InsertBlock(table string) string
	// LastTime is the last time that a block can have.
	LastTime() time.Time
}

// Savepoints is the ability to roll back a part of a transaction.
type Savepoints interface {
	// Savepoint returns the statements that set a savepoint, roll back to it (it
	// stays set), and release it.
	Savepoint() (set, back, release string)
}

// standardSavepoint implements [Savepoints] by standard SQL.
type standardSavepoint struct{}

// Savepoint implements [Savepoints].
func (standardSavepoint) Savepoint() (set, back, release string) {
	return "SAVEPOINT activitylog", "ROLLBACK TO SAVEPOINT activitylog", "RELEASE SAVEPOINT activitylog"
}

// AtomicStatements is a database in which a statement that fails has no effect, and
// the transaction can continue.
type AtomicStatements interface {
	// AtomicStatements does nothing; it marks the dialect.
	AtomicStatements()
}

// DryRunner is a database in which an insert can be rolled back, to find out whether
// the table accepts the row.
type DryRunner interface {
	// CanDryRun is a query for one boolean: whether a transaction on the table can
	// be rolled back. "" means that it always can.
	CanDryRun(table string) string
}

// Letter is a dead letter that is to be written.
type Letter struct {
	ID     activity.ID // in most cases the id of the row
	Time   any         // action_time, in the form of [Dialect.Args]
	Reason string
	Record string // [row.Row.JSON]
}

// Letters is the ability to insert many dead letters with one statement.
type Letters interface {
	// DeadLetters returns a statement that inserts letters and skips those that
	// exist, and its arguments.
	DeadLetters(table string, letters []Letter) (query string, args []any)

	// MaxLetters is the most letters of one statement.
	MaxLetters() int
}

// letterColumns are the columns of a dead letter that are written.
var letterColumns = []string{"event_id", "action_time", "reason", "record"}

// Reader is the ability to read rows and dead letters by their ids. An account that
// may only insert gets the error [Denied].
type Reader interface {
	// Read returns a query, and its arguments, for the rows of a table with these
	// ids. Its results are event_id as text, then the columns.
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
	// LookupIDs returns a query, and its arguments, for the event_id, as text, of the
	// rows that exist in the table. It may find other ids, too.
	LookupIDs(table string, rows []row.Row) (query string, args []any)
	// MaxLookup is the most rows of one query; 0: no limit.
	MaxLookup() int
}

// RangeLookup is the ability to look up a range of ids, by the index of the key.
type RangeLookup interface {
	// BeforeLookup is a statement to run first in the transaction.
	BeforeLookup() string
	// LookupRange is like LookupIDs, for all ids from first to last, up to limit.
	LookupRange(table string, first, last activity.ID, limit int) (query string, args []any)
}

// Stager is a database in which a bulk load fails if one of its rows exists
// ([Conflict]). If some may exist, rows are loaded into a staging table first.
type Stager interface {
	Staging(table string) Staging
}

// Staging is a temporary table of one connection, and the statements for it. All of
// them run in one transaction.
type Staging struct {
	Table  string   // quoted
	Before []string // create it, empty
	Merge  string   // insert its rows, except those that exist
	After  []string // clear it, if the commit does not
}

// Locker is the ability to hold a lock against other connections. lock is a query for
// one boolean: whether it got the lock. It does not wait. unlock runs in the same
// transaction; "" means that the end of the transaction unlocks. Without a Locker, it
// must be safe to run each migration twice at the same time.
type Locker interface {
	Lock(table string) (lock, unlock string)
}

// Clustered is a [Locker] whose lock is of one server, which can be one of several that take
// statements for the same tables.
type Clustered interface {
	Locker
	// Member returns a query for one row of a name and the number of the server in its
	// cluster, from 0 to 65535. Outside a cluster it has no row, or another number.
	Member() string
}

// Querier is for a database that goose does not know: the statements for the table of
// schema versions. [Generic] has most of them.
type Querier = goose.QuerierExtender

// DeadLetterConverter is a dialect whose statement [Dialect.DeadLetter] needs other
// arguments.
type DeadLetterConverter interface {
	// DeadLetterArgs converts the arguments event_id, action_time, reason and record.
	DeadLetterArgs(args []any) []any
}

// Uncounted is a database that does not say how many of the rows were new.
type Uncounted interface {
	// Uncounted does nothing; it marks the dialect.
	Uncounted()
}

// Options are the choices that a user has within a dialect.
type Options struct {
	Generic     Generic   // the dialect generic
	Partition   Partition // how the table is partitioned; "" is [PartitionNone]
	LateIndexes bool      // [Postgres.LateIndexes]
	Cluster     string    // [ClickHouse.Cluster]
}

// Drivers returns the values of the setting driver.
func Drivers() []string {
	return []string{"clickhouse", "generic", "mariadb", "mysql", "postgres", "sqlite"}
}

// For returns the dialect for a value of the setting driver, or nil.
func For(driver string, options Options) Dialect {
	switch driver {
	case "clickhouse":
		return ClickHouse{Cluster: options.Cluster}
	case "generic":
		return options.Generic
	case "mariadb", "mysql":
		return MySQL{}
	case "postgres":
		return Postgres{Partition: options.Partition, LateIndexes: options.LateIndexes}
	case "sqlite":
		return SQLite{}
	}
	return nil
}

// Columns returns the columns that the exporter writes, in the order of the
// arguments. The database sets recorded_at itself.
func Columns() []string {
	return slices.Concat([]string{"event_id", "action_time"}, row.Names[:])
}

// Quote quotes a table name, which may have a schema as prefix.
func Quote(table string) string {
	return `"` + strings.ReplaceAll(table, ".", `"."`) + `"`
}

// DeadLetterTable returns the name of the table for rejected rows.
func DeadLetterTable(table string) string { return table + "_dead_letter" }

// SchemaTable returns the name of the table for the versions of the schema.
func SchemaTable(table string) string { return table + "_schema" }

// nullable returns nil for "": a missing value is NULL in every database.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// firstID returns the smallest id of the time t.
func firstID(t time.Time) (id activity.ID) {
	id = activity.NewIDAt(t)
	clear(id[6:]) // all except the milliseconds
	return id
}

// expand returns the migrations of a folder with the names of a table filled in:
// {{table}} and {{dead_letter}} are the two tables, {{logins}}, {{object_history}},
// {{daily}} and {{objects}} the views, {{counts}} and {{counts_state}} the tables of counts,
// all quoted. {{index}} is the prefix of the names of indexes. more holds further pairs.
func expand(fsys fs.FS, dir, table string, more ...string) fs.FS {
	return Expand(fsys, dir, append(more,
		"{{table}}", Quote(table),
		"{{dead_letter}}", Quote(DeadLetterTable(table)),
		"{{logins}}", Quote(table+"_logins"),
		"{{object_history}}", Quote(table+"_object_history"),
		"{{daily}}", Quote(table+"_daily"),
		"{{objects}}", Quote(table+"_objects"),
		"{{counts}}", Quote(CountsTable(table)),
		"{{counts_state}}", Quote(CountsStateTable(table)),
		"{{index}}", table[strings.LastIndexByte(table, '.')+1:],
	)...)
}
