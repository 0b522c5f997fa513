// Package nested finds the SERVER spans of one request that several instrumentations have
// made in the same process: Node.js and Next.js, net/http and Gin. They are one act, so
// they must not become two rows.
package nested

import (
	"hash/maphash"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Requests are the requests of a batch that have several SERVER spans. The nil Requests
// are of a batch without any.
type Requests struct {
	inner map[key]bool
	outer map[key]*Request
}

// Request is a request with more than one SERVER span.
type Request struct {
	// Inner are the spans within the outermost one.
	Inner []Span

	// Best holds what the inner span says that knows most: of a remote procedure call, else
	// of a route. It is nil if none of them knows either.
	Best *record.Facts
}

// Span is an inner span.
type Span struct {
	Trace pcommon.TraceID
	Span  pcommon.SpanID
	// Decided is set if its service said that it is an activity, or that it is not one.
	Decided bool
}

type key struct {
	trace   pcommon.TraceID
	process uint64
	span    pcommon.SpanID
}

var seed = maphash.MakeSeed()

// Find returns the requests of td with several SERVER spans. It costs little if no SERVER
// span has a parent that may be in its own process, which is the case for most.
func Find(td ptrace.Traces) *Requests {
	if !anyMayBeInner(td) {
		return nil
	}
	b := batch{index: make(map[key]int, td.SpanCount())}
	b.read(td)
	return b.requests()
}

// IsInner reports whether a span is within another SERVER span of its process.
func (r *Requests) IsInner(resource pcommon.Resource, span ptrace.Span) bool {
	return r != nil && span.Kind() == ptrace.SpanKindServer && r.inner[keyOf(record.ProcessOf(seed, resource), span)]
}

// Outermost returns the request of a span that is the outermost of several, nil for any
// other span.
func (r *Requests) Outermost(resource pcommon.Resource, span ptrace.Span) *Request {
	if r == nil || span.Kind() != ptrace.SpanKindServer {
		return nil
	}
	return r.outer[keyOf(record.ProcessOf(seed, resource), span)]
}

func keyOf(process uint64, span ptrace.Span) key { return key{span.TraceID(), process, span.SpanID()} }

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
