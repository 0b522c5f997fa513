package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
)

// errConnect marks what went wrong before there was a connection.
var errConnect = errors.New("connect")

// limit is how many rows go into one transaction. It shrinks when one takes too
// long, by a limit of the server or on a slow line, and grows again.
type limit struct {
	mu   sync.Mutex
	rows int           // 0 is maxRows
	slow time.Duration // what the last one took that was too slow
}

// get returns the most rows of the next transaction.
func (l *limit) get() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rows == 0 {
		return maxRows
	}
	return l.rows
}

// shrink is called when n rows took too long.
func (l *limit) shrink(n int, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if half := max(1, n/2); l.rows == 0 || half < l.rows {
		l.rows, l.slow = half, took
	}
}

// grow is called when n rows have been written: twice as many as long as that is
// far from too slow, and then a tenth more each time.
func (l *limit) grow(n int, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rows == 0 || n < l.rows {
		return
	}
	more := l.rows + l.rows/10 + 1
	if 4*took < l.slow {
		more = 2 * l.rows
	}
	if l.rows = more; l.rows >= maxRows {
		l.rows = 0
	}
}

// tooSlow reports whether a transaction failed since it took too long. ctx is that
// of the caller, whose own end says nothing.
func (s *Store) tooSlow(ctx context.Context, err error, verdict dialect.Verdict) bool {
	if ctx.Err() != nil || errors.Is(err, errConnect) || s.life.Err() != nil {
		return false
	}
	return verdict.TooSlow || errors.Is(err, context.DeadlineExceeded)
}
