package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// ahead is how many partitions there are from the present one on: enough for a
// collector that is down, or an account that may not create tables, for a while.
var ahead = map[dialect.Partition]int{dialect.PartitionMonth: 2, dialect.PartitionDay: 8}

const (
	// maintainTimeout is the deadline for creating, or for dropping, partitions.
	maintainTimeout = 10 * time.Minute
	// clocksApart is the difference of two clocks above which it is logged.
	clocksApart = time.Hour
)

// Maintain creates the next partitions and removes rows older than the retention:
// whole partitions, or single rows if there are no partitions. It makes late indexes
// ([dialect.LateIndexer]). Many collectors may call it at any time. What fails is done by the next call.
func (s *Store) Maintain(ctx context.Context) error {
	if !s.cfg.CreateSchema {
		return nil
	}
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	theirs, err := s.clock(ctx)
	if err != nil {
		return err
	}
	var errs []error
	if partitioner, ok := s.cfg.Dialect.(dialect.Partitioner); ok && partitioner.Interval() != dialect.PartitionNone {
		errs = append(errs, s.partition(ctx, partitioner, theirs))
	}
	_, _ = s.look(ctx) // they may have been turned off
	if s.counting.Load() {
		_, err := s.FoldCounts(ctx)
		errs = append(errs, err)
	}
	if s.cfg.Retention > 0 {
		errs = append(errs, s.retain(ctx, older(time.Now(), theirs).Add(-s.cfg.Retention)))
	}
	errs = append(errs, s.makeLate(ctx, older(time.Now(), theirs))) // last, since it may take long
	return errors.Join(errs...)
}

// clock returns the time of the database's clock, or ours if the dialect cannot ask
// for it.
func (s *Store) clock(ctx context.Context) (time.Time, error) {
	expirer, ok := s.cfg.Dialect.(dialect.Expirer)
	if !ok {
		return time.Now(), nil
	}
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	var micro int64
	if err := s.on(ctx, func(conn *sql.Conn) error { return conn.QueryRowContext(ctx, expirer.Now()).Scan(&micro) }); err != nil {
		return time.Time{}, fmt.Errorf("ask for the database's time: %w", err)
	}
	theirs := time.UnixMicro(micro)
	if apart := time.Since(theirs); apart > clocksApart || apart < -clocksApart {
		s.observer.Noted(ctx, fmt.Sprintf("The clocks of this collector and of the database differ by %v. "+
			"The slower clock decides which rows are removed.", apart.Round(time.Second)), nil)
	}
	return theirs, nil
}

// older returns the earlier of two times, so that a clock that is fast removes
// nothing too early.
func older(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// checkPartitions returns an error if the table is partitioned in another way than
// the setting partition says.
func (s *Store) checkPartitions(ctx context.Context) error {
	partitioner, ok := s.cfg.Dialect.(dialect.Partitioner)
	if !ok {
		return nil
	}
	var is bool
	query := partitioner.IsPartitioned(s.cfg.Table)
	if err := s.on(ctx, func(conn *sql.Conn) error { return conn.QueryRowContext(ctx, query).Scan(&is) }); err != nil {
		return fmt.Errorf("check whether %s has partitions: %w", s.cfg.Table, err)
	}
	switch wanted := partitioner.Interval(); {
	case is && wanted == dialect.PartitionNone:
		return fmt.Errorf("the table %s has partitions: partition must be \"month\" or \"day\"; got \"none\"", s.cfg.Table)
	case !is && wanted != dialect.PartitionNone:
		return fmt.Errorf("the table %s has no partitions, and they cannot be added: partition must be \"none\"; got %q", s.cfg.Table, wanted)
	}
	return nil
}

// span is a partition: its name and its time range.
type span struct {
	name       string
	begin, end time.Time
}

// partition creates the missing partitions, from the last month or day on.
// Partitions of another time, which a wrong clock may have caused, do not replace
// those of the present.
func (s *Store) partition(ctx context.Context, p dialect.Partitioner, now time.Time) error {
	ctx, cancel := s.bounded(ctx, maintainTimeout)
	defer cancel()
	return s.locked(ctx, func(ctx context.Context) error {
		spans, err := s.spans(ctx, p)
		if err != nil {
			return err
		}
		for _, a := range lacking(p, spans, now) {
			if err := s.run(ctx, p.AddPartition(s.cfg.Table, a.begin, a.end)); err != nil {
				return fmt.Errorf("create the partition of %s from %s: %w", s.cfg.Table, a.begin.Format(time.DateOnly), err)
			}
		}
		return nil
	})
}

// lacking returns the partitions that are to be created, without their names.
func lacking(p dialect.Partitioner, spans []span, now time.Time) (all []span) {
	begin := p.Interval().Add(now, -1) // for rows that waited in a queue
	for last := p.Interval().Add(now, ahead[p.Interval()]); begin.Before(last); {
		end, there := next(spans, begin, p.Interval().Add(begin, 1))
		if !there {
			all = append(all, span{begin: begin, end: end})
		}
		begin = end
	}
	return all
}

// next returns the end of the partition that contains begin, if there is one.
// Otherwise it returns the latest end, up to end, of a partition that starts at
// begin.
func next(spans []span, begin, end time.Time) (until time.Time, there bool) {
	for _, s := range spans {
		switch {
		case !begin.Before(s.begin) && begin.Before(s.end):
			return s.end, true
		case begin.Before(s.begin) && s.begin.Before(end):
			end = s.begin
		}
	}
	return end, false
}

// spans reads the partitions of the table, except the default one.
func (s *Store) spans(ctx context.Context, p dialect.Partitioner) (spans []span, err error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	err = s.on(ctx, func(conn *sql.Conn) error {
		result, err := conn.QueryContext(ctx, p.Partitions(s.cfg.Table))
		if err != nil {
			return err
		}
		defer func() { _ = result.Close() }()
		for result.Next() {
			var name string
			var begin, end sql.NullInt64
			if err := result.Scan(&name, &begin, &end); err != nil {
				return err
			}
			if begin.Valid && end.Valid {
				spans = append(spans, span{name, time.UnixMicro(begin.Int64), time.UnixMicro(end.Int64)})
			}
		}
		return result.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list partitions of %s: %w", s.cfg.Table, err)
	}
	return spans, nil
}

// run runs statements in one transaction.
func (s *Store) run(ctx context.Context, statements []string) error {
	return s.within(ctx, func(_ *sql.Conn, tx *sql.Tx) error {
		for _, statement := range statements {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}
