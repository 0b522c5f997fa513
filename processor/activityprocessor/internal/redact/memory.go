package redact

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"
)

// memory remembers what was found out about keys, as long as they are few: where
// keys are made of something else, such as names, it stops learning. Reading takes
// no lock, since each key of each record is looked up; a cache that notes what was
// used last, as golang-lru does, takes two to three times as long.
type memory[V any] struct {
	mu    sync.Mutex
	known atomic.Pointer[map[string]V]
}

// maxKnown is how many keys are remembered.
const maxKnown = 1000

func (m *memory[V]) get(key string) (v V, ok bool) {
	if known := m.known.Load(); known != nil {
		v, ok = (*known)[key]
	}
	return v, ok
}

func (m *memory[V]) put(key string, v V) {
	if len(key) > maxKey {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	more := map[string]V{}
	if known := m.known.Load(); known != nil {
		if len(*known) >= maxKnown {
			return
		}
		more = maps.Clone(*known)
	}
	more[strings.Clone(key)] = v // a copy does not keep the request in memory
	m.known.Store(&more)
}

// maxKey is the length up to which a key is examined: longer ones are not names.
const maxKey = 200
