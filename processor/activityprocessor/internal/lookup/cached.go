package lookup

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// cached is a database with a bounded cache in front of it.
type cached struct {
	cfg    CacheConfig
	wait   time.Duration
	cache  *lru.Cache[string, entry]
	loader *loader
}

// entry is the result of the last query for a key.
type entry struct {
	row   row
	found bool
	asked int64 // nanoseconds since 1970
}

func newCached(cfg *Config, columns []string, warn *quiet) (*cached, error) {
	c := &cached{cfg: cfg.Cache, wait: time.Duration(cfg.SQL.Timeout)}
	var err error
	if c.cache, err = lru.New[string, entry](int(cfg.Cache.MaxEntries)); err != nil {
		return nil, fmt.Errorf("cache.max_entries: %w", err)
	}
	db, err := openDatabase(cfg.SQL, len(cfg.Key), columns)
	if err != nil {
		return nil, fmt.Errorf("sql.dsn: %w", err)
	}
	c.loader = newLoader(db, cfg.SQL, warn, func(key string, r row, found bool) {
		c.cache.Add(key, entry{row: r, found: found, asked: time.Now().UnixNano()})
	})
	return c, nil
}

func (c *cached) start(context.Context) error    { c.loader.start(); return nil }
func (c *cached) stop(ctx context.Context) error { return c.loader.stop(ctx) }
func (c *cached) entries() int                   { return c.cache.Len() }

// find returns the row in the cache. A row that is older than the ttl is queried again
// in the background.
func (c *cached) find(key string) (row, Result) {
	e, ok := c.cache.Get(key)
	if !ok {
		return "", Miss
	}
	age := time.Duration(time.Now().UnixNano() - e.asked)
	switch {
	case !e.found && age < time.Duration(c.cfg.NegativeTTL):
		return "", Negative
	case e.found && age < time.Duration(c.cfg.TTL):
		return e.row, Hit
	case e.found && age < time.Duration(c.cfg.TTL)+time.Duration(c.cfg.MaxStale):
		c.loader.begin(key)
		return e.row, Hit
	}
	return "", Miss
}

// ask queries all keys at once and waits for the results until the timeout.
func (c *cached) ask(ctx context.Context, keys []string, got func(int, row, Result)) {
	calls := make([]*call, len(keys))
	for i, key := range keys {
		calls[i] = c.loader.begin(key)
	}
	timer := time.NewTimer(c.wait)
	defer timer.Stop()
	late := c.wait == 0
	for i, asked := range calls {
		if !late && asked != nil && !asked.probe {
			select {
			case <-asked.done:
			case <-timer.C:
				late = true
			case <-ctx.Done():
				late = true
			}
		}
		r, result := asked.result()
		got(i, r, result)
	}
}
