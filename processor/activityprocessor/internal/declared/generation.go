package declared

import (
	"hash/maphash"
	"math/bits"
)

// seed makes the places of spans unknown to their senders.
var seed = maphash.MakeSeed()

// hash returns the hash of a span. Its lowest four bits choose the shard, the next seven
// are the tag, and the highest ones are the place in a generation.
func (s *Span) hash() uint64 { return maphash.Comparable(seed, *s) }

func shardOf(hash uint64) int { return int(hash % shards) }

// generation holds spans and their states in a hash table from which nothing is deleted:
// it is emptied as a whole. A span that is not there, as nearly all that are noted, is
// known by the tags, of which one line of the processor's cache has many. For the spans
// of a request together, that takes half the time of a map of Go.
type generation struct {
	tags   []uint8 // by place, 0 where no span is
	spans  []Span
	states []state // 0 for a span that has moved to another generation
	used   int     // how many places
}

// find returns the place of a span, or else the place for it.
func (g *generation) find(span Span, hash uint64) (place int, ok bool) {
	high, _ := bits.Mul64(hash, uint64(len(g.tags)))
	for place = int(high); g.tags[place] != 0; {
		if g.tags[place] == tagOf(hash) && g.spans[place] == span {
			return place, true
		}
		if place++; place == len(g.tags) {
			place = 0
		}
	}
	return place, false
}

// tagOf is not 0.
func tagOf(hash uint64) uint8 { return uint8(hash>>4) | 0x80 }

// get returns the state of a span, 0 if it is not there.
func (g *generation) get(span Span, hash uint64) state {
	if g.used == 0 {
		return 0
	}
	if place, ok := g.find(span, hash); ok {
		return g.states[place]
	}
	return 0
}

// take removes the state of a span and returns it.
func (g *generation) take(span Span, hash uint64) (s state) {
	if g.used == 0 {
		return 0
	}
	if place, ok := g.find(span, hash); ok {
		s, g.states[place] = g.states[place], 0
	}
	return s
}

// put sets the state of a span.
func (g *generation) put(span Span, hash uint64, s state) {
	if 3*(g.used+1) > 2*len(g.tags) {
		g.grow()
	}
	place, ok := g.find(span, hash)
	if !ok {
		g.tags[place], g.spans[place] = tagOf(hash), span
		g.used++
	}
	g.states[place] = s
}

// smallest is how many places a generation has at first.
const smallest = 64

// grow adds half as many places.
func (g *generation) grow() {
	size := max(smallest, len(g.tags)+len(g.tags)/2)
	larger := generation{tags: make([]uint8, size), spans: make([]Span, size), states: make([]state, size)}
	for place, s := range g.states {
		if s != 0 {
			larger.put(g.spans[place], g.spans[place].hash(), s)
		}
	}
	*g = larger
}

// empty removes all spans, and returns how many were requests that were not declared.
// The next generation uses the memory.
func (g *generation) empty() (undeclared int64) {
	if g.used == 0 {
		return 0
	}
	for _, s := range g.states {
		if s == isRequest {
			undeclared++
		}
	}
	clear(g.tags)
	clear(g.states)
	g.used = 0
	return undeclared
}
