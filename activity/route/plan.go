package route

import (
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/otelactivity/activitylog/activity"
)

// plan is what requests with one method do that have the same route, and the same path
// except for ids.
type plan struct {
	action  activity.ActionType
	name    string
	session Session
	levels  []place // the last one is the object, the others are what it belongs to
	guessed bool
}

// place is an object of a plan, and where its id is.
type place struct {
	kind    string
	value   int  // index of the segment, or of the part of the path, that holds the id, -1 if none does
	inPath  bool // the index is that of a part of the path
	guessed bool
}

// plan returns the plan of a decision, without a name.
func (r *reading) plan(d decision) *plan {
	p := &plan{action: d.action}
	for _, l := range r.levels[:r.n] {
		at := place{kind: l.kind, value: l.value, guessed: l.guessed}
		if l.value >= 0 {
			t := &r.list[l.value]
			at.value, at.inPath = t.index, t.guessed
		}
		p.levels = append(p.levels, at)
	}
	return p
}

// methods are those for which plans are kept. The first may be answered with 201 (Created),
// and has a second plan for that.
var methods = [...]string{http.MethodPut, http.MethodPost, http.MethodGet, http.MethodPatch, http.MethodDelete, http.MethodHead}

// plans keeps a plan for each method.
type plans [len(methods) + 1]atomic.Pointer[plan]

// get returns the plan for a method and a response code, from compute if there is none yet.
func (all *plans) get(method string, code int, compute func(method string, created bool) *plan) *plan {
	for i, known := range methods {
		if method != known {
			continue
		}
		created := isCreated(method, code)
		if created {
			i = len(methods)
		}
		if p := all[i].Load(); p != nil {
			return p
		}
		p := compute(known, created)
		all[i].Store(p)
		return p
	}
	return compute(method, isCreated(method, code))
}

// isCreated reports whether a request has created what its path names. What a POST creates
// is below that (RFC 9110, 9.3.3).
func isCreated(method string, code int) bool {
	return method == http.MethodPut && code == http.StatusCreated || method == "MKCOL" || method == "MKCALENDAR"
}

// maxShapes bounds how many shapes of paths one template keeps, and maxShape how long one
// is. Where names stand in the place of ids, there are as many shapes as paths.
const maxShapes, maxShape = 1000, 256

// shape is a path without its ids.
type shape struct{ plans plans }

// shapes keeps the shapes of paths that a template does not describe.
type shapes struct {
	mu  sync.RWMutex
	all map[string]*shape
}

func (s *shapes) get(key []byte) *shape {
	if len(key) > maxShape {
		return &shape{}
	}
	s.mu.RLock()
	found := s.all[string(key)]
	s.mu.RUnlock()
	if found != nil {
		return found
	}
	found = &shape{}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil || len(s.all) >= maxShapes {
		s.all = make(map[string]*shape)
	}
	s.all[string(key)] = found
	return found
}
