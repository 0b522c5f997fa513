package identity

import (
	"sync"
	"time"

	"github.com/otelactivity/activitylog/activity"
)

// receipts remembers when content whose own times are not believed was first
// received, so that the span and the log record of one activity, and what is sent
// again, get the same time and so the same id. It is one for all pipelines of a
// process, because the two signals come by different ones.
var receipts memory

// generation is how many contents are remembered at least, and half of how many
// at most: about 3 MB.
const generation = 10_000

// memory is a bounded map, which forgets what was not asked for the longest. The
// zero memory is empty.
type memory struct {
	mu          sync.Mutex
	young, aged map[activity.ID]time.Time
}

// first returns the time that was given with the key when it first came.
func (m *memory) first(key activity.ID, at time.Time) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok := m.young[key]; ok {
		return known
	}
	if known, ok := m.aged[key]; ok {
		at = known
	}
	if m.young == nil || len(m.young) >= generation {
		m.aged, m.young = m.young, make(map[activity.ID]time.Time)
	}
	m.young[key] = at
	return at
}
