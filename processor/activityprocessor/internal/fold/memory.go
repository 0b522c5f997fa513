package fold

import (
	"time"

	"github.com/otelactivity/activitylog/activity"
)

// maxIDs bounds one generation of ids. Two of them take about 10 MB.
const maxIDs = 100_000

// memory remembers refusals that were seen, and whether each one was the first of its
// kind. It holds two generations, and forgets the older one as a whole.
type memory struct {
	present, past map[activity.ID]bool // whether it was the first
	begun         time.Time            // of the present generation
	ttl           time.Duration
}

func newMemory(ttl time.Duration) memory {
	return memory{present: map[activity.ID]bool{}, ttl: ttl}
}

// get returns whether the refusal with that id was the first of its kind, and whether it was
// seen at all.
func (m *memory) get(id activity.ID) (first, seen bool) {
	if first, seen = m.present[id]; seen {
		return first, true
	}
	first, seen = m.past[id]
	return first, seen
}

// put notes a refusal.
func (m *memory) put(id activity.ID, first bool, now time.Time) {
	if m.begun.IsZero() {
		m.begun = now
	}
	if len(m.present) >= maxIDs || now.Sub(m.begun) >= m.ttl {
		m.past, m.present, m.begun = m.present, make(map[activity.ID]bool), now
	}
	m.present[id] = first
}
