package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// Late is what a table has of late indexes: [dialect.LateIndexer].
type Late struct {
	On       bool     // new partitions have no indexes of actors and traces
	Missing  []string // the indexes that partitions whose time is over lack
	Unwhole  []string // the indexes of the table that lack parts
	Twice    []string // late indexes beside parts of the table's index: they were to be turned on, and that is not finished
	Taken    []string // late indexes that became parts of the table's index, as the SQL of "activitylog schema print" does it
	Building bool     // somebody makes one of them
}

// Late returns what the table has of late indexes; nothing if it cannot have any.
func (s *Store) Late(ctx context.Context) (late Late, err error) {
	p, ok := s.cfg.Dialect.(dialect.LateIndexer)
	if !ok || p.Interval() == dialect.PartitionNone {
		return late, nil
	}
	states, err := s.lateStates(ctx, p)
	if err != nil {
		return late, err
	}
	for _, state := range states {
		late.On = late.On || isLate(state)
	}
	for _, state := range states {
		closed := state.Default || time.UnixMicro(state.End).Before(time.Now())
		late.Building = late.Building || state.Building
		if state.Taken {
			late.Taken = append(late.Taken, state.Name)
		}
		if isTwice(state) {
			late.Twice = append(late.Twice, state.Name)
		}
		switch {
		case late.On && closed && state.Own == "" && !state.Part:
			late.Missing = append(late.Missing, state.Name)
		case !late.On && state.Whole && !state.Part:
			late.Unwhole = append(late.Unwhole, state.Name)
		}
	}
	return late, nil
}

// isTwice reports whether a partition has a late index, or the beginning of one, and a part of
// the table's index, too.
func isTwice(index dialect.LateIndex) bool {
	return index.Part && (index.Own == index.Name || index.Broken)
}

// errLateBusy is the error of [Store.EndLate] while a collector makes an index.
var errLateBusy = errors.New("a collector makes or drops indexes of this table at this moment; try again later, and take late_indexes: true out of the configurations of all collectors first")

// EndLate makes the indexes of the table again, from those that partitions have and new
// ones of the others. Rows are written meanwhile. It is safe to stop it, and to run it again.
func (s *Store) EndLate(ctx context.Context) error {
	p, ok := s.cfg.Dialect.(dialect.LateIndexer)
	if !ok || p.Interval() == dialect.PartitionNone {
		return nil
	}
	ran := false
	err := s.lateLocked(ctx, p, func(ctx context.Context, conn *sql.Conn) error {
		ran = true
		if err := s.beginWhole(ctx, p, conn); err != nil {
			return err
		}
		states, err := scanLate(ctx, p, s.cfg.Table, conn) // again: partitions that are made from now on have the index
		if err != nil {
			return err
		}
		for _, state := range states {
			if err := s.addWhole(ctx, p, conn, state); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && !ran {
		return errLateBusy
	}
	return s.lateDenied(err)
}

// beginWhole begins the indexes of the table.
func (s *Store) beginWhole(ctx context.Context, p dialect.LateIndexer, conn *sql.Conn) error {
	states, err := scanLate(ctx, p, s.cfg.Table, conn)
	if err != nil {
		return err
	}
	begun := map[string]bool{}
	for _, state := range states {
		if begun[state.Kind] {
			continue
		}
		begun[state.Kind] = true
		if err := runOn(ctx, conn, p.BeginWhole(s.cfg.Table, state.Kind)); err != nil {
			return fmt.Errorf("begin the index %s_%s_idx: %w", s.cfg.Table, state.Kind, err)
		}
	}
	return nil
}

// addWhole makes the index of a partition a part of that of the table.
func (s *Store) addWhole(ctx context.Context, p dialect.LateIndexer, conn *sql.Conn, index dialect.LateIndex) error {
	if index.Building && (isTwice(index) || !index.Part) {
		return errLateBusy
	}
	if isTwice(index) {
		if _, err := conn.ExecContext(ctx, p.DropLate(s.cfg.Table, index)); err != nil {
			return fmt.Errorf("drop the index %s, which is there twice: %w", index.Name, err)
		}
		s.observer.Did(ctx, fmt.Sprintf("The index %s was dropped: the partition has a part of %s_%s_idx.", index.Name, s.cfg.Table, index.Kind))
	}
	if index.Part { // perhaps one that was a late index
		return s.freeName(ctx, p, conn, index)
	}
	if index.Own == "" {
		if err := s.build(ctx, p, conn, index); err != nil {
			return err
		}
		index.Own = index.Name
	}
	if err := runOn(ctx, conn, p.AddWhole(s.cfg.Table, index)); err != nil {
		return fmt.Errorf("add the index %s to that of %s: %w", index.Own, s.cfg.Table, err)
	}
	return nil
}
