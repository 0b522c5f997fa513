package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/otelactivity/activitylog/internal/table/bulk"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// errRaced makes a transaction begin again, because what it relies on has changed: another
// writer added some of its rows, or counts were turned on or off.
var errRaced = errors.New("another writer added some of the rows, or counts were turned on or off, at the same time")

// counter returns the dialect if this store counts the rows that it writes, or nil.
func (s *Store) counter() dialect.Counter {
	if !s.counting.Load() {
		return nil
	}
	counter, _ := s.cfg.Dialect.(dialect.Counter)
	return counter
}

// tally has the rows that a transaction has added. A nil tally takes none.
type tally struct{ parts [][]row.Row }

func (t *tally) add(rows []row.Row) {
	if t != nil && len(rows) > 0 {
		t.parts = append(t.parts, rows)
	}
}

// writing runs a transaction that adds rows. If the table has counts, it counts the rows
// that do put into the tally, in the same transaction; otherwise the tally is nil.
func (s *Store) writing(ctx context.Context, do func(*sql.Conn, *sql.Tx, *tally) error) error {
	counter := s.counter()
	var counts []dialect.Count
	err := s.within(ctx, func(conn *sql.Conn, tx *sql.Tx) error {
		on := counter != nil
		if on {
			var err error
			if on, err = s.stillOn(ctx, tx); err != nil {
				return s.stopCounting(ctx, err)
			}
		}
		if !on {
			if err := s.uncount(ctx, tx); err != nil {
				return err
			}
			return do(conn, tx, nil)
		}
		s.counted.Store(true)
		if err := execAll(ctx, tx, counter.BeginCounted(s.cfg.Table)); err != nil {
			return s.stopCounting(ctx, err)
		}
		t := &tally{}
		if err := do(conn, tx, t); err != nil {
			return err
		}
		counts = dialect.Counts(t.parts)
		if err := s.addCounts(ctx, tx, counter, counts); err != nil {
			return s.stopCounting(ctx, err)
		}
		if end := counter.EndCounted(s.cfg.Table); end != "" {
			return execAll(ctx, tx, end)
		}
		return nil
	})
	if err == nil && len(counts) > 0 && s.cfg.CreateSchema { // otherwise nobody takes them: see fold
		s.unfolded.add(counts)
	}
	return err
}

// uncount tells the triggers that a transaction does not count its rows. A connection may
// still say so, of a time when it did.
func (s *Store) uncount(ctx context.Context, tx *sql.Tx) error {
	session, ok := s.cfg.Dialect.(dialect.CountsSession)
	if !ok || !s.counted.Load() {
		return nil
	}
	return execAll(ctx, tx, session.EndCounted(s.cfg.Table))
}

// stillOn reports whether counts are on, if that must be known before each transaction.
func (s *Store) stillOn(ctx context.Context, tx *sql.Tx) (on bool, err error) {
	by, ok := s.cfg.Dialect.(dialect.CountsSwitch)
	if !ok {
		return true, nil
	}
	err = tx.QueryRowContext(ctx, by.CountsOn(s.cfg.Table)).Scan(&on)
	return on, err
}

// addCounts adds counts in a transaction.
func (s *Store) addCounts(ctx context.Context, tx *sql.Tx, counter dialect.Counter, counts []dialect.Count) error {
	for part := range slices.Chunk(counts, dialect.MaxCounts) {
		query, args := counter.AddCounts(s.cfg.Table, part)
		if _, err := tx.ExecContext(ctx, query, args...); err != nil {
			return fmt.Errorf("add to the counts: %w", err)
		}
	}
	return nil
}

// stopCounting is called with an error of the counts. If they are gone, or the account has
// no right to them, the triggers count from now on, and the transaction is tried again.
func (s *Store) stopCounting(ctx context.Context, err error) error {
	switch s.cfg.Dialect.Classify(err).Kind {
	case dialect.Denied, dialect.Schema:
		if s.counting.Swap(false) {
			s.observer.Noted(ctx, "The exporter cannot add to "+dialect.CountsTable(s.cfg.Table)+", so the database counts by triggers, which is slower.", err)
		}
		return fmt.Errorf("%w: %w", errRaced, err)
	}
	return err
}

// absentIn returns the rows that the table does not have, as this transaction sees it.
func (s *Store) absentIn(ctx context.Context, tx *sql.Tx, lookup dialect.Lookup, rows []row.Row) ([]row.Row, error) {
	present, err := bulk.Present(ctx, tx, lookup, s.cfg.Table, rows)
	if err != nil {
		return nil, err
	}
	return absent(rows, present), nil
}

