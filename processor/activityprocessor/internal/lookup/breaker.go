package lookup

import (
	"errors"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// errAway is for who is not asked.
var errAway = errors.New("the database was not asked: it is away")

// maxFailures in a row mean that the database is away.
const maxFailures = 3

// breaker keeps questions from a database that is away. Once in a while it lets a
// single one through, to see whether it is back.
type breaker struct {
	mu       sync.Mutex
	failures int
	open     bool
	probing  bool
	until    time.Time
	wait     *backoff.ExponentialBackOff
}

func newBreaker() *breaker {
	b := &breaker{wait: backoff.NewExponentialBackOff()}
	b.wait.InitialInterval = time.Second
	b.wait.MaxInterval = 30 * time.Second
	return b
}

// allow reports whether the database may be asked, and whether that is the single
// question that finds out. Its answer must be reported.
func (b *breaker) allow() (allowed, probe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open {
		return true, false
	}
	if b.probing || time.Now().Before(b.until) {
		return false, false
	}
	b.probing = true
	return true, true
}

func (b *breaker) isOpen() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open
}

// report says how a question ended.
func (b *breaker) report(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		b.failures, b.open, b.probing = 0, false, false
		b.wait.Reset()
		return
	}
	b.failures++
	if b.failures < maxFailures || b.open && !b.probing {
		return // that one was asked before
	}
	b.open, b.probing = true, false
	b.until = time.Now().Add(b.wait.NextBackOff())
}
