package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

const (
	// lateTimeout is the deadline for all late indexes that are made in one go. A large
	// partition takes a while, and nobody waits for it.
	lateTimeout = 6 * time.Hour
	// lateAgain is how long after a failure the next try is at the earliest: half of an
	// index is work of the database for nothing.
	lateAgain = 55 * time.Minute
)

// makeLate makes the late indexes of the partitions whose time is over, if the table has
// late indexes or is to have them. If they are to be new, it then drops the indexes of
// the table. Rows are written meanwhile.
func (s *Store) makeLate(ctx context.Context, now time.Time) error {
	p, ok := s.cfg.Dialect.(dialect.LateIndexer)
	if !ok || p.Interval() == dialect.PartitionNone || time.Now().UnixNano() < s.lateAfter.Load() {
		return nil
	}
	states, err := s.lateStates(ctx, p)
	if err == nil && len(lateWork(p, states, now)) > 0 {
		err = s.lateLocked(ctx, p, func(ctx context.Context, conn *sql.Conn) error { return s.lateSteps(ctx, p, conn, now) })
	}
	if err == nil {
		return nil
	}
	s.lateAfter.Store(time.Now().Add(lateAgain).UnixNano())
	return fmt.Errorf("%w; queries of an actor or of a trace read partitions without these indexes as a whole", s.lateDenied(err))
}

// lateDenied adds what to do to an error about a missing right.
func (s *Store) lateDenied(err error) error {
	if s.cfg.Dialect.Classify(err).Kind != dialect.Denied {
		return err
	}
	return fmt.Errorf("%w; only the owner of %s may make and drop its indexes: run \"activitylog schema apply\" as that account after each month or day, or make it the exporter's", err, s.cfg.Table)
}

// lateStates asks for the late indexes of all partitions.
func (s *Store) lateStates(ctx context.Context, p dialect.LateIndexer) (states []dialect.LateIndex, err error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	err = s.on(ctx, func(conn *sql.Conn) error {
		states, err = scanLate(ctx, p, s.cfg.Table, conn)
		return err
	})
	if err != nil && !p.Late() && s.notSupported(err) {
		return nil, nil // a database that is only compatible, and without late indexes
	}
	return states, err
}

func scanLate(ctx context.Context, p dialect.LateIndexer, table string, conn *sql.Conn) (states []dialect.LateIndex, err error) {
	result, err := conn.QueryContext(ctx, p.LateStates(table))
	if err != nil {
		return nil, fmt.Errorf("list the indexes of the partitions of %s: %w", table, err)
	}
	defer func() { _ = result.Close() }()
	for result.Next() {
		var state dialect.LateIndex
		if err := result.Scan(state.Fields()...); err != nil {
			return nil, fmt.Errorf("read the indexes of the partitions of %s: %w", table, err)
		}
		states = append(states, state)
	}
	return states, result.Err()
}

// lateStep is an index of a partition to make, or one of the table to drop: whole.
type lateStep struct {
	dialect.LateIndex
	whole bool
}

// lateWork returns what is to be done, in order. The default partition comes last: its
// index says that the table has late indexes, and that all others were made.
func lateWork(p dialect.LateIndexer, states []dialect.LateIndex, now time.Time) (steps []lateStep) {
	has, left := map[string]bool{}, map[string]bool{}
	for _, state := range states {
		has[state.Kind] = has[state.Kind] || isLate(state)
	}
	for _, state := range states {
		closed := state.Default || !time.UnixMicro(state.End).After(now)
		switch {
		case !closed || state.Own != "" || !has[state.Kind] && !p.Late():
		case state.Building: // by a collector that was killed since, perhaps
			left[state.Kind] = true
		default:
			steps = append(steps, lateStep{LateIndex: state})
		}
	}
	for _, state := range states {
		if state.Default && state.Whole && p.Late() && !left[state.Kind] {
			steps = append(steps, lateStep{state, true})
		}
	}
	return steps
}

// isLate reports whether an index is the one that says that the table has late indexes. The
// owner of a table may have made one like it beside that of the table.
func isLate(index dialect.LateIndex) bool { return index.Default && index.Own != "" && !index.Whole }

