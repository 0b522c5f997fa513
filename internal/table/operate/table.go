// Package operate does what an operator does to the table activity_log: it creates and
// checks the schema, puts dead letters back, imports rows, and removes old ones. It
// writes by package store, as the exporter does. It is for the command activitylog.
package operate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// Errors that say what kind of trouble it is.
var (
	// ErrConfig is the error of a [Config] that is wrong.
	ErrConfig = errors.New("the configuration is wrong")
	// ErrOption is the [ErrConfig] of what was asked for, and not of the DSN.
	ErrOption = fmt.Errorf("%w in its options", ErrConfig)
	// ErrDatabase is the error of a database that cannot be reached, or has no table.
	ErrDatabase = errors.New("the database cannot be used")
	// ErrDenied is the error of an account that lacks a right.
	ErrDenied = errors.New("the account lacks a right")
)

// marked is an error of a kind that does not show in its text.
type marked struct {
	kind, err error
}

// Error implements error.
func (m marked) Error() string { return m.err.Error() }

// Unwrap lets errors.Is find both.
func (m marked) Unwrap() []error { return []error{m.kind, m.err} }

// Config is where the table is.
type Config struct {
	Driver    string // "sqlite", "postgres", "mysql", "mariadb", "clickhouse"; "" follows from DSN
	DSN       string
	Table     string // "" is activity_log
	Partition string // of PostgreSQL: "none", "month", "day"; "" is that of the table, or none for a new one
	Cluster   string // of ClickHouse; "" for a single server
	Create    bool   // create the file of SQLite, if it is not there

	// LateIndexes is whether a table of PostgreSQL with partitions has late indexes
	// ([store.Late]): "on", "off"; "" is that of the table, or "off" for a new one.
	LateIndexes string

	// Note is called with what an operator should know. It may be nil.
	Note func(text string)
}

// Table is the table activity_log in a database.
type Table struct {
	cfg     Config
	dialect dialect.Operator
	store   *store.Store
	notes   *notes
}

// driver returns the driver of a configuration.
func (c Config) driver() string {
	if c.Driver == "" {
		return sqldsn.Kind(c.DSN)
	}
	return c.Driver
}

// find returns the dialect of a configuration.
func (c Config) find() (dialect.Operator, error) {
	partition := dialect.Partition(c.Partition)
	d, ok := dialect.For(c.driver(), dialect.Options{Partition: partition, Cluster: c.Cluster, LateIndexes: c.LateIndexes == lateOn}).(dialect.Operator)
	_, partitions := d.(dialect.Partitioner)
	switch {
	case !ok && c.driver() == "":
		return nil, errors.New(`the driver is not clear from the DSN: it must be one of "sqlite", "postgres", "mysql", "mariadb", "clickhouse"`)
	case !ok:
		return nil, fmt.Errorf(`the driver must be one of "sqlite", "postgres", "mysql", "mariadb", "clickhouse"; got %.64q`, c.driver())
	case partition != "" && partition != dialect.PartitionNone && partition != dialect.PartitionMonth && partition != dialect.PartitionDay:
		return nil, fmt.Errorf(`the partition must be one of "none", "month", "day"; got %.64q`, c.Partition)
	case partition != "" && partition != dialect.PartitionNone && !partitions:
		return nil, fmt.Errorf("only postgres has partitions; the driver is %s", c.driver())
	case c.Cluster != "" && c.driver() != sqldsn.ClickHouse:
		return nil, fmt.Errorf("only clickhouse has clusters; the driver is %s", c.driver())
	case c.LateIndexes != "" && c.LateIndexes != lateOn && c.LateIndexes != lateOff:
		return nil, fmt.Errorf(`late indexes must be "on" or "off"; got %.64q`, c.LateIndexes)
	case c.LateIndexes != "" && (!partitions || partition == dialect.PartitionNone):
		return nil, errors.New("only tables of postgres with partitions have late indexes")
	case !tableName.MatchString(c.table()) || c.Cluster != "" && !clusterName.MatchString(c.Cluster):
		return nil, fmt.Errorf(`the table must be a name such as "activity_log" or "audit.activity_log", and the cluster one such as "main"; got %.64q and %.64q`, c.table(), c.Cluster)
	}
	return d, nil
}

