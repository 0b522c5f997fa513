package nested

import (
	"hash/maphash"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// The bounds of a memory. An SDK sends its spans every few seconds; one that cannot, tries
// again for about a minute. A note takes about 200 bytes.
const (
	window   = time.Minute // how long a note is kept at least, unless there are too many
	maxNotes = 50_000      // of a generation
	maxTrace = 64          // of one trace in a generation; more are not kept
)

// Memory remembers the acts of spans whose parents have not come yet. The pipelines of one
// component share one. It is safe for concurrent use.
//
// It has two generations, like that of package join: when the younger one is full or as
// old as the window, it replaces the older one.
type Memory struct {
	now  func() time.Time
	used atomic.Bool // something is remembered: read for each batch

	mu         sync.RWMutex
	young, old generation
	since      time.Time // when young began
}

// note is what a later batch must know of a span: an act, or a SERVER span.
type note struct {
	at key // the parent that is to come
	layer

	isRequest bool
	span      pcommon.SpanID
	what      uint64 // a hash of the method and the path, 0 if they are not known
	local     bool   // its parent is in the same process, as it says
	decided   bool   // its service said that it is an activity, or that it is not one
	isRow     bool
	known     *known // of a span that is left to the outermost one; or nil

	settled bool // it counts: see [Spans.Settle]

	next int32 // of the same trace in a generation, from 1
}

// NewMemory returns an empty memory. It needs no Start, and no Shutdown.
func NewMemory() *Memory { return &Memory{now: time.Now} }

// recall returns what earlier batches noted for spans of td.
func (m *Memory) recall(td ptrace.Traces) (found []note) {
	if !m.used.Load() {
		return nil
	}
	m.forget()
	m.mu.RLock()
	defer m.mu.RUnlock()
	var trace pcommon.TraceID
	var young, old int32
	for _, rs := range td.ResourceSpans().All() {
		process := uint64(0)
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if id := span.TraceID(); id != trace { // spans of one trace often stand together
					trace, young, old = id, m.young.first(id), m.old.first(id)
				}
				if young == 0 && old == 0 {
					continue
				}
				if process == 0 {
					process = record.ProcessOf(seed, rs.Resource())
				}
				found = m.young.appendAt(found, young, keyOf(process, span))
				found = m.old.appendAt(found, old, keyOf(process, span))
			}
		}
	}
	return found
}

// forget ages the memory, if it is time.
func (m *Memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.age(m.now())
}

func (m *Memory) age(now time.Time) {
	age := now.Sub(m.since)
	if age < window {
		return
	}
	m.turn(now)
	if age >= 2*window {
		m.old.clear()
	}
	m.used.Store(len(m.old.notes) > 0)
}

func (m *Memory) turn(now time.Time) {
	m.old.clear()
	m.young, m.old, m.since = m.old, m.young, now
}

// Remember notes acts for later batches. It must be called after the next component has
// accepted their rows: if a row is lost, the span around it must become one.
func (m *Memory) Remember(notes Notes) {
	if len(notes) == 0 {
		return
	}
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.age(now)
	for _, one := range notes {
		if len(m.young.notes) >= maxNotes {
			m.turn(now)
		}
		m.young.put(one)
	}
	m.used.Store(true)
}

// Notes are acts of a batch whose way up leaves it.
type Notes []note

// Notes returns what later batches must know. All spans must be settled.
func (s *Spans) Notes() Notes {
	if s == nil {
		return nil
	}
	notes := Notes(s.moved)
	for _, one := range s.notes {
		if one.settled {
			notes = append(notes, one)
		}
	}
	return notes
}

// Outcome is what became of a span.
type Outcome uint8

// The outcomes.
const (
	NoRow   Outcome = iota // nobody or nothing is known of it, so another span may become the row
	LeftOut                // it is no row on purpose, or its row is another record's
	Row
)

// Settle says what became of the span r at a place. Only if that is known, a later batch may
// be told of it.
func (s *Spans) Settle(p *Place, became Outcome, r *record.Record) {
	if p == nil {
		return
	}
	if p.layer > 0 {
		s.notes[p.layer-1].settled = became != NoRow
	}
	if p.request == 0 {
		return
	}
	one := &s.notes[p.request-1]
	one.settled, one.isRow = true, became == Row
	one.decided = !one.isRow && !record.StateOf(r.Attrs).MayDerive
	switch {
	case !one.local:
		r.Read()
		one.what = requestOf(&r.Facts)
	case became == NoRow:
		r.Read()
		one.known = knownOf(&r.Facts)
	}
}

// requestOf returns a hash of the method and the path of a request, 0 if they are not known.
func requestOf(facts *record.Facts) uint64 {
	method, path := facts.Request.Method, facts.Request.Path
	if rpc := &facts.RPC; rpc.Method != "" {
		method, path = http.MethodPost, "/"+rpc.Method
		if rpc.Service != "" && !strings.Contains(rpc.Method, "/") {
			path = "/" + rpc.Service + path
		}
	}
	if method == "" || path == "" {
		return 0
	}
	return maphash.Comparable(seed, [2]string{method, path})
}
