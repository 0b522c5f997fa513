package lookup

import (
	"errors"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// errUnreachable is the error of a query that is not sent.
var errUnreachable = errors.New("the query was not sent: the database is unreachable")

// maxFailures in a row mean that the database is unreachable.
const maxFailures = 3

// breaker stops queries to an unreachable database. From time to time it allows a
// single query, to find out whether the database is back.
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

// allow reports whether a query may be sent, and whether it is the single one that
// finds out. The result of that one must be reported.
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

// report reports the result of a query.
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
		return // that query was sent before
	}
	b.open, b.probing = true, false
	b.until = time.Now().Add(b.wait.NextBackOff())
}