// The values of [Config.LateIndexes].
const (
	lateOn  = "on"
	lateOff = "off"
)

func (c Config) table() string {
	if c.Table == "" {
		return "activity_log"
	}
	return c.Table
}

// Open returns the table of a configuration. It connects; the table may be missing.
func Open(ctx context.Context, cfg Config) (*Table, error) {
	d, err := cfg.find()
	if err != nil {
		return nil, marked{ErrOption, err}
	}
	if cfg.driver() == sqldsn.SQLite {
		if err := cfg.checkFile(); err != nil {
			return nil, err
		}
	}
	t := &Table{cfg: cfg, dialect: d, notes: &notes{note: cfg.Note}}
	if err := t.reopen(false); err != nil {
		return nil, marked{ErrConfig, err}
	}
	if err := t.store.Connect(ctx); err != nil {
		return nil, marked{ErrDatabase, errors.Join(err, t.Close())}
	}
	switch err := t.detect(ctx); {
	case errors.Is(err, ErrOption):
		return nil, marked{ErrOption, errors.Join(err, t.Close())}
	case err != nil:
		return nil, marked{ErrDatabase, errors.Join(err, t.Close())}
	}
	return t, nil
}

// checkFile looks at the file of SQLite, which the driver would create.
func (c Config) checkFile() error {
	if err := sqldsn.CheckSQLite(c.DSN); err != nil {
		return marked{ErrConfig, fmt.Errorf("the DSN %w", err)}
	}
	path := sqldsn.SQLiteFile(c.DSN)
	if path == "" {
		return nil
	}
	if c.Create {
		return store.CreatePrivate(path)
	}
	if _, err := os.Stat(path); err != nil {
		return marked{ErrDatabase, fmt.Errorf("open the file: %w%s", err, creates(path, err))}
	}
	return nil
}

// creates says how to get a file of SQLite that is not there, at the end of an error.
func creates(path string, err error) string {
	if !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return "; its folder is not there either"
	}
	return `; "activitylog schema apply" creates it`
}

// reopen makes the store of the dialect.
func (t *Table) reopen(create bool) error {
	opened, err := store.Open(store.Config{
		Dialect: t.dialect, DSN: t.cfg.DSN, Table: t.cfg.table(), CreateSchema: create,
		BlockOnRefused: true, MaxOpenConns: 4, MaxIdleConns: 4,
	}, t.notes)
	if err != nil {
		return err
	}
	if t.store != nil {
		err = t.store.Close()
	}
	t.store = opened
	return err
}

// Close closes the connections.
func (t *Table) Close() error { return t.store.Close() }

// Name is the name of the table.
func (t *Table) Name() string { return t.cfg.table() }

// detect finds out how a table of PostgreSQL is partitioned, and whether it has late
// indexes, if the configuration does not say it.
func (t *Table) detect(ctx context.Context) error {
	p, ok := t.dialect.(dialect.Partitioner)
	if !ok || t.cfg.Partition != "" && (t.cfg.LateIndexes != "" || t.cfg.Partition == string(dialect.PartitionNone)) {
		return nil
	}
	var is bool
	err := t.store.On(ctx, func(ctx context.Context, conn *sql.Conn) error {
		return conn.QueryRowContext(ctx, p.IsPartitioned(t.Name())).Scan(&is)
	})
	answer := t.dialect.Classify(err)
	switch {
	case err != nil && (answer.Code == "" || answer.Stale):
		return fmt.Errorf("find out whether %s has partitions: %w", t.Name(), err)
	case !is && err == nil && t.cfg.LateIndexes != "":
		return marked{ErrOption, fmt.Errorf("%s has no partitions, so it can have no late indexes", t.Name())}
	case !is && t.cfg.LateIndexes != "" && t.cfg.Partition == "":
		return marked{ErrOption, errors.New("late indexes need a table with partitions: --partition month or day, if it is to be a new one")}
	case !is: // or there is no table, or no right to it; what follows says so
		return nil
	case t.cfg.Partition != "":
		return t.detectLate(ctx, p.Interval())
	}
	spans, err := t.store.Spans(ctx)
	if err != nil {
		return err
	}
	interval := dialect.PartitionMonth
	if len(spans) > 0 { // the setting may have been changed, so that of the newest counts
		interval = sizeOf(slices.MaxFunc(spans, func(a, b store.Span) int { return a.End.Compare(b.End) }))
	}
	return t.detectLate(ctx, interval)
}

