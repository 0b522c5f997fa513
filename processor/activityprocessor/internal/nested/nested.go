// Package nested finds the spans of a process that stand for one act, so that they do not
// become several rows: the SERVER spans of one request that several instrumentations have
// made (Node.js and Next.js, net/http and Gin), the request around a GraphQL operation, and
// the statement of a query builder around the same statement of its driver.
//
// Inner spans end first, so they may come in an earlier batch than the outer ones. A
// [Memory] knows of them. If the outer span comes in the earlier batch, which is rare, both
// are rows: nothing that is a row can be taken back.
//
// Read nested.go first, then batch.go, requests.go, layers.go and memory.go.
package nested

import (
	"hash/maphash"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Spans are the spans of a batch, if some of them may stand for one act with others of the
// batch, or of an earlier or a later one. The nil Spans are of any other batch.
type Spans struct {
	nodes []node
	index map[key]int
	notes []note // of this batch, see [Spans.Settle]
	moved []note // of earlier batches, on their way up
}

// Place is what a span is to those around it and within it. The nil Place is of a span
// that stands for itself.
type Place struct {
	// Inner is set for a SERVER span within another one: the outermost is the request.
	Inner bool

	// Outer is set if a span within this one says better what was done.
	Outer bool

	// Request is set for the outermost of several SERVER spans.
	Request *Request

	request, layer int // its notes in the batch, from 1, 0 if its way up does not leave the batch
}

// Request is a request with more than one SERVER span.
type Request struct {
	// Inner are the spans within the outermost one.
	Inner []Span

	// Best holds what the inner span says that knows most: of a remote procedure call, else
	// of a route. It is nil if none of them knows either.
	Best *record.Facts

	// IsRow is set if an inner span came in an earlier batch and became a row there.
	IsRow bool
}

// Span is an inner span.
type Span struct {
	Trace pcommon.TraceID
	Span  pcommon.SpanID
	// Decided is set if its service said that it is an activity, or that it is not one.
	Decided bool
}

// Act is what a span within others does, for [Memory.Find].
type Act struct {
	Operation bool   // of GraphQL
	Statement string // what a statement does to which table, "" for any other span
}

type key struct {
	trace   pcommon.TraceID
	process uint64
	span    pcommon.SpanID
}

var seed = maphash.MakeSeed()

// Find returns the spans of td that may stand for one act with others, given what earlier
// batches had. of says what a span does; it is nil if that does not matter. Find costs
// little if no span does anything that matters, no SERVER span has a parent that may be in
// its own process, and none of the traces is remembered, which is the case for most batches.
func (m *Memory) Find(td ptrace.Traces, of func(ptrace.Span) Act) *Spans {
	earlier := m.recall(td)
	acts := actsOf(td, of)
	if len(earlier) == 0 && len(acts) == 0 && !anyMayBeInner(td) {
		return nil
	}
	s := &Spans{index: make(map[key]int, td.SpanCount())}
	s.read(td)
	for k, l := range acts {
		s.nodes[s.index[k]].act = l
	}
	s.findRequests()
	s.findLayers(acts)
	for _, one := range earlier {
		s.arrive(one)
	}
	return s
}

// Process returns the number of the process of a resource, for [Spans.At].
func (s *Spans) Process(resource pcommon.Resource) uint64 {
	if s == nil {
		return 0
	}
	return record.ProcessOf(seed, resource)
}

// At returns the place of a span of a process.
func (s *Spans) At(process uint64, span ptrace.Span) *Place {
	if s == nil {
		return nil
	}
	if i, ok := s.index[keyOf(process, span)]; ok && s.nodes[i].isSet() {
		return &s.nodes[i].Place
	}
	return nil
}

func (p *Place) isSet() bool {
	return p.Inner || p.Outer || p.Request != nil || p.request > 0 || p.layer > 0
}

func keyOf(process uint64, span ptrace.Span) key { return key{span.TraceID(), process, span.SpanID()} }
