package store

import (
	"context"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// Rejection is a row that the database rejected when it was written alone.
type Rejection struct {
	Row  *row.Row
	Code string // the database's own error code
	Err  error
}

// write writes rows, few enough for one transaction. If the database rejects one of
// them, it finds out whether the table is wrong, and if not, which rows are.
func (s *Store) write(ctx context.Context, rows []row.Row) error {
	verdict, err := s.attempt(ctx, rows)
	switch {
	case err == nil:
		s.remember(rows)
		return nil
	case verdict.Kind != dialect.Rejected && verdict.Kind != dialect.Conflict:
		if verdict.Kind == dialect.Schema {
			s.ready.Store(false) // the next try checks the schema
		}
		return fmt.Errorf("write %d rows to %s: %w", len(rows), s.cfg.Table, err)
	}
	if probed := s.probe(ctx); probed != nil {
		return fmt.Errorf("write %d rows to %s: %w; the rows were rejected with: %w", len(rows), s.cfg.Table, probed, err)
	}
	return s.isolate(ctx, rows, verdict.Row)
}

// attempt writes rows in one transaction, then compares those that existed already.
func (s *Store) attempt(ctx context.Context, rows []row.Row) (dialect.Verdict, error) {
	start := time.Now()
	written, err := s.transact(ctx, rows)
	took := time.Since(start)
	if err != nil {
		verdict := s.cfg.Dialect.Classify(err)
		if s.tooSlow(ctx, err, verdict) {
			s.limit.shrink(len(rows), took)
		}
		return verdict, err
	}
	if written == len(rows) || s.uncounted() { // skipping rows that exist is faster than writing, so it is not counted
		s.limit.grow(len(rows), took)
	}
	return dialect.Verdict{}, s.account(ctx, rows, written, took)
}

// account reports a transaction in which written of the rows were new, and compares
// those that existed already.
func (s *Store) account(ctx context.Context, rows []row.Row, written int, took time.Duration) error {
	if s.uncounted() {
		s.observer.Accepted(ctx, len(rows), took)
		return nil
	}
	var conflicts []*row.Row
	var err error
	if written < len(rows) {
		conflicts, err = s.conflicting(ctx, rows)
	}
	s.observer.Wrote(ctx, written, len(rows)-written-len(conflicts), took)
	if err != nil {
		return err
	}
	return s.deadLetterConflicts(ctx, conflicts)
}

// uncounted reports whether the database does not say how many rows were new.
func (s *Store) uncounted() bool {
	_, ok := s.cfg.Dialect.(dialect.Uncounted)
	return ok
}
