package declared

import (
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// shards is how many locks an index has, a power of two.
const shards = 16

// Span names a span by both ids, since its own has eight bytes only.
type Span struct {
	Trace pcommon.TraceID
	ID    pcommon.SpanID
}

// state is what is known about a span.
type state uint8

const (
	isDeclared state = 1 << iota // its activity was declared
	isRequest                    // it was received, and should have been declared
)

// shard is a part of an index. It has two generations. New spans are added to the
// younger one; when that is full or old, it replaces the older one, which is forgotten.
// So spans need not be deleted one by one, and nothing is allocated. With simplelru of
// golang-lru, marking and finding a span takes five times as long; its expirable cache
// also runs a goroutine that cannot be stopped.
type shard struct {
	mu         sync.Mutex
	young, old generation
	born       time.Duration // when young began
}

// turn changes generations if it is time, and returns how many requests were forgotten
// that had not been declared.
func (s *shard) turn(now, ttl time.Duration, limit int) (forgotten int64) {
	age := now - s.born
	if age < ttl && s.young.used < limit {
		return 0
	}
	forgotten = s.old.empty()
	s.old, s.young = s.young, s.old
	s.born = now
	if age >= ttl {
		s.born -= age % ttl
	}
	if age >= 2*ttl {
		forgotten += s.old.empty()
	}
	return forgotten
}

func (s *shard) get(span Span, hash uint64) state {
	if known := s.young.get(span, hash); known != 0 {
		return known
	}
	return s.old.get(span, hash)
}

// mark adds to the state of a span, and moves it to the younger generation.
func (s *shard) mark(span Span, hash uint64, more state) (before state) {
	if before = s.young.get(span, hash); before == 0 {
		before = s.old.take(span, hash)
	}
	s.young.put(span, hash, before|more)
	return before
}
