package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/bulk"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

const (
	// lookupBatches is for how many batches rows are looked up, or staged, after one
	// in which a row was there already.
	lookupBatches = 16
	// maxContentionRetries is how often a transaction that lost against another one is
	// tried again at once.
	maxContentionRetries = 8
	// maxConflictRetries is how often one with a single row is that met a row: a statement
	// sees that one, and skips it, once the transaction that wrote it has ended.
	// It is for accounts that may not look whether the row is there.
	maxConflictRetries = 4
)

// transact writes rows in one transaction and returns how many were new.
func (s *Store) transact(ctx context.Context, rows []row.Row) (written int, err error) {
	written, err = s.retry(ctx, len(rows), func(ctx context.Context) (int, error) { return s.once(ctx, rows) })
	if err != nil && len(rows) == 1 && s.cfg.Dialect.Classify(err).Kind == dialect.Conflict && s.isThere(ctx, rows[0].ID) {
		return 0, nil // another writer was faster
	}
	return written, err
}

// isThere reports whether the table has a row, as far as we may look.
func (s *Store) isThere(ctx context.Context, id activity.ID) bool {
	reader, ok := s.cfg.Dialect.(dialect.Reader)
	if !ok || s.noRead.Load() {
		return false
	}
	there, err := s.read(ctx, reader, s.cfg.Table, []string{"event_id"}, []activity.ID{id})
	return err == nil && there[id] != nil
}

// retry runs a transaction of n rows, again if it lost against another one, for
// as long as the timeout allows.
func (s *Store) retry(ctx context.Context, n int, once func(context.Context) (int, error)) (written int, err error) {
	ctx, cancel := s.bounded(ctx, s.cfg.Timeout)
	defer cancel()
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval = 5 * time.Millisecond
	for try := 1; ; try++ {
		written, err = once(ctx)
		if err == nil || try > s.again(err, n) {
			return written, err
		}
		select {
		case <-ctx.Done():
			return 0, err
		case <-time.After(wait.NextBackOff()):
		}
	}
}

// again is how often a transaction of n rows is tried again at once.
func (s *Store) again(err error, n int) int {
	switch kind := s.cfg.Dialect.Classify(err).Kind; {
	case kind == dialect.Contention:
		return maxContentionRetries
	case kind == dialect.Conflict && n == 1:
		if _, ok := s.cfg.Dialect.(dialect.Reader); ok && !s.noRead.Load() {
			return 1
		}
		return maxConflictRetries
	case kind == dialect.Conflict:
		return 1
	}
	return 0
}

// once takes the fastest way that the database has.
func (s *Store) once(ctx context.Context, rows []row.Row) (written int, err error) {
	if s.loader == nil || s.cfg.InsertOnly || s.noLoad.Load() {
		return s.insert(ctx, rows)
	}
	written, err = s.load(ctx, rows)
	if err == nil || s.cfg.Dialect.Classify(err).Kind != dialect.Unsupported {
		return written, err
	}
	written, insertErr := s.insert(ctx, rows)
	if insertErr != nil {
		return 0, errors.Join(insertErr, err)
	}
	if !s.noLoad.Swap(true) {
		s.observer.Unsupported(ctx, err)
	}
	return written, nil
}

