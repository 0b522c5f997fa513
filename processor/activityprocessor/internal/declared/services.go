package declared

import (
	"strings"
	"sync"
	"sync/atomic"
)

// maxServices is how many services are remembered.
const maxServices = 2000

// services holds names of services in two generations, as in a [shard]. Names that are
// added again stay. Most calls take only a read lock, because each resource with spans is
// looked up.
type services struct {
	mu         sync.RWMutex
	young, old map[string]struct{}
	used       atomic.Bool // a service was added at some time
}

func (s *services) add(name string) {
	s.mu.RLock()
	_, ok := s.young[name]
	s.mu.RUnlock()
	if ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.young) >= maxServices/2 {
		s.old, s.young = s.young, nil
	}
	if s.young == nil {
		s.young = make(map[string]struct{})
	}
	s.young[strings.Clone(name)] = struct{}{}
	s.used.Store(true)
}

func (s *services) has(name string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, ok := s.young[name]; ok {
		return true
	}
	_, ok := s.old[name]
	return ok
}
