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
}

// batch holds the spans of one ptrace.Traces.
type batch struct {
	nodes []node
	index map[key]int
}

func (b *batch) read(td ptrace.Traces) {
	for _, rs := range td.ResourceSpans().All() {
		process := record.ProcessOf(seed, rs.Resource())
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				n := node{
					key: keyOf(process, span), parent: span.ParentSpanID(), kind: span.Kind(),
					local: record.HasLocalParent(span), remote: record.HasRemoteParent(span), attrs: span.Attributes(),
				}
				b.index[n.key] = len(b.nodes)
				b.nodes = append(b.nodes, n)
			}
		}
	}
}

func (b *batch) requests() *Requests {
	r := &Requests{inner: map[key]bool{}, outer: map[key]*Request{}}
	for i := range b.nodes {
		n := &b.nodes[i]
		if n.kind != ptrace.SpanKindServer || n.parent.IsEmpty() || n.remote {
			continue
		}
		outermost := b.outermost(i)
		if outermost < 0 && !n.local {
			continue
		}
		r.inner[n.key] = true
		if outermost >= 0 {
			r.add(b.nodes[outermost].key, n)
		}
	}
	if len(r.inner) == 0 {
		return nil
	}
	return r
}

// maxDepth bounds how far up an outer span is looked for.
const maxDepth = 64

// outermost returns the outermost SERVER span around the one at i in its process, -1 if
// there is none. A call to another service on the way means that the request is another
// one, even if both services have the same name.
func (b *batch) outermost(i int) int {
	found := -1
	for range maxDepth {
		n := &b.nodes[i]
		if n.remote || n.parent.IsEmpty() {
			break
		}
		up, ok := b.index[key{n.trace, n.process, n.parent}]
		if !ok {
			break
		}
		switch i = up; b.nodes[i].kind {
		case ptrace.SpanKindServer:
			found = i
		case ptrace.SpanKindClient, ptrace.SpanKindProducer, ptrace.SpanKindConsumer:
			return found
		}
	}
	return found
}

// add adds an inner span to the request of the outermost one.
func (r *Requests) add(outermost key, n *node) {
	request := r.outer[outermost]
	if request == nil {
		request = &Request{}
		r.outer[outermost] = request
	}
	state := record.StateOf(n.attrs)
	request.Inner = append(request.Inner, Span{n.trace, n.span, !state.MayDerive})
	facts := record.FactsOf(n.attrs)
	switch {
	case facts.RPC.Method != "":
		request.Best = &facts
	case facts.Request.Route != nil && (request.Best == nil || request.Best.RPC.Method == "" && !request.Best.Request.Route.HasParam()):
		request.Best = &facts
	}
}