// load loads rows directly into the table, which is the fastest as long as none
// of them is there already. Once one was, those that are there are looked up
// first, for a while; and what another writer adds meanwhile goes by way of a
// staging table, from which the database skips what is there.
func (s *Store) load(ctx context.Context, rows []row.Row) (written int, err error) {
	stager, ok := s.cfg.Dialect.(dialect.Stager)
	if !ok { // no row that is there stops a load
		return s.direct(ctx, rows, nil)
	}
	lookFirst := s.lookupsLeft.Load() > 0
	lookup, able := s.cfg.Dialect.(dialect.Lookup)
	if !lookFirst {
		lookup = nil
	}
	if !lookFirst || able {
		written, err = s.direct(ctx, rows, lookup)
		if err != nil {
			kind := s.cfg.Dialect.Classify(err).Kind
			if kind != dialect.Rejected {
				s.lookupsLeft.Store(lookupBatches) // also after a commit that nobody answered
			}
			if kind != dialect.Conflict {
				return 0, err
			}
		}
	}
	if lookFirst && !able || err != nil {
		if written, err = s.staged(ctx, stager.Staging(s.cfg.Table), rows); err != nil {
			return 0, err
		}
	}
	switch {
	case written < len(rows):
		s.lookupsLeft.Store(lookupBatches)
	case lookFirst:
		s.lookupsLeft.Add(-1)
	}
	return written, nil
}

// direct loads rows into the table itself: all of them, or, with a lookup, those that
// the table does not have.
func (s *Store) direct(ctx context.Context, rows []row.Row, lookup dialect.Lookup) (written int, err error) {
	err = s.within(ctx, func(conn *sql.Conn, tx *sql.Tx) error {
		if lookup != nil {
			present, err := bulk.Present(ctx, tx, lookup, s.cfg.Table, rows)
			if err != nil {
				return err
			}
			if rows = absent(rows, present); len(rows) == 0 {
				return nil
			}
		}
		return s.loader.Load(ctx, conn, tx, dialect.Quote(s.cfg.Table), rows)
	})
	return len(rows), err
}

// absent returns the rows that are not present; rows itself stays as it is.
func absent(rows []row.Row, present map[activity.ID]bool) []row.Row {
	if len(present) == 0 {
		return rows
	}
	rest := make([]row.Row, 0, len(rows))
	for i := range rows {
		if !present[rows[i].ID] {
			rest = append(rest, rows[i])
		}
	}
	return rest
}

func (s *Store) staged(ctx context.Context, staging dialect.Staging, rows []row.Row) (written int, err error) {
	err = s.within(ctx, func(conn *sql.Conn, tx *sql.Tx) error {
		for _, statement := range staging.Before {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("make staging table: %w", err)
			}
		}
		if err := s.loader.Load(ctx, conn, tx, staging.Table, rows); err != nil {
			return fmt.Errorf("load into staging table: %w", err)
		}
		if written, err = affected(tx.ExecContext(ctx, staging.Merge)); err != nil {
			return fmt.Errorf("insert from staging table: %w", err)
		}
		for _, statement := range staging.After {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("clear staging table: %w", err)
			}
		}
		return nil
	})
	return written, err
}

// insert writes rows by statements: one for many rows, or else one for each.
func (s *Store) insert(ctx context.Context, rows []row.Row) (written int, err error) {
	if many, ok := s.cfg.Dialect.(dialect.MultiInserter); ok && len(rows) <= many.MaxMany() {
		query, args := many.InsertMany(s.cfg.Table, rows) // one statement is a transaction of its own
		return s.exec(ctx, query, args...)
	}
	err = s.within(ctx, func(_ *sql.Conn, tx *sql.Tx) error {
		written, err = s.insertGroup(ctx, tx, rows)
		return err
	})
	return written, err
}

// insertGroup writes rows by statements within a transaction.
func (s *Store) insertGroup(ctx context.Context, tx *sql.Tx, rows []row.Row) (written int, err error) {
	many, ok := s.cfg.Dialect.(dialect.MultiInserter)
	if !ok {
		return s.insertEach(ctx, tx, rows)
	}
	for part := range slices.Chunk(rows, many.MaxMany()) {
		query, args := many.InsertMany(s.cfg.Table, part)
		n, err := affected(tx.ExecContext(ctx, query, args...))
		if err != nil {
			return 0, fmt.Errorf("insert: %w", err)
		}
		written += n
	}
	return written, nil
}

func (s *Store) insertEach(ctx context.Context, tx *sql.Tx, rows []row.Row) (written int, err error) {
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
	return written, nil
}