// lateSteps does what is to be done, on a connection of its own: the pool may have only
// one, which writes rows. It looks again after each step: another collector may have been
// faster, a partition may have been dropped since, or the time of another one be over.
func (s *Store) lateSteps(ctx context.Context, p dialect.LateIndexer, conn *sql.Conn, now time.Time) error {
	began := time.Now()
	for last := ""; ; {
		states, err := scanLate(ctx, p, s.cfg.Table, conn)
		if err != nil {
			return err
		}
		steps := lateWork(p, states, now.Add(time.Since(began)))
		if len(steps) == 0 {
			return nil
		}
		name := s.nameOf(steps[0])
		if name == last {
			return fmt.Errorf("the database says that the index %s was made or dropped, and lists it as before", name)
		}
		if err := s.doLate(ctx, p, conn, steps[0]); err != nil {
			return err
		}
		last = name
	}
}

// nameOf is the name of the index that a step makes or drops.
func (s *Store) nameOf(step lateStep) string {
	if step.whole {
		return s.cfg.Table + "_" + step.Kind + "_idx"
	}
	return step.Name
}

func (s *Store) doLate(ctx context.Context, p dialect.LateIndexer, conn *sql.Conn, step lateStep) error {
	if !step.whole {
		return s.build(ctx, p, conn, step.LateIndex)
	}
	if err := runOn(ctx, conn, p.DropWhole(s.cfg.Table, step.Kind)); err != nil {
		return fmt.Errorf("drop the index %s, whose place late indexes take: %w", s.nameOf(step), err)
	}
	s.observer.Did(ctx, fmt.Sprintf("The index %s was dropped: partitions get theirs when their time is over.", s.nameOf(step)))
	return nil
}

// build makes the index of a partition. One that was begun and not finished is made again.
func (s *Store) build(ctx context.Context, p dialect.LateIndexer, conn *sql.Conn, index dialect.LateIndex) error {
	began := time.Now()
	if err := s.freeName(ctx, p, conn, index); err != nil {
		return err
	}
	if index.Broken {
		if _, err := conn.ExecContext(ctx, p.DropLate(s.cfg.Table, index)); err != nil {
			return fmt.Errorf("drop the unfinished index %s: %w", index.Name, err)
		}
	}
	if _, err := conn.ExecContext(ctx, p.BuildLate(s.cfg.Table, index)); err != nil {
		return fmt.Errorf("make the index %s: %w", index.Name, err)
	}
	s.observer.Did(ctx, fmt.Sprintf("The index %s was made in %v.", index.Name, time.Since(began).Round(time.Millisecond)))
	return nil
}

// freeName makes room for the name of an index, if a part of the table's index has it:
// the SQL of "activitylog schema print" takes late indexes in.
func (s *Store) freeName(ctx context.Context, p dialect.LateIndexer, conn *sql.Conn, index dialect.LateIndex) error {
	if !index.Taken {
		return nil
	}
	if err := runOn(ctx, conn, p.FreeName(s.cfg.Table, index)); err != nil {
		return fmt.Errorf("rename the index %s, which is a part of %s_%s_idx: %w", index.Name, s.cfg.Table, index.Kind, err)
	}
	return nil
}

// lateLocked calls do with a connection of its own, while another one holds the lock for
// late indexes. If somebody else has the lock, it does nothing: they do it. This is not
// the lock of [Store.locked], for which a collector waits that starts.
func (s *Store) lateLocked(ctx context.Context, p dialect.LateIndexer, do func(context.Context, *sql.Conn) error) error {
	ctx, cancel := s.bounded(ctx, lateTimeout)
	defer cancel()
	db := sql.OpenDB(s.connector)
	defer func() { _ = db.Close() }()
	// An index that is made waits for all snapshots that are older, also that of the lock.
	tx, held, err := tryLock(ctx, db, &sql.TxOptions{Isolation: sql.LevelReadCommitted}, p.LateLock(s.cfg.Table))
	if err != nil {
		return fmt.Errorf("lock the indexes of %s: %w", s.cfg.Table, withoutDSN(err, s.dsn))
	}
	if !held {
		return nil
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
		return fmt.Errorf("lock the indexes of %s: %w", s.cfg.Table, err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", errConnect, withoutDSN(err, s.dsn))
	}
	err = do(ctx, conn)
	return errors.Join(err, conn.Close())
}

// runOn runs statements in one transaction of a connection.
func runOn(ctx context.Context, conn *sql.Conn, statements []string) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit()
}
