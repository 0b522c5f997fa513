package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

const (
	// foldAfter is how many counts are added before they are folded.
	foldAfter = 5_000
	// foldRows is how many counts of an hour one transaction folds.
	foldRows = 20_000
	// foldBytes is how many bytes of text their keys have, about: one with more ends a
	// transaction earlier.
	foldBytes = 8 << 20
	// foldLarge is how many counts make an hour one to fold, whoever added them.
	foldLarge = 500
)

// unfolded are the hours of counts that were added since the last fold.
type unfolded struct {
	mu    sync.Mutex
	hours map[time.Time]bool
	n     int
}

func (u *unfolded) add(counts []dialect.Count) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.hours == nil {
		u.hours = map[time.Time]bool{}
	}
	for _, count := range counts {
		u.hours[count.Hour] = true
	}
	u.n += len(counts)
}

// take returns the hours to fold, and forgets them; none if there are few counts.
func (u *unfolded) take() (hours []time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n < foldAfter {
		return nil
	}
	for hour := range u.hours {
		hours = append(hours, hour)
	}
	u.hours, u.n = nil, 0
	return hours
}

// errFolded rolls back a fold of counts that somebody else has folded at the same time.
var errFolded = errors.New("somebody else has folded the same counts")

// fold puts the counts of the same key together, after many were added. What goes wrong
// is no loss: the sum is the same.
func (s *Store) fold(ctx context.Context) {
	counter := s.counter()
	if counter == nil { // without create_schema the exporter only inserts, and nothing is unfolded
		return
	}
	for _, hour := range s.unfolded.take() {
		if _, err := s.foldHour(ctx, counter, hour); err != nil && !errors.Is(err, errFolded) {
			s.observer.Noted(ctx, "Counts could not be put together. They are right, and take more space.", err)
			return
		}
	}
}

// FoldCounts puts counts of the same key together, in the hours that have many of them,
// and returns how many counts that saved.
func (s *Store) FoldCounts(ctx context.Context) (saved int, err error) {
	counter, ok := s.cfg.Dialect.(dialect.Counter)
	if !ok {
		return 0, ErrNoCounts
	}
	hours, err := s.largeHours(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for hours with many counts: %w", err)
	}
	for _, hour := range hours {
		for {
			n, err := s.foldHour(ctx, counter, hour)
			saved += n
			if err != nil && !errors.Is(err, errFolded) {
				return saved, fmt.Errorf("put the counts of %s together: %w", hour.Format(time.RFC3339), err)
			}
			if n < foldRows/2 {
				break
			}
		}
	}
	return saved, nil
}

// largeHours returns the hours that have many counts.
func (s *Store) largeHours(ctx context.Context) (hours []time.Time, err error) {
	ctx, cancel := s.bounded(ctx, maintainTimeout)
	defer cancel()
	err = s.on(ctx, func(conn *sql.Conn) error {
		result, err := conn.QueryContext(ctx, "SELECT hour, NULL, NULL, NULL, NULL, count(*) FROM "+dialect.Quote(dialect.CountsTable(s.cfg.Table))+
			" GROUP BY hour HAVING count(*) > "+strconv.Itoa(foldLarge))
		if err != nil {
			return err
		}
		defer func() { _ = result.Close() }()
		for result.Next() {
			count, err := scanCount(result)
			if err != nil {
				return err
			}
			hours = append(hours, count.Hour)
		}
		return result.Err()
	})
	return hours, err
}

// foldHour replaces counts of an hour by one for each key, and returns how many fewer
// there are. It locks only what it deletes, so writers do not wait.
func (s *Store) foldHour(ctx context.Context, counter dialect.Counter, hour time.Time) (saved int, err error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	err = s.within(ctx, func(_ *sql.Conn, tx *sql.Tx) error {
		ids, sums, err := s.sumHour(ctx, tx, counter, hour)
		if err != nil || len(ids) < 2*len(sums) || len(ids) == 0 {
			return err
		}
		for part := range slices.Chunk(ids, dialect.MaxCounts) {
			query, args := counter.DeleteCounts(s.cfg.Table, part)
			n, err := affected(tx.ExecContext(ctx, query, args...))
			if err != nil {
				return err
			}
			if n != len(part) {
				return errFolded
			}
		}
		saved = len(ids) - len(sums)
		return s.addCounts(ctx, tx, counter, sums)
	})
	if err != nil {
		saved = 0
	}
	return saved, err
}

// sumHour reads counts of an hour: their ids, and their sums by key, without those of 0.
func (s *Store) sumHour(ctx context.Context, tx *sql.Tx, counter dialect.Counter, hour time.Time) (ids []int64, sums []dialect.Count, err error) {
	where := " WHERE hour = ? ORDER BY id LIMIT " + strconv.Itoa(foldRows)
	if counter.Goose() == "postgres" {
		where = strings.Replace(where, "?", "$1", 1)
	}
	result, err := tx.QueryContext(ctx, "SELECT id, "+strings.Join(dialect.CountedColumns(), ", ")+", n FROM "+
		dialect.Quote(dialect.CountsTable(s.cfg.Table))+where, counter.CountHour(hour))
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = result.Close() }()
	all, size := map[dialect.Count]int64{}, 0
	for result.Next() {
		var id, n int64
		key := dialect.Count{Hour: hour}
		var texts [4]sql.NullString
		if err := result.Scan(&id, &texts[0], &texts[1], &texts[2], &texts[3], &n); err != nil {
			return nil, nil, err
		}
		ids = append(ids, id)
		setTexts(&key, texts)
		if _, there := all[key]; !there {
			for _, text := range key.Text {
				size += len(text)
			}
		}
		if all[key] += n; size > foldBytes {
			break
		}
	}
	for sum, n := range all {
		if sum.N = n; n != 0 {
			sums = append(sums, sum)
		}
	}
	return ids, sums, result.Err()
}
