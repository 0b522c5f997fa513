package nested

import (
	"encoding/binary"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// generation holds notes by trace. Nothing is removed from it: it is emptied as a whole, and
// the next generation uses its memory.
type generation struct {
	notes  []note
	traces map[pcommon.TraceID]int32 // the first note of each trace, from 1
	filter []uint64                  // a bit for each trace: nearly all that are asked for are not there
}

// filterBits is the binary logarithm of the size of a filter, in bits: 64 kB, which stay in
// the processor's cache.
const filterBits = 19

func (g *generation) bit(trace pcommon.TraceID) (word int, mask uint64) {
	h := binary.LittleEndian.Uint64(trace[:8]) ^ binary.LittleEndian.Uint64(trace[8:])
	h = h * 0x9e3779b97f4a7c15 >> (64 - filterBits)
	return int(h / 64), 1 << (h % 64)
}

// first returns the first note of a trace, 0 if there is none.
func (g *generation) first(trace pcommon.TraceID) int32 {
	if len(g.notes) == 0 {
		return 0
	}
	if word, mask := g.bit(trace); g.filter[word]&mask == 0 {
		return 0
	}
	return g.traces[trace]
}

// appendAt appends the notes for the span at a key, beginning with the first of its trace.
func (g *generation) appendAt(found []note, first int32, at key) []note {
	for n := first; n > 0; n = g.notes[n-1].next {
		if one := &g.notes[n-1]; one.at == at {
			found = append(found, *one)
		}
	}
	return found
}

// put adds a note, unless it is there: a batch may come twice.
func (g *generation) put(one note) {
	if g.traces == nil {
		g.traces, g.filter = map[pcommon.TraceID]int32{}, make([]uint64, 1<<filterBits/64)
	}
	one.next = g.traces[one.at.trace]
	length := 0
	for n := one.next; n > 0; n = g.notes[n-1].next {
		there := &g.notes[n-1]
		if there.at == one.at && there.layer == one.layer && there.span == one.span {
			there.isRow = there.isRow || one.isRow
			there.decided = there.decided || one.decided
			return
		}
		if length++; length >= maxTrace {
			return
		}
	}
	g.notes = append(g.notes, one)
	g.traces[one.at.trace] = int32(len(g.notes))
	word, mask := g.bit(one.at.trace)
	g.filter[word] |= mask
}

func (g *generation) clear() {
	g.notes = g.notes[:0]
	clear(g.traces)
	clear(g.filter)
}
