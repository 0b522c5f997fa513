package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/internal/table/bulk"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// isolateTime is how long one transaction may try groups before it is committed and
// its dead letters are written. So a slow database keeps what was achieved.
const isolateTime = 3 * time.Second

// isolate writes rows of which the database rejects some, and writes those to the
// dead letter table. named is the number, from 1, of the row in the database's error,
// or 0 if it names no row.
//
// It tries groups of rows. After a group that was accepted, the next one is twice as
// large. A group that was rejected is tried again with fewer rows, down to a single
// one. If many rows are bad, each costs one try; if few are, each costs a few tries.
func (s *Store) isolate(ctx context.Context, rows []row.Row, named int) error {
	g := groups{rest: rows, size: len(rows)}
	g.shrink(named)
	for len(g.rest) > 0 {
		rejected, err := s.isolateSome(ctx, &g)
		if err != nil {
			return fmt.Errorf("write %d rows to %s, some of which are rejected: %w", len(rows), s.cfg.Table, err)
		}
		if s.cfg.BlockOnRefused && len(rejected) > 0 {
			first := rejected[0]
			return fmt.Errorf("write the row %s to %s (on_refused: block): %w", first.Row.ID, s.cfg.Table, first.Err)
		}
		if err := s.deadLetter(ctx, rejected); err != nil {
			return err
		}
	}
	return nil
}

// groups are rows that are tried in groups.
type groups struct {
	rest    []row.Row // what is still to be tried
	size    int       // of the next group
	streak  int       // groups of one row that were accepted, one after the other
	tries   int       // so far
	handled int       // rows that these tries were for
}

const (
	// dryRunRows is how many rows are tried alone in one go.
	dryRunRows = 500
	// growAfter is how many single rows are accepted in a row before groups grow again.
	growAfter = 4
)

// dense reports whether so many rows are rejected that groups do not help.
func (g *groups) dense() bool { return g.tries >= 8 && 4*g.tries > g.handled }

// next returns the next group to try.
func (g *groups) next() []row.Row { return g.rest[:min(g.size, len(g.rest))] }

// done is called when the group of next was accepted, or was a single row that was
// rejected.
func (g *groups) done(accepted bool) {
	n := len(g.next())
	g.rest = g.rest[n:]
	g.tries++
	g.handled += n
	switch {
	case !accepted:
		g.streak = 0
	case n > 1 || g.streak >= growAfter || !g.dense():
		g.size, g.streak = 2*n, 0
	default:
		g.streak++
	}
}

// shrink makes the next group smaller: the rows before the one that the database
// named, or half of them.
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

// isolateSome tries groups for a while and returns the rows that were rejected.
func (s *Store) isolateSome(ctx context.Context, g *groups) (rejected []Rejection, err error) {
	if _, ok := s.cfg.Dialect.(dialect.Savepoints); !ok {
		return s.isolateEach(ctx, g)
	}
	before := *g
	start := time.Now()
	written, accepted := 0, []row.Row(nil)
	_, err = s.retry(ctx, 1, func(ctx context.Context) (int, error) {
		*g, rejected, accepted, written = before, nil, accepted[:0], 0
		err := s.writing(ctx, func(conn *sql.Conn, tx *sql.Tx, added *tally) error {
			return s.isolateIn(ctx, writer{conn, tx, added}, g, func(group []row.Row, n int, rejection *Rejection) {
				if rejection != nil {
					rejected = append(rejected, *rejection)
					return
				}
				written += n
				accepted = append(accepted, group...)
			})
		})
		return written, err
	})
	if err != nil {
		*g = before
		return nil, err
	}
	if len(accepted) > 0 {
		s.remember(accepted)
		err = s.account(ctx, accepted, written, time.Since(start))
	}
	return rejected, err
}

// reportFunc receives the result of a group: how many of its rows were new, or the
// rejection of its single row.
type reportFunc func(group []row.Row, written int, rejection *Rejection)

// writer is a transaction that adds rows: see [Store.writing].
type writer struct {
	conn  *sql.Conn
	tx    *sql.Tx
	added *tally
}

// isolateIn tries groups in one transaction.
func (s *Store) isolateIn(ctx context.Context, w writer, g *groups, report reportFunc) error {
	limit := isolateTime
	if s.cfg.Timeout > 0 {
		limit = min(limit, s.cfg.Timeout/4)
	}
	dryRunner := bulk.DryRunnerOf(s.cfg.Dialect)
	able := dryRunner != nil
	for start := time.Now(); len(g.rest) > 0 && time.Since(start) < limit; {
		if able && g.dense() {
			done, err := s.isolateByDryRun(ctx, w, dryRunner, g, report)
			if err != nil {
				return err
			}
			able = done
			continue
		}
		group := g.next()
		n, err := s.tryGroup(ctx, w, group)
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

// tryGroup writes a group. If the group is rejected, the transaction is as before.
func (s *Store) tryGroup(ctx context.Context, w writer, group []row.Row) (written int, err error) {
	most := 1
	if many, ok := s.cfg.Dialect.(dialect.MultiInserter); ok {
		most = many.MaxMany()
	}
	if _, ok := s.cfg.Dialect.(dialect.AtomicStatements); ok && len(group) <= most {
		return s.insertGroup(ctx, w.tx, group, w.added)
	}
	set, back, release := s.cfg.Dialect.(dialect.Savepoints).Savepoint()
	if err := execAll(ctx, w.tx, set); err != nil {
		return 0, err
	}
	written, err = s.insertGroup(ctx, w.tx, group, w.added)
	switch {
	case err == nil:
		return written, execAll(ctx, w.tx, release)
	case s.aboutRow(err):
		if failed := execAll(ctx, w.tx, back, release); failed != nil {
			return 0, failed
		}
	}
	return 0, err
}

// isolateByDryRun tries each of the next rows alone, in one round trip, and then
// writes those that were accepted. It returns false if these are rejected together,
// because rows may conflict with each other.
func (s *Store) isolateByDryRun(ctx context.Context, w writer, dryRunner bulk.DryRunner, g *groups, report reportFunc) (bool, error) {
	part := g.rest[:min(dryRunRows, len(g.rest))]
	set, _, release := s.cfg.Dialect.(dialect.Savepoints).Savepoint()
	if err := execAll(ctx, w.tx, set); err != nil {
		return false, err
	}
	verdicts, err := dryRunner.DryRun(ctx, w.conn, s.cfg.Table, part)
	if err != nil {
		return false, err
	}
	if err := execAll(ctx, w.tx, release); err != nil {
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
		if written, err = s.tryGroup(ctx, w, good); err != nil {
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

// isolateEach tries groups for a database without savepoints: each group is a
// transaction.
func (s *Store) isolateEach(ctx context.Context, g *groups) (rejected []Rejection, err error) {
	for start := time.Now(); len(g.rest) > 0 && time.Since(start) < isolateTime; {
		group := g.next()
		verdict, err := s.attempt(ctx, group)
		switch {
		case err == nil:
			g.done(true)
		case verdict.Kind != dialect.Rejected && verdict.Kind != dialect.Conflict:
			if len(rejected) > 0 { // write these first, so that they are not tried again
				return rejected, nil
			}
			return nil, err
		case len(group) > 1:
			g.shrink(verdict.Row)
		default:
			rejected = append(rejected, Rejection{Row: &group[0], Code: verdict.Code, Err: err})
			g.done(false)
		}
	}
	return rejected, nil
}
