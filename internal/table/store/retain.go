package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

const (
	// expireRows is how many rows one transaction deletes.
	expireRows = 2_000
	// maxCounted is the number up to which old rows are counted.
	maxCounted = 1_000_000
	// share is the part of all rows, or of all partitions, that may usually expire at
	// once: one in ten.
	share = 10
	// notice is the time between the log line about an unusual removal and the
	// removal.
	notice = time.Hour
	// usual is the range of times that may usually expire at once, since Maintain
	// runs every hour.
	usual = 2 * time.Hour
)

// retain removes rows whose time and recorded_at are before a time. If they are more
// than usual, which a wrong clock may have caused, they are removed only with
// RetentionForce, an hour after a log line.
func (s *Store) retain(ctx context.Context, before time.Time) error {
	expirer, ok := s.cfg.Dialect.(dialect.Expirer)
	if !ok {
		return nil
	}
	old, err := s.oldSpans(ctx, before)
	if err != nil {
		return err
	}
	rows, much, err := s.oldRows(ctx, expirer, before)
	if err != nil {
		return err
	}
	if !much && !old.much {
		s.warned.Store(0)
	} else if !s.mayRemove(ctx, rows, old) {
		return nil
	}
	if err := s.dropSpans(ctx, old.spans, before); err != nil {
		return err
	}
	return s.expire(ctx, expirer, before)
}

// oldPartitions are the partitions that have expired, and whether they are more than
// usual.
type oldPartitions struct {
	spans []span
	much  bool
}

func (s *Store) oldSpans(ctx context.Context, before time.Time) (old oldPartitions, err error) {
	p, ok := s.cfg.Dialect.(dialect.Partitioner)
	if !ok || p.Interval() == dialect.PartitionNone {
		return old, nil
	}
	spans, err := s.spans(ctx, p)
	if err != nil {
		return old, err
	}
	ended := 0
	for _, span := range spans {
		if !span.end.After(before) {
			old.spans = append(old.spans, span)
		}
		if span.begin.Before(before.Add(s.cfg.Retention)) {
			ended++
		}
	}
	old.much = len(old.spans) > max(1, ended/share)
	return old, nil
}

// oldRows counts the expired rows, and reports whether they are more than usual:
// some expired more than two hours ago, and they are more than a tenth of all rows.
func (s *Store) oldRows(ctx context.Context, expirer dialect.Expirer, before time.Time) (rows int, much bool, err error) {
	query, args := expirer.CountOld(s.cfg.Table, before, before, maxCounted)
	if rows, err = s.number(ctx, query, args...); err != nil || rows == 0 {
		return 0, false, err
	}
	query, args = expirer.CountOld(s.cfg.Table, before.Add(-usual), before, maxCounted)
	overdue, err := s.number(ctx, query, args...)
	if err != nil || overdue == 0 {
		return rows, false, err
	}
	all, err := s.number(ctx, expirer.CountAny(s.cfg.Table, share*rows))
	return rows, all < share*rows, err
}

func (s *Store) number(ctx context.Context, query string, args ...any) (n int, err error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	err = s.on(ctx, func(conn *sql.Conn) error { return conn.QueryRowContext(ctx, query, args...).Scan(&n) })
	if err != nil {
		return 0, fmt.Errorf("count old rows: %w", err)
	}
	return n, nil
}

// mayRemove logs that more than usual has expired, and reports whether it may be
// removed now.
func (s *Store) mayRemove(ctx context.Context, rows int, old oldPartitions) bool {
	what := fmt.Sprintf("%d rows and %d partitions of %s are older than the retention", rows, len(old.spans), s.cfg.Table)
	if rows >= maxCounted {
		what = "At least " + what
	}
	if !s.cfg.RetentionForce {
		s.observer.Noted(ctx, what+", more than usual: a clock may have been wrong, or the retention was changed. "+
			"They are kept. To remove them, set retention_force: true.", nil)
		return false
	}
	wait := s.cfg.RetentionNotice
	if wait == 0 {
		wait = notice
	}
	now := time.Now()
	if first := s.warned.Load(); first != 0 && now.Sub(time.Unix(0, first)) >= wait-time.Minute {
		return true
	} else if first == 0 {
		s.warned.Store(now.UnixNano())
		s.observer.Noted(ctx, fmt.Sprintf("%s, more than usual. They are removed in %v (retention_force: true).", what, wait), nil)
	}
	return false
}

// dropSpans drops partitions. Rows in them with a later recorded_at are kept.
func (s *Store) dropSpans(ctx context.Context, spans []span, recorded time.Time) error {
	p, ok := s.cfg.Dialect.(dialect.Partitioner)
	if !ok || len(spans) == 0 {
		return nil
	}
	ctx, cancel := s.bounded(ctx, maintainTimeout)
	defer cancel()
	return s.locked(ctx, func(ctx context.Context) error {
		left, err := s.spans(ctx, p) // another collector may have been faster
		if err != nil {
			return err
		}
		for _, span := range spans {
			if !slices.Contains(left, span) {
				continue
			}
			statements, err := s.dropStatements(ctx, p, span, recorded)
			if err == nil {
				err = s.run(ctx, statements)
			}
			if err != nil {
				return fmt.Errorf("drop the partition %s: %w", span.name, err)
			}
			s.observer.Dropped(ctx, span.name)
		}
		return nil
	})
}

// dropStatements returns the statements that drop a partition, with its counts if the table
// can have any. They may be turned on at any moment, so the statements find out themselves
// whether they are.
func (s *Store) dropStatements(ctx context.Context, p dialect.Partitioner, old span, recorded time.Time) ([]string, error) {
	state, err := s.CountsState(ctx)
	counted, ok := p.(dialect.CountedPartitioner)
	if err != nil || state.missing || !ok {
		return p.DropPartition(s.cfg.Table, old.name, recorded), err
	}
	return counted.DropCountedPartition(s.cfg.Table, old.name, old.begin, old.end, recorded), nil
}

// expire deletes old rows and dead letters in small transactions. After each one it
// pauses as long as the transaction took.
func (s *Store) expire(ctx context.Context, expirer dialect.Expirer, before time.Time) error {
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
			case <-s.life.Done():
				return errStopped
			case <-time.After(time.Since(start)):
			}
		}
	}
	return nil
}
