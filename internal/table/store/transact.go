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
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

const (
	// lookupBatches is for how many batches rows are looked up, or staged, after a
	// batch in which a row existed already.
	lookupBatches = 16
	// maxContentionRetries is how often a transaction is retried at once after a
	// deadlock or a serialization failure.
	maxContentionRetries = 8
	// maxConflictRetries is how often a transaction of a single row is retried at
	// once after a conflict. As soon as the other transaction has ended, the statement
	// sees its row and skips ours. It is for accounts that may not read rows.
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

// isThere reports whether the table has a row; false if the account may not read.
func (s *Store) isThere(ctx context.Context, id activity.ID) bool {
	reader, ok := s.cfg.Dialect.(dialect.Reader)
	if !ok || s.noRead.Load() {
		return false
	}
	there, err := s.read(ctx, reader, s.cfg.Table, []string{"event_id"}, []activity.ID{id})
	return err == nil && there[id] != nil
}

// retry runs a transaction of n rows, and retries it after a contention or conflict,
// within the timeout.
func (s *Store) retry(ctx context.Context, n int, once func(context.Context) (int, error)) (written int, err error) {
	ctx, cancel := s.bounded(ctx, s.cfg.Timeout)
	defer cancel()
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval = 5 * time.Millisecond
	for try := 1; ; try++ {
		written, err = once(ctx)
		if err == nil || try > s.maxRetries(err, n) {
			return written, err
		}
		select {
		case <-ctx.Done():
			return 0, err
		case <-time.After(wait.NextBackOff()):
		}
	}
}

// maxRetries returns how often a transaction of n rows that failed with err may be
// retried at once.
func (s *Store) maxRetries(err error, n int) int {
	switch kind := s.cfg.Dialect.Classify(err).Kind; {
	case kind == dialect.Contention, errors.Is(err, errRaced):
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

// once writes rows by the fastest means that the database has.
func (s *Store) once(ctx context.Context, rows []row.Row) (written int, err error) {
	if s.loader == nil && s.blocks == nil || s.cfg.InsertOnly || s.noLoad.Load() {
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

// load loads rows directly into the table, which is the fastest if none of them
// exists. After a batch in which one did, the next batches look up existing rows
// first. If a row still conflicts, because another writer added it meanwhile, the
// batch is loaded into a staging table, from which the database inserts new rows
// only.
func (s *Store) load(ctx context.Context, rows []row.Row) (written int, err error) {
	if s.blocks != nil { // a block does not fail if a row exists
		return len(rows), s.blocks.send(ctx, rows)
	}
	stager, ok := s.cfg.Dialect.(dialect.Stager)
	if !ok { // neither does a load
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
				s.lookupsLeft.Store(lookupBatches) // also after a commit without an answer
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

// direct loads rows into the table itself: all of them or, with a lookup, those that
// do not exist.
func (s *Store) direct(ctx context.Context, rows []row.Row, lookup dialect.Lookup) (written int, err error) {
	err = s.writing(ctx, func(conn *sql.Conn, tx *sql.Tx, added *tally) error {
		if lookup != nil {
			if rows, err = s.absentIn(ctx, tx, lookup, rows); err != nil || len(rows) == 0 {
				return err
			}
		}
		added.add(rows)
		return s.loader.Load(ctx, conn, tx, dialect.Quote(s.cfg.Table), rows)
	})
	return len(rows), err
}

// absent returns the rows that are not present, without changing rows.
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
	err = s.writing(ctx, func(conn *sql.Conn, tx *sql.Tx, added *tally) error {
		fresh, known, err := s.fresh(ctx, tx, rows, added)
		if err != nil {
			return err
		}
		if known { // not those that are there: one of them may be deleted before the merge
			if rows = fresh; len(rows) == 0 {
				return nil
			}
		}
		for _, statement := range staging.Before {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("create staging table: %w", err)
			}
		}
		if err := s.loader.Load(ctx, conn, tx, staging.Table, rows); err != nil {
			return fmt.Errorf("load into staging table: %w", err)
		}
		if written, err = affected(tx.ExecContext(ctx, staging.Merge)); err != nil {
			return fmt.Errorf("insert from staging table: %w", err)
		}
		if known && written != len(rows) {
			return errRaced
		}
		added.add(fresh)
		for _, statement := range staging.After {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("clear staging table: %w", err)
			}
		}
		return nil
	})
	return written, err
}

// insert writes rows by statements: one for many rows, or one for each.
func (s *Store) insert(ctx context.Context, rows []row.Row) (written int, err error) {
	if many, ok := s.cfg.Dialect.(dialect.MultiInserter); ok && len(rows) <= many.MaxMany() && s.cfg.Moved == nil && s.counter() == nil && !s.counted.Load() {
		query, args := many.InsertMany(s.cfg.Table, rows) // one statement is a transaction of its own
		err = s.on(ctx, func(conn *sql.Conn) error {
			if s.counted.Load() { // since a moment ago, so the connection may still say that it counts
				return errRaced
			}
			written, err = affected(conn.ExecContext(ctx, query, args...))
			return err
		})
		return written, err
	}
	lookFirst := s.lookupsLeft.Load() > 0
	err = s.writing(ctx, func(_ *sql.Conn, tx *sql.Tx, added *tally) error {
		written, err = s.insertGroup(ctx, tx, rows, added)
		return err
	})
	if err == nil && lookFirst && written == len(rows) {
		s.lookupsLeft.Add(-1)
	}
	return written, err
}

// fresh returns the rows that the table does not have, if they are to be counted: known.
func (s *Store) fresh(ctx context.Context, tx *sql.Tx, rows []row.Row, added *tally) (fresh []row.Row, known bool, err error) {
	lookup, ok := s.cfg.Dialect.(dialect.Lookup)
	if !ok || added == nil {
		return nil, false, nil
	}
	fresh, err = s.absentIn(ctx, tx, lookup, rows)
	return fresh, true, err
}

// insertGroup writes rows by statements in a transaction. If they are counted and some of
// them may exist, it looks up which.
func (s *Store) insertGroup(ctx context.Context, tx *sql.Tx, rows []row.Row, added *tally) (written int, err error) {
	many, ok := s.cfg.Dialect.(dialect.MultiInserter)
	if !ok {
		return s.insertEach(ctx, tx, rows, added)
	}
	if s.lookupsLeft.Load() > 0 {
		fresh, known, err := s.fresh(ctx, tx, rows, added)
		if err != nil {
			return 0, err
		}
		if known {
			rows = fresh
		}
	}
	for part := range slices.Chunk(rows, many.MaxMany()) {
		query, args := many.InsertMany(s.cfg.Table, part)
		n, err := affected(tx.ExecContext(ctx, query, args...))
		if err != nil {
			return 0, fmt.Errorf("insert: %w", err)
		}
		written += n
	}
	if added != nil && written != len(rows) {
		s.lookupsLeft.Store(lookupBatches)
		return 0, errRaced
	}
	added.add(rows)
	return written, nil
}

func (s *Store) insertEach(ctx context.Context, tx *sql.Tx, rows []row.Row, added *tally) (written int, err error) {
	statement, err := tx.PrepareContext(ctx, s.cfg.Dialect.Insert(s.cfg.Table))
	if err != nil {
		return 0, fmt.Errorf("prepare insert: %w", err)
	}
	defer func() { _ = statement.Close() }()
	args := make([]any, 0, 2+row.Columns)
	fresh := rows // until one is not
	for i := range rows {
		args = s.cfg.Dialect.Args(args[:0], &rows[i])
		n, err := affected(statement.ExecContext(ctx, args...))
		if err != nil {
			return 0, fmt.Errorf("insert: %w", err)
		}
		switch {
		case added == nil:
		case n == 0 && written == i:
			fresh = slices.Clone(rows[:i])
		case n > 0 && written < i:
			fresh = append(fresh, rows[i])
		}
		written += n
	}
	added.add(fresh)
	return written, nil
}
