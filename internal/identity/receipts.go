package identity

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/otelactivity/activitylog/activity"
)

// receipts remembers when content without a plausible time was first received, so that
// the span and the log record of one activity, and records that are sent again, get the
// same time and the same id. All pipelines of a process share it, because the two
// signals come through different ones.
var receipts = newMemory()

// maxReceipts is how many contents are remembered, in about 4 MB.
const maxReceipts = 20_000

// memory is a bounded map that forgets the least recently used entries.
type memory struct {
	mu    sync.Mutex
	times *simplelru.LRU[activity.ID, time.Time]
}

func newMemory() *memory {
	times, err := simplelru.NewLRU[activity.ID, time.Time](maxReceipts, nil)
	if err != nil {
		panic(err) // only a size below 1 is an error
	}
	return &memory{times: times}
}

// first returns the time of the first call with this key.
func (m *memory) first(key activity.ID, at time.Time) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok := m.times.Get(key); ok {
		return known
	}
	m.times.Add(key, at)
	return at
}
