package nested

import (
	"hash/maphash"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// layer is an [Act] in a few bytes. It is zero for a span without one.
type layer struct {
	operation bool
	statement uint64 // a hash
	nobodys   bool   // an operation that names no user
}

// actsOf returns the spans of td that do something that matters.
func actsOf(td ptrace.Traces, of func(ptrace.Span) Act) map[key]layer {
	if of == nil {
		return nil
	}
	acts := map[key]layer{}
	for _, rs := range td.ResourceSpans().All() {
		process := uint64(0)
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				act := of(span)
				if act == (Act{}) {
					continue
				}
				if process == 0 {
					process = record.ProcessOf(seed, rs.Resource())
				}
				l := layer{operation: act.Operation, nobodys: act.Operation && !namesActor(span.Attributes())}
				if act.Statement != "" {
					l.statement = maphash.String(seed, act.Statement)
				}
				acts[keyOf(process, span)] = l
			}
		}
	}
	return acts
}

// findLayers finds the spans around others that stand for the same act.
func (s *Spans) findLayers(acts map[key]layer) {
	for k, l := range acts {
		i := s.index[k]
		if last, leaves := s.climb(i, l); leaves {
			s.nodes[i].layer = s.note(note{at: s.nodes[last].above(), layer: l})
		}
	}
}

// climb marks the spans around the one at i that stand for the same act, and reports
// whether the way up leaves the batch above the span last.
func (s *Spans) climb(i int, l layer) (last int, leaves bool) {
	for range maxDepth {
		up, end := s.above(i)
		if up < 0 {
			return i, !end
		}
		if i = up; !s.nodes[i].around(l) {
			break
		}
	}
	return i, false
}

// around marks a span around an act if it stands for the same, and reports whether those
// around it may, too.
func (n *node) around(l layer) bool {
	switch {
	case l.operation && n.act.operation:
		n.Outer = n.Outer || !l.nobodys || n.act.nobodys
	case l.statement != 0 && n.act.statement == l.statement:
		n.Outer = true
	case l.operation && n.kind == ptrace.SpanKindServer:
		// An operation that is a SERVER span does not get the user of the request by join.
		n.Outer = n.Outer || !failed(n.attrs) && (!l.nobodys || !namesActor(n.attrs))
		return n.local // else its caller may have chosen its parent
	case n.kind != ptrace.SpanKindInternal && n.kind != ptrace.SpanKindUnspecified:
		return false // another call
	}
	return true
}

// namesActor reports whether attributes name who acts.
func namesActor(attrs pcommon.Map) bool {
	facts := record.FactsOf(attrs)
	return facts.Actor().ID != ""
}

// failed reports whether a request was not answered as one that GraphQL has handled.
func failed(attrs pcommon.Map) bool {
	facts := record.FactsOf(attrs)
	return facts.Request.Code >= 400
}

// arriveLayer takes an act of an earlier batch up from the span at i.
func (s *Spans) arriveLayer(i int, one note) {
	if !s.nodes[i].around(one.layer) {
		return
	}
	if last, leaves := s.climb(i, one.layer); leaves {
		s.move(last, one)
	}
}
