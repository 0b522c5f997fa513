package reader

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"

	"github.com/otelactivity/activitylog/reader/internal/dialect"
)

// Dialect is a kind of database. Its values are the exporter's names for drivers.
type Dialect string

// The kinds of databases.
const (
	SQLite     Dialect = "sqlite"
	Postgres   Dialect = "postgres"
	MySQL      Dialect = "mysql"
	MariaDB    Dialect = "mariadb" // the same as MySQL
	ClickHouse Dialect = "clickhouse"
)

// Reader reads one table. Its methods may be called from several goroutines.
type Reader struct {
	db      *sql.DB
	dialect dialect.Dialect
	table   string
	columns string // what to select for a [Row]
	packed  string // the same in one text, or "": see [Reader.packs]
	counted bool   // there is a table of counts
}

// Option is an option of [New].
type Option func(*Reader)

// WithTable sets the name of the table, which may have a schema as prefix,
// "audit.activity_log". The default is "activity_log".
func WithTable(name string) Option { return func(r *Reader) { r.table = name } }

// tableName are the names that the exporter takes.
var tableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$`)

// New returns a reader of a database. It looks whether the table is there, with all
// columns: an error says what is missing, and what to do ([ErrNoTable], [ErrOldSchema]).
// The reader sends SELECT statements only. To have the database refuse everything else,
// use an account that may only read, or package reader/drivers.
func New(ctx context.Context, db *sql.DB, kind Dialect, options ...Option) (*Reader, error) {
	r := &Reader{db: db, dialect: dialect.For(string(kind)), table: "activity_log"}
	for _, option := range options {
		option(r)
	}
	if r.dialect == nil {
		return nil, fmt.Errorf(`the dialect must be one of "clickhouse", "mariadb", "mysql", "postgres", "sqlite"; got %q`, kind)
	}
	if !tableName.MatchString(r.table) {
		return nil, fmt.Errorf(`the table must be letters, digits and "_", with a schema before a dot if it has one; got %q`, r.table)
	}
	r.columns, r.packed = r.selected(), r.packs()
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	found, err := r.strings(ctx, r.dialect.Columns(r.table+"_counts_state"))
	r.counted = err == nil && len(found) > 0
	return r, nil
}

// Close closes the database. A service that uses the database for more does not call it.
func (r *Reader) Close() error { return r.db.Close() }

// from is the table in a statement, under the name t.
func (r *Reader) from() string { return " FROM " + r.dialect.Quote(r.table) + " t" }

// strings returns the results of a query for one column.
func (r *Reader) strings(ctx context.Context, query string) (all []string, err error) {
	err = r.query(ctx, query, nil, func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		all = append(all, text)
		return err
	})
	return all, err
}

// query calls each for each row of a result.
func (r *Reader) query(ctx context.Context, query string, args []any, each func(*sql.Rows) error) error {
	rows, err := r.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
