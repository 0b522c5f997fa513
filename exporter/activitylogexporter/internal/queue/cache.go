package queue

import (
	"slices"
	"sync"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// cache holds the rows of recent requests, so that most requests are written
// without reading them from disk. It is bounded; requests that do not fit are
// read from disk.
//
// Its rows have copies of their strings, because the sender may reuse its pdata.
type cache struct {
	max int64

	mu   sync.Mutex
	used int64
	rows map[uint64]cached // by the key of the payload
}

type cached struct {
	rows    []row.Row
	unnamed int // how many of the rows have no action type, see convert.Batch
	bytes   int64
}

func newCache(maxBytes int64) *cache { return &cache{max: maxBytes, rows: map[uint64]cached{}} }

// room reports whether so many bytes would fit.
func (c *cache) room(bytes int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used+int64(bytes) <= c.max
}

// put keeps a copy of the rows of a request.
func (c *cache) put(key uint64, b *convert.Batch) {
	rows, bytes := b.Rows, int64(0)
	for i := range rows {
		bytes += int64(rows[i].Size() + rowHeader)
	}
	rows = slices.Clone(rows)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows[key] = cached{rows, b.Unnamed, bytes}
	c.used += bytes
}

// rowHeader is the size of a row's string headers, without their text.
const rowHeader = 16 * row.Columns

// get returns the rows of a request, or false. They stay in the cache and must
// not be changed.
func (c *cache) get(key uint64) (cached, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.rows[key]
	return entry, ok
}

// drop removes rows from the cache.
func (c *cache) drop(key uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used -= c.rows[key].bytes
	delete(c.rows, key)
}
