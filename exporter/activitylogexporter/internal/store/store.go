// Package store writes rows into a database. It does all the I/O, for every
// dialect, and decides what happens to a row that is refused.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

// Limits of one transaction. A batch beyond them is written in several: each
// row is safe to write again, so a batch need not be one transaction.
const (
	maxRows  = 10_000
	maxBytes = 32 << 20
)

// Config says where rows go.
type Config struct {
	Dialect      dialect.Dialect
	DSN          string // as the user wrote it
	Table        string // may have a schema before it: "audit.activity_log"
	CreateSchema bool

	// Limits of the connection pool, as in database/sql; a dialect's own
	// limit wins.
	MaxOpenConns    int
	MaxIdleConns    int
	ConnMaxLifetime time.Duration
}

// Observer is told what a store did. Its methods are called by many goroutines.
type Observer interface {
	// Wrote reports a committed transaction: how many rows were new, how many
	// were there already, and how long it took.
	Wrote(ctx context.Context, written, duplicate int, took time.Duration)
	// Buried reports a row that the database refused with an error code, and
	// that is in the dead letter table now.
	Buried(ctx context.Context, r *row.Row, code string, reason error)
}

// Store is a table in a database. Its methods may be called by many goroutines.
type Store struct {
	cfg      Config
	observer Observer
	db       *sql.DB

	mu    sync.Mutex // held while the schema is made
	ready bool       // the schema is there, as far as we were to make it
}

// Open returns the store of cfg. It does not connect: the database may come
// later.
func Open(cfg Config, observer Observer) (*Store, error) {
	dsn, err := cfg.Dialect.DSN(cfg.DSN)
	if err != nil {
		return nil, fmt.Errorf("dsn: %w", err)
	}
	db, err := sql.Open(cfg.Dialect.Driver(), dsn)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	open, idle := cfg.MaxOpenConns, cfg.MaxIdleConns
	if limit := cfg.Dialect.MaxConns(); limit > 0 {
		open, idle = limit, limit
	}
	db.SetMaxOpenConns(open)
	db.SetMaxIdleConns(idle)
	db.SetConnMaxLifetime(cfg.ConnMaxLifetime)
	return &Store{cfg: cfg, observer: observer, db: db}, nil
}

// Close closes the connections.
func (s *Store) Close() error { return s.db.Close() }

// Write makes sure that each of rows is in the table, or, when the database
// refuses it, in the dead letter table. Rows that are there already stay as
// they are. After an error, which is about the database and not about a row,
// some rows may be written; Write is to be called again with all of them.
func (s *Store) Write(ctx context.Context, rows []row.Row) error {
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	// In one order everywhere, so that two writers of the same rows wait for
	// each other rather than deadlock.
	slices.SortFunc(rows, func(a, b row.Row) int { return slices.Compare(a.ID[:], b.ID[:]) })
	for len(rows) > 0 {
		n := chunk(rows)
		if err := s.write(ctx, rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// chunk returns how many of rows go into one transaction, at least one.
func chunk(rows []row.Row) int {
	size := 0
	for i := range rows {
		size += rows[i].Size()
		if i > 0 && (i >= maxRows || size > maxBytes) {
			return i
		}
	}
	return len(rows)
}

// write is one transaction, or, when the database refuses one of the rows, two
// halves of it, down to the row that is meant.
func (s *Store) write(ctx context.Context, rows []row.Row) error {
	start := time.Now()
	written, err := s.transact(ctx, rows)
	if err == nil {
		s.observer.Wrote(ctx, written, len(rows)-written, time.Since(start))
		return nil
	}
	code, refused := s.cfg.Dialect.Refused(err)
	switch {
	case !refused:
		return fmt.Errorf("write %d rows to %s: %w", len(rows), s.cfg.Table, err)
	case len(rows) == 1:
		return s.bury(ctx, &rows[0], code, err)
	}
	half := len(rows) / 2
	return errors.Join(s.write(ctx, rows[:half]), s.write(ctx, rows[half:]))
}

// transact inserts rows in one transaction and returns how many were new.
func (s *Store) transact(ctx context.Context, rows []row.Row) (written int, err error) {
	if columnar, ok := s.cfg.Dialect.(dialect.Columnar); ok {
		// One statement is a transaction of its own.
		return affected(s.db.ExecContext(ctx, columnar.InsertColumns(s.cfg.Table), columnar.Arrays(rows)...))
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	statement, err := tx.PrepareContext(ctx, s.cfg.Dialect.Insert(s.cfg.Table))
	if err != nil {
		return 0, fmt.Errorf("prepare insert: %w", err)
	}
	defer func() { _ = statement.Close() }()
	args := make([]any, 0, 2+row.Columns)
	for i := range rows {
		args = s.cfg.Dialect.Args(args[:0], &rows[i])
		n, err := affected(statement.ExecContext(ctx, args...))
		if err != nil {
			return 0, fmt.Errorf("insert: %w", err)
		}
		written += n
	}
	if err := tx.Commit(); err != nil {
		return 0, fmt.Errorf("commit: %w", err)
	}
	return written, nil
}

// bury keeps a refused row in the dead letter table.
func (s *Store) bury(ctx context.Context, r *row.Row, code string, reason error) error {
	n, err := affected(s.db.ExecContext(ctx, s.cfg.Dialect.DeadLetter(s.cfg.Table),
		r.ID.String(), s.cfg.Dialect.Args(nil, r)[1], reason.Error(), r.JSON()))
	if err != nil {
		return fmt.Errorf("write to %s the row %s, which was refused (%w): %w",
			dialect.DeadLetterTable(s.cfg.Table), r.ID, reason, err)
	}
	if n > 0 {
		s.observer.Buried(ctx, r, code, reason)
	}
	return nil
}

func affected(result sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
