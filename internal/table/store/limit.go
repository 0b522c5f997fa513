package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// errConnect marks an error that happened while connecting.
var errConnect = errors.New("connect")

// limit is the most rows of one transaction. It shrinks when a transaction takes too
// long, because of a limit of the server or a slow network, and grows again.
type limit struct {
	mu   sync.Mutex
	rows int           // 0: maxRows
	slow time.Duration // duration of the last transaction that was too slow
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

// grow is called when n rows have been written. The limit doubles while that took
// less than a quarter of the time that was too slow, then grows by a tenth.
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

// tooSlow reports whether a transaction failed because it took too long. If ctx, the
// context of the caller, has ended, the answer is no.
func (s *Store) tooSlow(ctx context.Context, err error, verdict dialect.Verdict) bool {
	if ctx.Err() != nil || errors.Is(err, errConnect) || s.life.Err() != nil {
		return false
	}
	return verdict.TooSlow || errors.Is(err, context.DeadlineExceeded)
}
