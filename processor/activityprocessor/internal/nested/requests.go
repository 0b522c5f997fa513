package nested

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity/route"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// anyMayBeInner reports whether a SERVER span has a parent that may be in its own process.
func anyMayBeInner(td ptrace.Traces) bool {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if span.Kind() == ptrace.SpanKindServer && !span.ParentSpanID().IsEmpty() && !record.HasRemoteParent(span) {
					return true
				}
			}
		}
	}
	return false
}

// findRequests finds the requests with several SERVER spans. An operation of GraphQL is not
// one of them, whatever its kind: it says more than the request around it.
func (s *Spans) findRequests() {
	for i := range s.nodes {
		n := &s.nodes[i]
		if n.kind != ptrace.SpanKindServer || n.parent.IsEmpty() || n.remote || n.act.operation {
			continue
		}
		outermost, last, leaves := s.outermost(i)
		switch {
		case outermost < 0:
			n.Inner = n.local
		case n.local:
			n.Inner = true
			s.nodes[outermost].addInner(n)
		case s.mayBeSame(i, outermost):
			s.findUser(i, outermost)
			s.nodes[outermost].addInner(n)
		}
		if leaves {
			n.request = s.note(note{at: s.nodes[last].above(), isRequest: true, span: n.span, local: n.local})
		}
	}
}

// mayBeSame reports whether the SERVER span at i, which does not say whether its parent is in
// its process, is of the request of the one at outermost: see [Spans.arriveRequest].
func (s *Spans) mayBeSame(i, outermost int) bool {
	facts := record.FactsOf(s.nodes[i].attrs)
	what := requestOf(&facts)
	if what == 0 {
		return true
	}
	facts = record.FactsOf(s.nodes[outermost].attrs)
	return what == requestOf(&facts)
}

// findUser decides which of two SERVER spans of a request is left out: the one at i, unless
// only that one knows the user. It does not say whether its parent is in its process, so the
// outermost one does not get the user from it.
func (s *Spans) findUser(i, outermost int) {
	n, request := &s.nodes[i], &s.nodes[outermost]
	facts := record.FactsOf(n.attrs)
	if facts.Actor().ID != "" && record.StateOf(n.attrs).MayDerive {
		facts = record.FactsOf(request.attrs)
		if facts.Actor().ID == "" {
			request.Outer = true
			return
		}
	}
	n.Inner = true
}

// outermost returns the outermost SERVER span around the one at i in its process, -1 if
// there is none, and whether the way up leaves the batch above the span last. A call to
// another service on the way means that the request is another one, even if both services
// have the same name.
func (s *Spans) outermost(i int) (found, last int, leaves bool) {
	found = -1
	for range maxDepth {
		up, end := s.above(i)
		if up < 0 {
			return found, i, !end
		}
		i = up
		if s.nodes[i].kind == ptrace.SpanKindServer {
			found = i
		} else if s.nodes[i].isCall() {
			break
		}
	}
	return found, i, false
}

// isCall reports whether a span is that of a call to somebody else.
func (n *node) isCall() bool {
	return n.kind == ptrace.SpanKindClient || n.kind == ptrace.SpanKindProducer || n.kind == ptrace.SpanKindConsumer
}

// addInner adds an inner span to the request of the outermost one.
func (p *Place) addInner(n *node) {
	if p.Request == nil {
		p.Request = &Request{}
	}
	r := p.Request
	state := record.StateOf(n.attrs)
	r.Inner = append(r.Inner, Span{n.trace, n.span, !state.MayDerive})
	facts := record.FactsOf(n.attrs)
	r.learn(&facts)
}

// learn takes what an inner span says, if that knows more than the ones before.
func (r *Request) learn(facts *record.Facts) {
	switch {
	case facts.RPC.Method != "":
		r.Best = facts
	case facts.Request.Route != nil && (r.Best == nil || r.Best.RPC.Method == "" && !r.Best.Request.Route.HasParam()):
		r.Best = facts
	}
}

// arriveRequest takes an inner span of an earlier batch up from the span at i. A span that
// does not say whether its parent is in its process may be of a request whose sender chose
// that parent. So it counts only for the same method and path: otherwise somebody could hide
// a request by another one within it.
func (s *Spans) arriveRequest(i int, one note) {
	if s.nodes[i].isCall() {
		return
	}
	outermost, last, leaves := s.outermost(i)
	if outermost < 0 && s.nodes[i].kind == ptrace.SpanKindServer {
		outermost = i
	}
	if leaves {
		s.move(last, one)
	}
	if outermost < 0 {
		return
	}
	n := &s.nodes[outermost]
	if !one.local {
		facts := record.FactsOf(n.attrs)
		if one.what == 0 || one.what != requestOf(&facts) {
			return
		}
	}
	if n.Request == nil {
		n.Request = &Request{}
	}
	n.Request.Inner = append(n.Request.Inner, Span{one.at.trace, one.span, one.decided})
	n.Request.IsRow = n.Request.IsRow || one.isRow
	if one.known != nil {
		n.Request.learn(one.known.facts())
	}
}

// known is what a [Request.Best] needs of an inner span, which is a small part of its facts.
type known struct {
	route *route.Template
	rpc   record.RPC
}

// maxKnown is the longest text of a remote procedure call that is kept.
const maxKnown = 200

// knownOf returns what an inner span knows, nil if that is nothing.
func knownOf(facts *record.Facts) *known {
	k := known{route: facts.Request.Route, rpc: facts.RPC}
	for _, text := range []*string{&k.rpc.Service, &k.rpc.Method, &k.rpc.Code, &k.rpc.OldCode, &k.rpc.ConnectCode, &k.rpc.JSONRPCCode} {
		*text = strings.Clone((*text)[:min(len(*text), maxKnown)]) // the text may be part of a longer one
	}
	if k == (known{}) {
		return nil
	}
	return &k
}

func (k *known) facts() *record.Facts {
	return &record.Facts{RPC: k.rpc, Request: record.Request{Route: k.route}}
}
