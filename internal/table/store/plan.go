package store

import (
	"context"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// Plan is what is to be done to partitions and their indexes.
type Plan struct {
	Partitions []string // names of those to create
	Indexes    []string // what to do to indexes, in order, such as "make the index activity_log_default_actor"
}

// Plan returns what [Store.Maintain] would do now, or [Store.EndLate] and then Maintain.
// It changes nothing. The table may be missing.
func (s *Store) Plan(ctx context.Context, endLate bool) (plan Plan, err error) {
	p, ok := s.cfg.Dialect.(dialect.Partitioner)
	if !ok {
		return plan, nil
	}
	theirs, err := s.clock(ctx)
	if err != nil {
		return plan, err
	}
	var spans []span
	there := true
	if err := s.checkPartitions(ctx); err != nil {
		if s.cfg.Dialect.Classify(err).Kind != dialect.Schema {
			return plan, err
		}
		there = false
	}
	if p.Interval() == dialect.PartitionNone {
		return plan, nil
	}
	if there {
		if spans, err = s.spans(ctx, p); err != nil {
			return plan, err
		}
	}
	created := lacking(p, spans, theirs)
	for i := range created {
		created[i].name = p.PartitionName(s.cfg.Table, created[i].begin)
		plan.Partitions = append(plan.Partitions, created[i].name)
	}
	plan.Indexes, err = s.planLate(ctx, created, there, endLate, older(time.Now(), theirs))
	return plan, err
}

// planLate returns what would be done to indexes, with the partitions that are created.
func (s *Store) planLate(ctx context.Context, created []span, there, end bool, now time.Time) (do []string, err error) {
	p, ok := s.cfg.Dialect.(dialect.LateIndexer)
	if !ok {
		return nil, nil
	}
	var states []dialect.LateIndex
	if there {
		if states, err = s.lateStates(ctx, p); err != nil {
			return nil, err
		}
	}
	if end {
		return s.planEnd(states), nil
	}
	has := map[string]bool{}
	for _, state := range states {
		has[state.Kind] = has[state.Kind] || isLate(state)
	}
	for _, span := range created { // a new partition has a part of the table's index, or nothing
		for _, kind := range []string{"actor", "trace"} {
			if (p.Late() || has[kind]) && !span.end.After(now) {
				do = append(do, "make the index "+span.name+"_"+kind)
			}
		}
	}
	for _, step := range lateWork(p, states, now) {
		if step.whole {
			do = append(do, "drop the index "+s.cfg.Table+"_"+step.Kind+"_idx, whose place late indexes take")
		} else {
			do = append(do, "make the index "+step.Name)
		}
	}
	return do, nil
}

// planEnd returns what [Store.EndLate] would do.
func (s *Store) planEnd(states []dialect.LateIndex) (do []string) {
	begun := map[string]bool{}
	for _, state := range states {
		if !state.Whole && !begun[state.Kind] {
			begun[state.Kind] = true
			do = append(do, "make the index "+s.cfg.Table+"_"+state.Kind+"_idx from those of the partitions")
		}
		switch {
		case isTwice(state):
			do = append(do, "drop the index "+state.Name+", which is there twice")
		case state.Taken:
			do = append(do, "rename the index "+state.Name+" to "+state.Name+"2")
		case !state.Part && state.Own == "":
			do = append(do, "make the index "+state.Name)
		case !state.Part:
			do = append(do, "add the index "+state.Own+" to that of the table")
		}
	}
	return do
}
