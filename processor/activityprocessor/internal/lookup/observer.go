package lookup

import (
	"sync"
	"time"

	"go.uber.org/zap"
)

// Result is how the lookup of one record ended.
type Result string

// Results. metadata.yaml has their names in metrics.
const (
	// Hit: the row was in memory.
	Hit Result = "hit"
	// Miss: the row was not in memory, and the database returned it in time.
	Miss Result = "miss"
	// Negative: there is no row with this key.
	Negative Result = "negative"
	// Timeout: the database did not answer in time.
	Timeout Result = "timeout"
	// Failed: the query failed, the database is unreachable, or too many keys wait.
	Failed Result = "error"
)

// results are all of them; counts has their numbers in this order.
var results = [...]Result{Hit, Miss, Negative, Timeout, Failed}

// Observer counts the results of lookups. It must be safe for concurrent use.
type Observer interface {
	// Looked is called once a batch with the number of records that had a result.
	Looked(lookup string, result Result, n int64)
	// Reloaded is called after a changed file was read. If err is not nil, the old table
	// is still used.
	Reloaded(lookup string, err error)
}

// counts are the results of one batch.
type counts [len(results)]int64

func (c *counts) add(result Result) {
	for i, r := range results {
		if r == result {
			c[i]++
		}
	}
}

// unanswered returns for how many records the database did not answer.
func (c *counts) unanswered() (n int64) {
	for i, r := range results {
		if r == Timeout || r == Failed {
			n += c[i]
		}
	}
	return n
}

func (c *counts) report(observer Observer, lookup string) {
	for i, n := range c {
		if n > 0 {
			observer.Looked(lookup, results[i], n)
		}
	}
}

// quiet warns at most once a minute.
type quiet struct {
	logger *zap.Logger

	mu     sync.Mutex
	last   time.Time
	silent int // warnings since then
}

func (q *quiet) warn(message string, err error) {
	q.mu.Lock()
	if !q.last.IsZero() && time.Since(q.last) < time.Minute {
		q.silent++
		q.mu.Unlock()
		return
	}
	silent := q.silent
	q.last, q.silent = time.Now(), 0
	q.mu.Unlock()
	q.logger.Warn(message, zap.Error(err), zap.Int("not_logged_before", silent))
}
