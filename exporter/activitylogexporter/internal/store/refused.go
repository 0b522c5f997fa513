package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

// manyRefused is how many rows the database may refuse while it takes none, until
// that is taken for a wrong schema: the rows are then no dead letters, and wait.
const manyRefused = 20

// ErrAllRefused is the error of [Store.Write] when the database refuses all rows.
var ErrAllRefused = errors.New("the database refuses one row after the other and takes none: " +
	"a constraint, a trigger or a column of the table is not as it should be; rows wait until that is mended")

// refusal is a row that was refused when it was tried alone.
type refusal struct {
	row  *row.Row
	code string
	err  error
}

// write writes rows, fewer than make two transactions. When the database refuses
// one, it tries smaller parts until the row that is meant stands alone. The parts
// are tried breadth first, and each with one row apart, so that rows from all over
// the batch are tried early: that tells a few bad rows from a wrong schema.
func (s *Store) write(ctx context.Context, rows []row.Row) error {
	var refused []refusal
	accepted := false
	for parts := [][]row.Row{rows}; len(parts) > 0; {
		part := parts[0]
		parts = parts[1:]
		verdict, err := s.attempt(ctx, part)
		switch {
		case err == nil:
			accepted = true
			s.streak.Store(0)
		case verdict.Kind != dialect.Refused && verdict.Kind != dialect.Conflict:
			return fmt.Errorf("write %d rows to %s: %w", len(part), s.cfg.Table, err)
		case s.cfg.BlockOnRefused && len(part) == 1:
			return fmt.Errorf("write to %s the row %s, which is refused (on_refused: block): %w", s.cfg.Table, part[0].ID, err)
		case len(part) > 1:
			parts = append(parts, split(part, verdict.Row)...)
		default:
			refused = append(refused, refusal{&part[0], verdict.Code, err})
			if !accepted && int(s.streak.Load())+len(refused) > manyRefused {
				return fmt.Errorf("write %d rows to %s: %w; the last one: %w", len(rows), s.cfg.Table, ErrAllRefused, err)
			}
		}
	}
	if !accepted {
		s.streak.Add(int32(len(refused)))
	}
	return s.bury(ctx, refused)
}

// attempt is one transaction.
func (s *Store) attempt(ctx context.Context, rows []row.Row) (dialect.Verdict, error) {
	start := time.Now()
	written, err := s.transact(ctx, rows)
	if err != nil {
		return s.cfg.Dialect.Classify(err), err
	}
	if s.uncounted() {
		s.observer.Accepted(ctx, len(rows), time.Since(start))
	} else {
		s.observer.Wrote(ctx, written, len(rows)-written, time.Since(start))
	}
	return dialect.Verdict{}, nil
}

// uncounted reports whether the numbers of rows that the database affected mean
// nothing.
func (s *Store) uncounted() bool {
	_, ok := s.cfg.Dialect.(dialect.Uncounted)
	return ok
}

// split parts rows around the one that the database named, or else the first.
func split(rows []row.Row, named int) (parts [][]row.Row) {
	one := 0
	if named > 0 && named <= len(rows) {
		one = named - 1
	}
	middle := one + 1 + (len(rows)-one-1)/2
	for _, part := range [][]row.Row{rows[one : one+1], rows[:one], rows[one+1 : middle], rows[middle:]} {
		if len(part) > 0 {
			parts = append(parts, part)
		}
	}
	return parts
}

// bury keeps refused rows in the dead letter table. One that is refused there too,
// for which it must be beyond what the database takes at all, is kept shortened:
// a row never waits for what will not come.
func (s *Store) bury(ctx context.Context, refused []refusal) error {
	for _, r := range refused {
		n, err := s.keep(ctx, r.row, r.err.Error())
		if kind := s.cfg.Dialect.Classify(err).Kind; err != nil && (kind == dialect.Refused || kind == dialect.Conflict) {
			n, err = s.keep(ctx, shortened(r.row), fmt.Sprintf("%v; shortened, since refused here as well: %v", r.err, err))
		}
		if err != nil {
			return fmt.Errorf("write to %s the row %s, which was refused (%w): %w",
				dialect.DeadLetterTable(s.cfg.Table), r.row.ID, r.err, err)
		}
		if n > 0 || s.uncounted() {
			s.observer.Buried(ctx, r.row, r.code, r.err)
		}
	}
	return nil
}

// keep writes a dead letter and returns how many were new.
func (s *Store) keep(ctx context.Context, r *row.Row, reason string) (int, error) {
	args := []any{r.ID.String(), s.cfg.Dialect.Args(nil, r)[1], reason, r.JSON()}
	if burier, ok := s.cfg.Dialect.(dialect.Burier); ok {
		args = burier.DeadLetterArgs(args)
	}
	return affected(s.db.ExecContext(ctx, s.cfg.Dialect.DeadLetter(s.cfg.Table), args...))
}