// sizeOf returns the size of a partition. It may be a part of a month: what was left when
// the setting was changed.
func sizeOf(span store.Span) dialect.Partition {
	if span.End.Sub(span.Begin) < 48*time.Hour {
		return dialect.PartitionDay
	}
	return dialect.PartitionMonth
}

// detectLate finds out whether a table with partitions has late indexes, if the
// configuration does not say it.
func (t *Table) detectLate(ctx context.Context, interval dialect.Partition) error {
	for _, late := range []bool{false, true} {
		t.dialect = dialect.Postgres{Partition: interval, LateIndexes: late}
		if err := t.reopen(false); err != nil {
			return err
		}
		has, err := t.store.Late(ctx)
		if err != nil {
			return err
		}
		if t.cfg.LateIndexes == lateOff || t.cfg.LateIndexes == "" && !has.On {
			break
		}
	}
	return nil
}

// checkDeletes returns an error if dead letters, or rows, cannot be deleted.
func (t *Table) checkDeletes(ctx context.Context) error {
	sharder, ok := t.dialect.(dialect.Sharder)
	if !ok {
		return nil
	}
	var is bool
	err := t.store.On(ctx, func(ctx context.Context, conn *sql.Conn) error {
		return conn.QueryRowContext(ctx, sharder.IsSharded(t.Name())).Scan(&is)
	})
	if err == nil && is {
		return marked{ErrConfig, errors.New("the table is on a cluster, where rows and dead letters are deleted on each shard: " +
			"docs/operate/dead-letters.md and docs/databases/clickhouse.md have the SQL; nothing was changed")}
	}
	return err
}

// checkAdvice is the end of errors about a table or a column that is missing.
const checkAdvice = `; "activitylog schema check" says what is wrong, and what to do`

// explain adds what to do to an error of the database.
func (t *Table) explain(doing string, err error) error { return t.explainWith(doing, err, checkAdvice) }

// unusable is the error of a table that is missing, lacks columns, or cannot be looked at.
func (t *Table) unusable(err error) error {
	err = t.explain("look at "+t.Name(), err)
	if errors.Is(err, ErrDenied) || errors.Is(err, ErrDatabase) {
		return err
	}
	return marked{ErrDatabase, fmt.Errorf("%w%s", err, checkAdvice)}
}

// explainWith is explain with advice about what is missing.
func (t *Table) explainWith(doing string, err error, missing string) error {
	if err == nil {
		return nil
	}
	switch t.dialect.Classify(err).Kind {
	case dialect.Denied:
		return marked{ErrDenied, fmt.Errorf("%s: %w; connect as an account that may: the owner of the table, or the one that docs/security.md describes", doing, err)}
	case dialect.Schema:
		return marked{ErrDatabase, fmt.Errorf("%s: %w%s", doing, err, missing)}
	}
	if readOnly(err) {
		return marked{ErrDenied, fmt.Errorf("%s: %w; this connection may only read: use a DSN that may write", doing, err)}
	}
	return fmt.Errorf("%s: %w", doing, err)
}
