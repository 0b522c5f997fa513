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
	if trace.IsEmpty() || span.IsEmpty() {
		return
	}
	if x.mark(Span{trace, span}, isDeclared) == isRequest {
		x.covered.Add(1)
	}
}

// AllDeclared is Declared for the spans of a request to the collector. It reads the clock
// once and takes each lock once: a lock waits until memory is written, which for many
// spans together takes a fraction of the time.
func (x *Index) AllDeclared(spans []Span) {
	hashes := make([]uint64, len(spans))
	var concerned [shards]bool
	for i, span := range spans {
		if !span.Trace.IsEmpty() && !span.ID.IsEmpty() {
			hashes[i] = span.hash()
			concerned[shardOf(hashes[i])] = true
		}
	}
	now := time.Since(x.started)
	for n := range x.shards {
		if concerned[n] {
			x.use()
			x.declareIn(n, spans, hashes, now)
		}
	}
}

// declareIn notes those of the spans that belong to a shard.
func (x *Index) declareIn(n int, spans []Span, hashes []uint64, now time.Duration) {
	covered, forgotten := int64(0), int64(0)
	s := &x.shards[n]
	s.mu.Lock()
	for i, span := range spans {
		if shardOf(hashes[i]) != n || span.Trace.IsEmpty() || span.ID.IsEmpty() {
			continue
		}
		forgotten += s.turn(now, time.Duration(x.cfg.TTL), x.limit())
		if s.mark(span, hashes[i], isDeclared) == isRequest {
			covered++
		}
	}
	s.mu.Unlock()
	x.covered.Add(covered)
	x.uncovered.Add(forgotten)
}

// Has reports whether the service declared an activity for a span. It does not read the
// clock, which would be the most expensive part: a span may be known for longer than
// necessary, until something is noted or counted.
func (x *Index) Has(trace pcommon.TraceID, span pcommon.SpanID) bool {
	if !x.used.Load() || trace.IsEmpty() || span.IsEmpty() {
		return false
	}
	key := Span{trace, span}
	hash := key.hash()
	s := &x.shards[shardOf(hash)]
	s.mu.Lock()
	known := s.get(key, hash)
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
	before := x.mark(Span{trace, span}, isRequest)
	if before == isDeclared {
		x.covered.Add(1)
	}
	return before&isDeclared == 0
}

// mark adds to the state of a span, and returns the state before.
func (x *Index) mark(key Span, more state) (before state) {
	x.use()
	hash := key.hash()
	now := time.Since(x.started)
	s := &x.shards[shardOf(hash)]
	s.mu.Lock()
	forgotten := s.turn(now, time.Duration(x.cfg.TTL), x.limit())
	before = s.mark(key, hash, more)
	s.mu.Unlock()
	if forgotten > 0 {
		x.uncovered.Add(forgotten)
	}
	return before
}

// use notes that there are spans.
func (x *Index) use() {
	if !x.used.Load() { // written only once, because it is read for each span
		x.used.Store(true)
	}
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
