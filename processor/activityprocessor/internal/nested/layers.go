package nested

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Layers are the spans of a batch that stand for what a span within them says better: the
// request around a GraphQL operation, and the statement of a query builder around the same
// statement of its driver. The nil Layers are of a batch without any.
type Layers struct{ outer map[key]bool }

// Act is what a span within others does, for [FindLayers].
type Act struct {
	Operation bool   // of GraphQL
	Statement string // what a statement does to which table, "" for any other span
}

// FindLayers returns the layers of td. of says what a span does.
func FindLayers(td ptrace.Traces, of func(ptrace.Span) Act) *Layers {
	acts := map[key]Act{}
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
				acts[keyOf(process, span)] = act
			}
		}
	}
	if len(acts) == 0 {
		return nil
	}
	b := batch{index: make(map[key]int, td.SpanCount())}
	b.read(td)
	l := &Layers{outer: map[key]bool{}}
	for k, act := range acts {
		b.markAround(l, acts, b.index[k], act)
	}
	return l
}

// markAround marks the spans around the one at i that stand for the same act.
func (b *batch) markAround(l *Layers, acts map[key]Act, i int, act Act) {
	for range maxDepth {
		n := &b.nodes[i]
		if n.remote || n.parent.IsEmpty() {
			return
		}
		up, ok := b.index[key{n.trace, n.process, n.parent}]
		if !ok || up == i {
			return
		}
		i = up
		outer := &b.nodes[i]
		switch around := acts[outer.key]; {
		case act.Operation && around.Operation, act.Statement != "" && around.Statement == act.Statement:
			l.outer[outer.key] = true
		case act.Operation && outer.kind == ptrace.SpanKindServer:
			l.outer[outer.key] = !failed(outer.attrs)
			return
		case outer.kind != ptrace.SpanKindInternal && outer.kind != ptrace.SpanKindUnspecified:
			return // another call
		}
	}
}

// failed reports whether a request was not answered as one that GraphQL has handled.
func failed(attrs pcommon.Map) bool {
	facts := record.FactsOf(attrs)
	return facts.Request.Code >= 400
}

// IsOuter reports whether a span within this one says better what was done.
func (l *Layers) IsOuter(resource pcommon.Resource, span ptrace.Span) bool {
	return l != nil && len(l.outer) > 0 && l.outer[keyOf(record.ProcessOf(seed, resource), span)]
}
