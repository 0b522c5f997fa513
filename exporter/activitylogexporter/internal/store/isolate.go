package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/bulk"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

// isolateTime is after how long a transaction that sorts rows out is committed, and
// its dead letters are written. What it has done is then done for good, however
// slow the database is.
const isolateTime = 3 * time.Second

// isolate writes rows among which some are refused, and keeps those as dead
// letters. named is the row, from 1, that the database has named, or 0.
//
// It tries groups of rows. A group that is taken is followed by one of twice its
// size, a group that is refused is tried again in a smaller one, down to a single
// row. Many bad rows cost one try each, few bad ones a few tries each.
func (s *Store) isolate(ctx context.Context, rows []row.Row, named int) error {
	g := groups{rest: rows, size: len(rows)}
	g.shrink(named)
	for len(g.rest) > 0 {
		refused, err := s.isolateSome(ctx, &g)
		if err != nil {
			return fmt.Errorf("write %d rows to %s, of which some are refused: %w", len(rows), s.cfg.Table, err)
		}
		if s.cfg.BlockOnRefused && len(refused) > 0 {
			first := refused[0]
			return fmt.Errorf("write to %s the row %s, which is refused (on_refused: block): %w", s.cfg.Table, first.Row.ID, first.Err)
		}
		if err := s.deadLetter(ctx, refused); err != nil {
			return err
		}
	}
	return nil
}

// groups are rows that are tried in groups.
type groups struct {
	rest    []row.Row // what is still to be tried
	size    int       // of the next group
	streak  int       // groups of one row that were taken, one after the other
	tries   int       // so far
	handled int       // rows that these tries were for
}

const (
	// aloneRows is how many rows are tried alone in one go.
	aloneRows = 500
	// patience is how many rows are taken one by one before groups grow again.
	patience = 4
)

// dense reports whether so many rows are refused that groups are of no use.
func (g *groups) dense() bool { return g.tries >= 8 && 4*g.tries > g.handled }

// next is the group to be tried.
func (g *groups) next() []row.Row { return g.rest[:min(g.size, len(g.rest))] }

// done is called when the group of next was taken, or refused for good.
func (g *groups) done(taken bool) {
	n := len(g.next())
	g.rest = g.rest[n:]
	g.tries++
	g.handled += n
	switch {
	case !taken:
		g.streak = 0
	case n > 1 || g.streak >= patience || !g.dense():
		g.size, g.streak = 2*n, 0
	default:
		g.streak++
	}
}

// shrink makes the next group smaller: what is before the row that the database
// has named, or else half.
func (g *groups) shrink(named int) {
	n := len(g.next())
	g.tries++
	switch {
	case named > 1 && named <= n:
		g.size = named - 1
	case named == 1:
		g.size = 1
	default:
		g.size = max(1, n/2)
	}
}

// isolateSome tries groups for a while and returns which rows were refused.
func (s *Store) isolateSome(ctx context.Context, g *groups) (refused []Rejection, err error) {
	if _, ok := s.cfg.Dialect.(dialect.Savepoints); !ok {
		return s.isolateEach(ctx, g)
	}
	before := *g
	start := time.Now()
	written, taken := 0, []row.Row(nil)
	_, err = s.retry(ctx, 1, func(ctx context.Context) (int, error) {
		*g, refused, taken, written = before, nil, taken[:0], 0
		err := s.within(ctx, func(conn *sql.Conn, tx *sql.Tx) error {
			return s.isolateIn(ctx, conn, tx, g, func(group []row.Row, n int, rejection *Rejection) {
				if rejection != nil {
					refused = append(refused, *rejection)
					return
				}
				written += n
				taken = append(taken, group...)
			})
		})
		return written, err
	})
	if err != nil {
		*g = before
		return nil, err
	}
	if len(taken) > 0 {
		s.remember(taken)
		err = s.account(ctx, taken, written, time.Since(start))
	}
	return refused, err
}

// reportFunc is told what became of a group: how many rows of it were new, or that its
// one row was refused.
type reportFunc func(group []row.Row, written int, rejection *Rejection)