const (
	// lookForCounts is how often a store that does not count looks whether it should.
	lookForCounts = time.Minute
	// lookForTables is the same for an account that may not know, or a table of an older
	// schema. Servers log these questions as errors.
	lookForTables = time.Hour
	// lookIfOff is how often a store that counts looks whether it still should.
	lookIfOff = time.Hour
)

// lookAgain looks for counts that were turned on meanwhile, and, less often, whether they
// were turned off.
func (s *Store) lookAgain(ctx context.Context) {
	last, now, wait := s.looked.Load(), time.Now().UnixNano(), lookForCounts
	if s.counting.Load() {
		wait = lookIfOff
	}
	if now-last < int64(wait) || !s.looked.CompareAndSwap(last, now) {
		return
	}
	_, _ = s.look(ctx)
}

// look finds out whether this store counts: it does if the table has counts. An account
// that may not know leaves it to the triggers.
func (s *Store) look(ctx context.Context) (CountsState, error) {
	s.looked.Store(time.Now().UnixNano())
	state, err := s.CountsState(ctx)
	if err == nil || s.cfg.Dialect.Classify(err).Kind == dialect.Denied { // another error says nothing
		s.counting.Store(err == nil && state.State != "")
	}
	if err != nil || state.missing {
		s.looked.Add(int64(lookForTables - lookForCounts))
	}
	return state, err
}

// CountsState is whether the table has counts.
type CountsState struct {
	State string // of [dialect.CountsUsable] and the others; "" is none

	missing bool // there is no such table
}

// CountsState reads whether the table has counts. A table of an older schema has none.
func (s *Store) CountsState(ctx context.Context) (state CountsState, err error) {
	if _, ok := s.cfg.Dialect.(dialect.Counter); !ok {
		return state, nil
	}
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	err = s.on(ctx, func(conn *sql.Conn) error {
		return conn.QueryRowContext(ctx, "SELECT state FROM "+dialect.Quote(dialect.CountsStateTable(s.cfg.Table))+" WHERE id = 1").Scan(&state.State)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return CountsState{}, nil
	case err != nil && s.cfg.Dialect.Classify(err).Kind == dialect.Schema:
		return CountsState{missing: true}, nil
	case err != nil:
		return CountsState{}, fmt.Errorf("read the state of the counts: %w", err)
	}
	return state, nil
}

// prepareCounts finds out whether this store counts. It turns counts on for a table
// without rows. Rows that are there must be counted first, which takes a while.
func (s *Store) prepareCounts(ctx context.Context) {
	state, err := s.look(ctx)
	if !s.cfg.Counts {
		return
	}
	if err != nil {
		s.observer.Noted(ctx, "It is not known whether "+s.cfg.Table+" has counts (counts: true), because that could not be read. Rows are written.", err)
		return
	}
	if state.State == "" && !state.missing && s.cfg.CreateSchema {
		err = s.buildEmpty(ctx)
		now, failed := s.look(ctx)
		if failed == nil {
			state = now // another collector may have done what failed here
		} else if err == nil {
			err = failed
		}
	}
	switch {
	case state.State == dialect.CountsUsable:
	case err != nil && state.State == "":
		s.observer.Noted(ctx, "Rows are not counted (counts: true), because the counts could not be turned on.", err)
	default:
		s.observer.Noted(ctx, "The counts of "+s.cfg.Table+" are not used (counts: true): "+s.whyUnused(state), err)
	}
}

// whyUnused says why counts are not used, and what to do, at the end of a message.
func (s *Store) whyUnused(state CountsState) string {
	rebuild := ` Run "activitylog counts --rebuild".`
	switch {
	case state.missing:
		return `its schema has no table for them. Run "activitylog schema apply", then "activitylog counts --rebuild".`
	case state.State == dialect.CountsBuilding:
		return `somebody counts all rows now, or was interrupted. If "activitylog counts" says the same later, run "activitylog counts --rebuild".`
	case state.State != "":
		return "something has changed that could not be counted." + rebuild
	case !s.cfg.CreateSchema:
		return "they are off, and with create_schema: false the exporter does not turn them on." + rebuild
	}
	return "they are off, and there are rows that were not counted." + rebuild
}

// buildEmpty turns counts on if the table has no rows.
func (s *Store) buildEmpty(ctx context.Context) error {
	expirer, ok := s.cfg.Dialect.(dialect.Expirer)
	if !ok {
		return ErrNoCounts
	}
	rows, err := s.number(ctx, expirer.CountAny(s.cfg.Table, 1))
	if err != nil || rows > 0 {
		return err
	}
	_, err = s.BuildCounts(ctx)
	return err
}
