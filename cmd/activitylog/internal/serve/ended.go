package serve

import (
	"maps"
	"sync"
	"time"
)

// ended are the sessions that somebody has logged out of. Their cookies could be copied
// before, and be sent until their time is over.
type ended struct {
	mu  sync.Mutex
	ids map[string]time.Time // until when the cookie would be good
}

// add adds a session, and reports whether it was not there.
func (e *ended) add(s session, now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	maps.DeleteFunc(e.ids, func(_ string, until time.Time) bool { return !now.Before(until) })
	if _, before := e.ids[s.ID]; before {
		return false
	}
	if e.ids == nil {
		e.ids = map[string]time.Time{}
	}
	e.ids[s.ID] = s.Until
	return true
}

// has reports whether a session was added.
func (e *ended) has(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ok := e.ids[id]
	return ok
}
