package join

import (
	"hash/maphash"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// node is a span of a batch.
type node struct {
	place
	parent pcommon.SpanID
	entry  bool // the caller chose its parent
	claim  claim
	state  state
	attrs  pcommon.Map
	who    origin
}

// origin says where the user of a node was found: in a node, or remembered.
type origin struct {
	node  int // an index, if known is nil
	known *user
}

type state uint8

const (
	open state = iota
	walking
	without
	with
)

// batch holds the spans of one ptrace.Traces. It is reused.
type batch struct {
	nodes []node
	index map[place]int
	path  []int

	lacking, having int
}

// read collects the spans of td.
func (b *batch) read(td ptrace.Traces, seed maphash.Seed, across bool) {
	for _, rs := range td.ResourceSpans().All() {
		var service uint64
		if !across {
			service = record.ProcessOf(seed, rs.Resource())
		}
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				b.add(span, service, across)
			}
		}
	}
}

func (b *batch) add(span ptrace.Span, service uint64, across bool) {
	if span.TraceID().IsEmpty() || span.SpanID().IsEmpty() {
		return
	}
	n := node{
		place:  place{span.TraceID(), service, span.SpanID()},
		parent: span.ParentSpanID(),
		entry:  !across && isEntry(span),
		claim:  claimOf(span.Attributes()),
		attrs:  span.Attributes(),
	}
	switch n.claim {
	case somebody:
		n.state, n.who = with, origin{node: len(b.nodes)}
		b.having++
	case nobody:
		n.state = without
	case nothing:
		b.lacking++
	}
	b.nodes = append(b.nodes, n)
}

// isEntry reports whether span is the first in its process for a request.
func isEntry(span ptrace.Span) bool {
	switch span.Kind() {
	case ptrace.SpanKindServer, ptrace.SpanKindConsumer:
		return true
	}
	return record.HasRemoteParent(span)
}

// order fills the index. If two spans have the same id, as with old Zipkin clients and
// their servers, the one with a user is used.
func (b *batch) order(across bool) {
	for i := range b.nodes {
		n := &b.nodes[i]
		if first, ok := b.index[n.place]; !ok || b.nodes[first].claim != somebody && n.claim == somebody {
			b.index[n.place] = i
		}
		if across && n.parent.IsEmpty() && n.claim == somebody {
			b.index[n.root()] = i
		}
	}
}

// reaches reports whether a span of the batch, or a remembered one, has a user. Usually
// none does.
func (b *batch) reaches(known *memory, across bool) bool {
	for i := range b.nodes {
		n := &b.nodes[i]
		if n.claim == nothing && !n.entry {
			parent := place{n.trace, n.service, n.parent}
			if known.find(parent) != nil || across && known.find(parent.root()) != nil {
				return true
			}
		}
	}
	return false
}

// join gives spans without a user the user of their nearest ancestor, and returns how
// many spans got one.
func (b *batch) join(known *memory, across bool) (joined int) {
	for i := range b.nodes {
		n := &b.nodes[i]
		if n.claim != nothing {
			continue
		}
		b.resolve(i, known, across)
		if n.state == with {
			give(b.attrs(n.who), n.attrs, isUser)
			joined++
		}
	}
	return joined
}

// attrs returns the attributes that have the user.
func (b *batch) attrs(who origin) pcommon.Map {
	if who.known != nil {
		return who.known.attrs
	}
	return b.nodes[who.node].attrs
}

// resolve walks up from the span at i. All spans on the way get the same result, so
// that each span is visited once.
func (b *batch) resolve(i int, known *memory, across bool) {
	b.path = b.path[:0]
	who, state := origin{}, without
	for {
		n := &b.nodes[i]
		if n.state == with || n.state == without {
			who, state = n.who, n.state
			break
		}
		if n.state == walking { // spans that are ancestors of each other
			break
		}
		n.state = walking
		b.path = append(b.path, i)
		if n.entry {
			break
		}
		parent := place{n.trace, n.service, n.parent}
		if up, ok := b.index[parent]; ok && !n.parent.IsEmpty() {
			i = up
			continue
		}
		who, state = b.elsewhere(parent, known, across)
		break
	}
	for _, i := range b.path {
		b.nodes[i].who, b.nodes[i].state = who, state
	}
}

// elsewhere finds a remembered parent that is not in the batch.
func (b *batch) elsewhere(parent place, known *memory, across bool) (origin, state) {
	if u := known.find(parent); u != nil && !parent.span.IsEmpty() {
		return origin{known: u}, with
	}
	if !across {
		return origin{}, without
	}
	if root, ok := b.index[parent.root()]; ok {
		return origin{node: root}, with
	}
	if u := known.find(parent.root()); u != nil {
		return origin{known: u}, with
	}
	return origin{}, without
}

// maxIdle is the most spans that a batch that is not in use has room for.
const maxIdle = 1 << 15

// reset forgets the spans; keep is false if the batch is too large to be kept.
func (b *batch) reset() (keep bool) {
	keep = cap(b.nodes) <= maxIdle
	clear(b.nodes)
	b.nodes = b.nodes[:0]
	clear(b.index)
	b.lacking, b.having = 0, 0
	return keep
}

// remember puts the users of a batch in memory.
func (b *batch) remember(m *memory, seed maphash.Seed, across bool, now time.Time) {
	for i := range b.nodes {
		n := &b.nodes[i]
		if n.state != with {
			continue
		}
		u := n.who.known
		if u == nil {
			source := &b.nodes[n.who.node]
			if source.who.known == nil {
				source.who.known = m.intern(source.attrs, seed)
			}
			u = source.who.known
		}
		if u != nil {
			m.put(n.place, u, across && n.parent.IsEmpty(), now)
		}
	}
}