// isolateIn tries groups within one transaction.
func (s *Store) isolateIn(ctx context.Context, conn *sql.Conn, tx *sql.Tx, g *groups, report reportFunc) error {
	limit := isolateTime
	if s.cfg.Timeout > 0 {
		limit = min(limit, s.cfg.Timeout/4)
	}
	dryRunner := bulk.DryRunnerOf(s.cfg.Dialect)
	able := dryRunner != nil
	for start := time.Now(); len(g.rest) > 0 && time.Since(start) < limit; {
		if able && g.dense() {
			done, err := s.isolateByDryRun(ctx, conn, tx, dryRunner, g, report)
			if err != nil {
				return err
			}
			able = done
			continue
		}
		group := g.next()
		n, err := s.tryGroup(ctx, tx, group)
		verdict := s.cfg.Dialect.Classify(err)
		switch {
		case err == nil:
			report(group, n, nil)
			g.done(true)
		case !s.aboutRow(err):
			return err
		case len(group) > 1:
			g.shrink(verdict.Row)
		default:
			report(group, 0, &Rejection{Row: &group[0], Code: verdict.Code, Err: err})
			g.done(false)
		}
	}
	return nil
}

// tryGroup writes a group. If it is refused the transaction is as it was before.
func (s *Store) tryGroup(ctx context.Context, tx *sql.Tx, group []row.Row) (written int, err error) {
	most := 1
	if many, ok := s.cfg.Dialect.(dialect.MultiInserter); ok {
		most = many.MaxMany()
	}
	if _, ok := s.cfg.Dialect.(dialect.AtomicStatements); ok && len(group) <= most {
		return s.insertGroup(ctx, tx, group)
	}
	set, back, release := s.cfg.Dialect.(dialect.Savepoints).Savepoint()
	if err := execAll(ctx, tx, set); err != nil {
		return 0, err
	}
	written, err = s.insertGroup(ctx, tx, group)
	switch {
	case err == nil:
		return written, execAll(ctx, tx, release)
	case s.aboutRow(err):
		if failed := execAll(ctx, tx, back, release); failed != nil {
			return 0, failed
		}
	}
	return 0, err
}

// isolateByDryRun tries the next rows, each alone and all in one go, and then writes
// those that can be. It reports false where that does not work out: rows may be
// refused for the sake of each other.
func (s *Store) isolateByDryRun(ctx context.Context, conn *sql.Conn, tx *sql.Tx, dryRunner bulk.DryRunner, g *groups, report reportFunc) (bool, error) {
	part := g.rest[:min(aloneRows, len(g.rest))]
	set, _, release := s.cfg.Dialect.(dialect.Savepoints).Savepoint()
	if err := execAll(ctx, tx, set); err != nil {
		return false, err
	}
	verdicts, err := dryRunner.DryRun(ctx, conn, s.cfg.Table, part)
	if err != nil {
		return false, err
	}
	if err := execAll(ctx, tx, release); err != nil {
		return false, err
	}
	good := make([]row.Row, 0, len(part))
	for i, err := range verdicts {
		switch {
		case err == nil:
			good = append(good, part[i])
		case !s.aboutRow(err):
			return false, err
		}
	}
	written, err := 0, error(nil)
	if len(good) > 0 {
		if written, err = s.tryGroup(ctx, tx, good); err != nil {
			if s.aboutRow(err) {
				return false, nil
			}
			return false, err
		}
		report(good, written, nil)
	}
	for i, err := range verdicts {
		if err != nil {
			report(nil, 0, &Rejection{Row: &part[i], Code: s.cfg.Dialect.Classify(err).Code, Err: err})
		}
	}
	g.rest = g.rest[len(part):]
	g.tries, g.handled, g.size = 8+len(part)-len(good), len(part), len(part)
	return true, nil
}

func execAll(ctx context.Context, tx *sql.Tx, statements ...string) error {
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// isolateEach is for a database without savepoints: each group is a transaction.
func (s *Store) isolateEach(ctx context.Context, g *groups) (refused []Rejection, err error) {
	for start := time.Now(); len(g.rest) > 0 && time.Since(start) < isolateTime; {
		group := g.next()
		verdict, err := s.attempt(ctx, group)
		switch {
		case err == nil:
			g.done(true)
		case verdict.Kind != dialect.Rejected && verdict.Kind != dialect.Conflict:
			if len(refused) > 0 { // those are known, and need not be found again
				return refused, nil
			}
			return nil, err
		case len(group) > 1:
			g.shrink(verdict.Row)
		default:
			refused = append(refused, Rejection{Row: &group[0], Code: verdict.Code, Err: err})
			g.done(false)
		}
	}
	return refused, nil
}
