package lookup

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// loader queries the database for a few keys at a time. It has at most one query for a
// key at a time, and sends none while the database is unreachable.
type loader struct {
	db      querier
	cfg     *SQLConfig
	warn    *quiet
	keep    func(key string, r row, found bool)
	breaker *breaker

	mu    sync.Mutex
	calls map[string]*call // which wait or run
	queue chan *call

	ctx    context.Context // of the queries, until stop
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// querier is the database.
type querier interface {
	query(ctx context.Context, key string) (r row, found bool, err error)
	close() error
}

// call is the query for one key. Its result may be read when done is closed.
type call struct {
	key   string
	done  chan struct{}
	probe bool // finds out whether the database is back; nothing waits for it
	row   row
	found bool
	err   error
}

// result is the result of the call so far. There is no call if the database is known to
// be unreachable, or if too many keys wait.
func (c *call) result() (row, Result) {
	if c == nil {
		return "", Failed
	}
	select {
	case <-c.done:
	default:
		if c.probe {
			return "", Failed
		}
		return "", Timeout
	}
	switch {
	case c.err != nil:
		return "", Failed
	case !c.found:
		return "", Negative
	}
	return c.row, Miss
}

func newLoader(db querier, cfg *SQLConfig, warn *quiet, keep func(string, row, bool)) *loader {
	ctx, cancel := context.WithCancel(context.Background())
	return &loader{
		db: db, cfg: cfg, warn: warn, keep: keep, breaker: newBreaker(),
		calls: make(map[string]*call), queue: make(chan *call, int(cfg.MaxPending)),
		ctx: ctx, cancel: cancel,
	}
}

func (l *loader) start() {
	for range int(l.cfg.MaxOpenConns) {
		l.done.Go(l.work)
	}
}

// stop cancels running queries. Callers that wait for one still wait up to the timeout.
func (l *loader) stop(ctx context.Context) error {
	l.cancel()
	ended := make(chan struct{})
	go func() { l.done.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
		return fmt.Errorf("wait for the queries of a lookup: %w", ctx.Err())
	}
	return l.db.close()
}

// begin returns the call for key, a new one if there is none yet. It returns nil if no
// call is possible now.
func (l *loader) begin(key string) *call {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c, ok := l.calls[key]; ok {
		return c
	}
	if len(l.queue) == cap(l.queue) {
		return nil
	}
	allowed, probe := l.breaker.allow()
	if !allowed {
		return nil
	}
	c := &call{key: key, done: make(chan struct{}), probe: probe}
	l.calls[key] = c
	l.queue <- c // there is room: only begin sends, and holds the lock
	return c
}

func (l *loader) work() {
	for {
		select {
		case <-l.ctx.Done():
			return
		case c := <-l.queue:
			l.run(c)
		}
	}
}

func (l *loader) run(c *call) {
	if !c.probe && l.breaker.isOpen() {
		c.err = errUnreachable // it was queued before that was known
	} else {
		ctx, cancel := context.WithTimeout(l.ctx, time.Duration(l.cfg.QueryTimeout))
		c.row, c.found, c.err = l.db.query(ctx, c.key)
		cancel()
		l.breaker.report(c.err)
	}
	switch {
	case c.err == nil:
		l.keep(c.key, c.row, c.found)
	case l.ctx.Err() == nil && !errors.Is(c.err, errUnreachable):
		l.warn.warn("A lookup cannot ask its database; attributes stay blank meanwhile.", c.err)
	}
	l.mu.Lock()
	delete(l.calls, c.key)
	l.mu.Unlock()
	close(c.done)
}
