package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
)

// ahead is how far before their time partitions are made: long enough for a
// collector to be down, or for a database in which nobody may make tables for a
// while.
var ahead = map[dialect.Partition]int{dialect.PartitionMonth: 2, dialect.PartitionDay: 8}

const (
	// maintainTimeout is the deadline for all that is done to partitions at once.
	maintainTimeout = 10 * time.Minute
	// clocksApart is by how much two clocks may differ before that is told.
	clocksApart = time.Hour
)

// Maintain makes the partitions of the time to come, and removes what is older
// than the retention: whole partitions, and single rows where there are none. It
// may be called at any time, by many collectors; what fails is done by the next
// call.
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
	if s.cfg.Retention > 0 {
		errs = append(errs, s.retain(ctx, older(time.Now(), theirs).Add(-s.cfg.Retention)))
	}
	return errors.Join(errs...)
}

// clock is the time by the database's clock, ours if it has none to ask.
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
			"Rows are removed by the one that is behind.", apart.Round(time.Second)), nil)
	}
	return theirs, nil
}

// older is the earlier of two times: a clock that is ahead must remove nothing.
func older(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// checkPartitions finds out that the table is not as it is said to be.
func (s *Store) checkPartitions(ctx context.Context) error {
	partitioner, ok := s.cfg.Dialect.(dialect.Partitioner)
	if !ok {
		return nil
	}
	var is bool
	query := partitioner.IsPartitioned(s.cfg.Table)
	if err := s.on(ctx, func(conn *sql.Conn) error { return conn.QueryRowContext(ctx, query).Scan(&is) }); err != nil {
		return fmt.Errorf("look whether %s has partitions: %w", s.cfg.Table, err)
	}
	switch wanted := partitioner.Interval(); {
	case is && wanted == dialect.PartitionNone:
		return fmt.Errorf("partition: is none, but the table %s has partitions; allowed for it are month and day", s.cfg.Table)
	case !is && wanted != dialect.PartitionNone:
		return fmt.Errorf("partition: is %s, but the table %s has no partitions and cannot be given any; set none, or another table", wanted, s.cfg.Table)
	}
	return nil
}

// span is a partition: its name and the time it is for.
type span struct {
	name       string
	begin, end time.Time
}

// partition makes the partitions that are missing from the last month or day on.
// Those of another time, which a wrong clock may have made, are no reason to leave
// out those of the present.
func (s *Store) partition(ctx context.Context, p dialect.Partitioner, now time.Time) error {
	ctx, cancel := s.bounded(ctx, maintainTimeout)
	defer cancel()
	return s.locked(ctx, func(ctx context.Context) error {
		spans, err := s.spans(ctx, p)
		if err != nil {
			return err
		}
		begin := p.Interval().Add(now, -1) // for what waited in a queue
		for last := p.Interval().Add(now, ahead[p.Interval()]); begin.Before(last); {
			end, there := next(spans, begin, p.Interval().Add(begin, 1))
			if !there {
				if err := s.run(ctx, p.AddPartition(s.cfg.Table, begin, end)); err != nil {
					return fmt.Errorf("make the partition of %s from %s: %w", s.cfg.Table, begin.Format(time.DateOnly), err)
				}
			}
			begin = end
		}
		return nil
	})
}

// next returns the end of the partition that begin is in, if it is there; or else
// until when one from begin on may be, end at most.
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

// spans reads the partitions of a table, but the one of all other rows.
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

// run runs statements in one transaction, which may have many rows to move.
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
