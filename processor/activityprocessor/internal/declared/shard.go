package declared

import (
	"encoding/binary"
	"math/bits"
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

// shard mixes the ids, which may be random only in part, or not at all.
func (k *Span) shard() int {
	const odd = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
	h := binary.LittleEndian.Uint64(k.ID[:]) * odd
	h = (bits.RotateLeft64(h, 32) ^ binary.LittleEndian.Uint64(k.Trace[8:])) * odd
	return int(h >> (64 - 4))
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
	young, old map[Span]state
	born       time.Duration // when young began
}

// turn changes generations if it is time, and returns how many requests were forgotten
// that had not been declared.
func (s *shard) turn(now, ttl time.Duration, limit int) (forgotten int64) {
	age := now - s.born
	if age < ttl && len(s.young) < limit {
		return 0
	}
	forgotten = forget(s.old)
	s.old, s.young = s.young, s.old
	s.born = now
	if age >= ttl {
		s.born -= age % ttl
	}
	if age >= 2*ttl {
		forgotten += forget(s.old)
	}
	return forgotten
}

// forget empties a generation, whose memory the next one uses.
func forget(generation map[Span]state) (undeclared int64) {
	for _, known := range generation {
		if known == isRequest {
			undeclared++
		}
	}
	clear(generation)
	return undeclared
}

func (s *shard) get(key Span) state {
	if known, ok := s.young[key]; ok {
		return known
	}
	return s.old[key]
}

// mark adds to the state of a span, and moves it to the younger generation.
func (s *shard) mark(key Span, more state) (before state) {
	if before = s.young[key]; before == 0 {
		if before = s.old[key]; before != 0 {
			delete(s.old, key)
		}
	}
	if s.young == nil {
		s.young = make(map[Span]state)
	}
	s.young[key] = before | more
	return before
}
