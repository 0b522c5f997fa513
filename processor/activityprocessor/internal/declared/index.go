// Package declared remembers the spans for which a service declared an activity, so
// that none is derived from them, and so that requests without one can be counted. The
// log records that declare activities and the spans come through two pipelines, which
// share an [Index].
package declared

import (
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Index remembers spans for a while. Its size is limited, and it has no goroutine: old
// entries are removed when new ones are added or counted. It may be used by many
// goroutines.
type Index struct {
	cfg      Config
	started  time.Time
	shards   [shards]shard
	services services

	used      atomic.Bool // a span was noted at some time
	covered   atomic.Int64
	uncovered atomic.Int64
}

// New returns an empty index.
func New(cfg Config) *Index { return &Index{cfg: cfg, started: time.Now()} }

// Declared notes that the service declared an activity for a span: a log record in it, or
// the span itself. It must be called after the next component has accepted the record:
// if a record is lost, an activity must be derived from its span.
func (x *Index) Declared(trace pcommon.TraceID, span pcommon.SpanID) {
	x.AllDeclared([]Span{{trace, span}})
}

// AllDeclared is Declared for the spans of a request to the collector. It reads the clock
// once.
func (x *Index) AllDeclared(spans []Span) {
	now := time.Since(x.started)
	for _, span := range spans {
		if span.Trace.IsEmpty() || span.ID.IsEmpty() {
			continue
		}
		if x.mark(span, isDeclared, now) == isRequest {
			x.covered.Add(1)
		}
	}
}

// Has reports whether the service declared an activity for a span. It does not read the
// clock, which would be the most expensive part: a span may be known for longer than
// necessary, until something is noted or counted.
func (x *Index) Has(trace pcommon.TraceID, span pcommon.SpanID) bool {
	if !x.used.Load() || trace.IsEmpty() || span.IsEmpty() {
		return false
	}
	key := Span{trace, span}
	s := &x.shards[key.shard()]
	s.mu.Lock()
	known := s.get(key)
	s.mu.Unlock()
	return known&isDeclared != 0
}

// Gap notes the span of a request that should have been declared, and reports
// whether it has not been, so far. The request counts as covered if it has been
// or will be while it is remembered, and as uncovered if not; once, even if the
// span is sent again. A span without ids is not a gap and does not count.
func (x *Index) Gap(trace pcommon.TraceID, span pcommon.SpanID) bool {
	if trace.IsEmpty() || span.IsEmpty() {
		return false
	}
	before := x.mark(Span{trace, span}, isRequest, time.Since(x.started))
	if before == isDeclared {
		x.covered.Add(1)
	}
	return before&isDeclared == 0
}

// mark adds to the state of a span, and returns the state before.
func (x *Index) mark(key Span, more state, now time.Duration) (before state) {
	if !x.used.Load() { // written only once, because it is read for each span
		x.used.Store(true)
	}
	s := &x.shards[key.shard()]
	s.mu.Lock()
	forgotten := s.turn(now, time.Duration(x.cfg.TTL), x.limit())
	before = s.mark(key, more)
	s.mu.Unlock()
	if forgotten > 0 {
		x.uncovered.Add(forgotten)
	}
	return before
}

// limit is the most spans of a generation of a shard.
func (x *Index) limit() int { return max(1, int(x.cfg.MaxSpans)/(2*shards)) }

// Counts returns how many requests were covered and how many were not. A
// request counts as uncovered only when it is forgotten, between TTL and twice
// TTL after its span came.
func (x *Index) Counts() (covered, uncovered int64) {
	now := time.Since(x.started)
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.Lock()
		forgotten := s.turn(now, time.Duration(x.cfg.TTL), x.limit())
		s.mu.Unlock()
		x.uncovered.Add(forgotten)
	}
	return x.covered.Load(), x.uncovered.Load()
}

// AddService notes that a service declares activities.
func (x *Index) AddService(name string) {
	if x != nil {
		x.services.add(name)
	}
}

// HasService reports whether a service has declared an activity since the collector
// started. If there are very many services, those that have not declared one for long
// are forgotten.
func (x *Index) HasService(name string) bool {
	return x != nil && x.services.used.Load() && x.services.has(name)
}
