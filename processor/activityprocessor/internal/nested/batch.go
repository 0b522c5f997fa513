package nested

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// node is a span of a batch.
type node struct {
	key
	parent pcommon.SpanID
	kind   ptrace.SpanKind
	local  bool // its parent is in the same process, as it says
	remote bool // its parent is in another one, as it says
	attrs  pcommon.Map
	act    layer
	Place
}

func (s *Spans) read(td ptrace.Traces) {
	s.nodes = make([]node, 0, td.SpanCount())
	for _, rs := range td.ResourceSpans().All() {
		process := record.ProcessOf(seed, rs.Resource())
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				n := node{
					key: keyOf(process, span), parent: span.ParentSpanID(), kind: span.Kind(),
					local: record.HasLocalParent(span), remote: record.HasRemoteParent(span), attrs: span.Attributes(),
				}
				s.index[n.key] = len(s.nodes)
				s.nodes = append(s.nodes, n)
			}
		}
	}
}

// maxDepth bounds how far up an outer span is looked for.
const maxDepth = 64

// above returns the parent of the span at i in its process, -1 if that is not in the batch.
// end is set if there is none.
func (s *Spans) above(i int) (up int, end bool) {
	n := &s.nodes[i]
	if n.remote || n.parent.IsEmpty() {
		return -1, true
	}
	up, ok := s.index[n.above()]
	switch {
	case !ok:
		return -1, false
	case up == i:
		return -1, true
	}
	return up, false
}

func (n *node) above() key { return key{n.trace, n.process, n.parent} }

// arrive takes an act of an earlier batch up from the span that it was waiting for.
func (s *Spans) arrive(one note) {
	i, ok := s.index[one.at]
	if !ok {
		return
	}
	if one.isRequest {
		s.arriveRequest(i, one)
	} else {
		s.arriveLayer(i, one)
	}
}

// note keeps a note of this batch, and returns its number, from 1.
func (s *Spans) note(one note) int {
	s.notes = append(s.notes, one)
	return len(s.notes)
}

// move notes that an act of an earlier batch goes on in a later one, above the span at i.
func (s *Spans) move(i int, one note) {
	one.at = s.nodes[i].above()
	s.moved = append(s.moved, one)
}
