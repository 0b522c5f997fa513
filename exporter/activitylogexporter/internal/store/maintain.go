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

// maintainTimeout is the deadline for all that is done to partitions at once.
const maintainTimeout = 10 * time.Minute

// expireRows is how many rows one transaction deletes.
const expireRows = 2_000

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
	var errs []error
	if partitioner, ok := s.cfg.Dialect.(dialect.Partitioner); ok && partitioner.Interval() != dialect.PartitionNone {
		errs = append(errs, s.partition(ctx, partitioner, time.Now()))
	}
	if s.cfg.Retention > 0 {
		errs = append(errs, s.expire(ctx, time.Now().Add(-s.cfg.Retention)))
	}
	return errors.Join(errs...)
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

// partition makes the partitions from the last one there is, and drops those
// that are too old.
func (s *Store) partition(ctx context.Context, p dialect.Partitioner, now time.Time) error {
	ctx, cancel := s.bounded(ctx, maintainTimeout)
	defer cancel()
	return s.locked(ctx, func(ctx context.Context) error {
		ends, err := s.partitions(ctx, p.Partitions(s.cfg.Table))
		if err != nil {
			return fmt.Errorf("list partitions of %s: %w", s.cfg.Table, err)
		}
		begin := p.Interval().Add(now, -1) // for what waited in a queue
		for _, end := range ends {
			if end.After(begin) {
				begin = end
			}
		}
		for last := p.Interval().Add(now, ahead[p.Interval()]); begin.Before(last); {
			end := p.Interval().Add(begin, 1)
			if err := s.run(ctx, p.AddPartition(s.cfg.Table, begin, end)); err != nil {
				return fmt.Errorf("make the partition of %s from %s: %w", s.cfg.Table, begin.Format(time.DateOnly), err)
			}
			begin = end
		}
		if s.cfg.Retention <= 0 {
			return nil
		}
		for name, end := range ends {
			if end.After(now.Add(-s.cfg.Retention)) {
				continue
			}
			if err := s.run(ctx, p.DropPartition(s.cfg.Table, name)); err != nil {
				return fmt.Errorf("drop the partition %s: %w", name, err)
			}
			s.observer.Dropped(ctx, name)
		}
		return nil
	})
}

// partitions reads names and ends; a partition without an end has none of time.
func (s *Store) partitions(ctx context.Context, query string) (ends map[string]time.Time, err error) {
	ctx, cancel := s.deadline(ctx, statementTimeout)
	defer cancel()
	ends = map[string]time.Time{}
	err = s.on(ctx, func(conn *sql.Conn) error {
		result, err := conn.QueryContext(ctx, query)
		if err != nil {
			return err
		}
		defer func() { _ = result.Close() }()
		for result.Next() {
			var name string
			var end sql.NullInt64
			if err := result.Scan(&name, &end); err != nil {
				return err
			}
			if end.Valid {
				ends[name] = time.UnixMicro(end.Int64)
			}
		}
		return result.Err()
	})
	return ends, err
}

// run runs statements in one transaction.
func (s *Store) run(ctx context.Context, statements []string) error {
	ctx, cancel := s.deadline(ctx, statementTimeout)
	defer cancel()
	return s.within(ctx, func(_ *sql.Conn, tx *sql.Tx) error {
		for _, statement := range statements {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

// expire deletes the rows and dead letters of before a time, a few at a time; it
// leaves writers as much time as it takes itself.
func (s *Store) expire(ctx context.Context, before time.Time) error {
	expirer, ok := s.cfg.Dialect.(dialect.Expirer)
	if !ok {
		return nil
	}
	for _, table := range []string{s.cfg.Table, dialect.DeadLetterTable(s.cfg.Table)} {
		for {
			start := time.Now()
			query, args := expirer.Expire(table, before, expireRows)
			n, err := s.execWithin(ctx, query, args...)
			if err != nil {
				return fmt.Errorf("delete old rows of %s: %w", table, err)
			}
			if n > 0 {
				s.observer.Expired(ctx, n)
			}
			if n < expireRows {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Since(start)):
			}
		}
	}
	return nil
}
