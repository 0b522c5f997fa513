package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// What follows is for package operate, which does an operator's work on the table.

// Config returns the configuration of the store.
func (s *Store) Config() Config { return s.cfg }

// On calls do with a connection, within the deadline of a few statements.
func (s *Store) On(ctx context.Context, do func(context.Context, *sql.Conn) error) error {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	return s.on(ctx, func(conn *sql.Conn) error { return do(ctx, conn) })
}

// Within runs a transaction, within the deadline of a few statements.
func (s *Store) Within(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	return s.within(ctx, func(_ *sql.Conn, tx *sql.Tx) error { return do(ctx, tx) })
}

// Connect connects to the database.
func (s *Store) Connect(ctx context.Context) error {
	if err := s.On(ctx, func(ctx context.Context, conn *sql.Conn) error { return conn.PingContext(ctx) }); err != nil {
		return fmt.Errorf("connect to database: %w", s.withoutDSN(err))
	}
	return nil
}

// Test inserts a row into the table and rolls back, to find out whether the account may
// write and the table takes ordinary rows. tested is false if the database cannot roll
// back; then only the columns are looked at.
func (s *Store) Test(ctx context.Context) (tested bool, err error) {
	if tested, err = s.canDryRun(ctx); err != nil {
		return false, fmt.Errorf("test %s: %w", s.cfg.Table, err)
	}
	return tested, s.probe(ctx)
}

// Versions returns the version of the schema in the database, 0 if none is noted, and
// the newest that this program has. Without a table of versions none is noted; what else
// goes wrong is an error.
func (s *Store) Versions(ctx context.Context) (has, knows int, err error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	has, err = s.readVersion(ctx)
	if err != nil && s.cfg.Dialect.Classify(err).Kind == dialect.Schema {
		err = nil
	}
	return has, s.known(), err
}

// Span is a partition: its name and its time range.
type Span struct {
	Name       string
	Begin, End time.Time
}

// Spans returns the partitions of the table, except the default one; none if the
// database has no partitions.
func (s *Store) Spans(ctx context.Context) (all []Span, err error) {
	p, ok := s.cfg.Dialect.(dialect.Partitioner)
	if !ok {
		return nil, nil
	}
	spans, err := s.spans(ctx, p)
	for _, each := range spans {
		all = append(all, Span{each.name, each.begin, each.end})
	}
	return all, err
}

// Count runs a query for a number, which may take as long as reading the whole table.
func (s *Store) Count(ctx context.Context, query string, args ...any) (n int, err error) {
	ctx, cancel := s.bounded(ctx, maintainTimeout)
	defer cancel()
	err = s.on(ctx, func(conn *sql.Conn) error { return conn.QueryRowContext(ctx, query, args...).Scan(&n) })
	return n, err
}

// Exec runs a statement that may take as long as that.
func (s *Store) Exec(ctx context.Context, query string, args ...any) error {
	ctx, cancel := s.bounded(ctx, maintainTimeout)
	defer cancel()
	_, err := s.exec(ctx, query, args...)
	return err
}

// Old is what [Store.Prune] removes.
type Old struct {
	Rows       int // those outside the partitions
	Letters    int
	Partitions []Span
}

// CountOld returns what [Store.Prune] removes.
func (s *Store) CountOld(ctx context.Context, before time.Time) (old Old, err error) {
	expirer, ok := s.cfg.Dialect.(dialect.Expirer)
	if !ok {
		return old, fmt.Errorf("this database has no retention")
	}
	for table, n := range map[string]*int{s.cfg.Table: &old.Rows, dialect.DeadLetterTable(s.cfg.Table): &old.Letters} {
		query, args := expirer.CountOld(table, before, before, 1<<31-1)
		if *n, err = s.Count(ctx, query, args...); err != nil {
			return old, fmt.Errorf("count old rows of %s: %w", table, err)
		}
	}
	spans, err := s.oldSpans(ctx, before)
	for _, each := range spans.spans {
		old.Partitions = append(old.Partitions, Span{each.name, each.begin, each.end})
	}
	return old, err
}

// Prune removes the rows, and the dead letters, whose time and recorded_at are before a
// time, as the retention does: partitions that end before it are dropped, and rows that
// are in no partition are deleted in small transactions. What is older in a partition
// that ends later stays.
func (s *Store) Prune(ctx context.Context, before time.Time) error {
	expirer, ok := s.cfg.Dialect.(dialect.Expirer)
	if !ok {
		return fmt.Errorf("this database has no retention")
	}
	old, err := s.oldSpans(ctx, before)
	if err != nil {
		return err
	}
	if err := s.dropSpans(ctx, old.spans, before); err != nil {
		return err
	}
	return s.expire(ctx, expirer, before)
}
