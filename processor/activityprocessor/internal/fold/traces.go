package fold

import (
	"context"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Traces folds the refusals on spans. Start and Shutdown must be called; before and after,
// it leaves everything as it is.
type Traces struct{ *folder[ptrace.Traces] }

// NewTraces returns a Traces that sends its rows to send, which may be called until Shutdown
// returns.
func NewTraces(cfg Config, logger *zap.Logger, send func(context.Context, ptrace.Traces) error) *Traces {
	return &Traces{newFolder(durationOf(cfg), logger, carrier[ptrace.Traces]{
		send: send,
		copy: func(td ptrace.Traces) ptrace.Traces {
			copied := ptrace.NewTraces()
			td.CopyTo(copied)
			return copied
		},
		merge: func(to, from ptrace.Traces) { from.ResourceSpans().MoveAndAppendTo(to.ResourceSpans()) },
	})}
}

// Fold calls remove for each refusal in td that is part of the row of others. If remove
// returns true, the span is removed, and so is a scope or resource that is empty then. Fold
// returns how many refusals were counted.
func (f *Traces) Fold(td ptrace.Traces, remove func(attrs pcommon.Map) bool) (counted int) {
	td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		service, removed := record.ServiceOf(rs.Resource()), false
		rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
			before := ss.Spans().Len()
			ss.Spans().RemoveIf(func(span ptrace.Span) bool {
				r, ok := read(span.Attributes(), service)
				if !ok {
					return false
				}
				p := part{resource: rs.Resource().Attributes(), attrs: span.Attributes()}
				folded, isNew := f.fold(&r, p, func() *row[ptrace.Traces] { return rowOfSpan(rs, ss, span) })
				if isNew {
					counted++
				}
				return folded && remove(span.Attributes())
			})
			removed = removed || ss.Spans().Len() < before
			return ss.Spans().Len() == 0 && before > 0
		})
		return removed && rs.ScopeSpans().Len() == 0
	})
	return counted
}

// rowOfSpan returns a row with a copy of the span, without its events and links.
func rowOfSpan(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) *row[ptrace.Traces] {
	td := ptrace.NewTraces()
	newRS := td.ResourceSpans().AppendEmpty()
	rs.Resource().CopyTo(newRS.Resource())
	newRS.SetSchemaUrl(rs.SchemaUrl())
	newSS := newRS.ScopeSpans().AppendEmpty()
	ss.Scope().CopyTo(newSS.Scope())
	newSS.SetSchemaUrl(ss.SchemaUrl())
	copied := newSS.Spans().AppendEmpty()
	copied.SetTraceID(span.TraceID())
	copied.SetSpanID(span.SpanID())
	copied.SetParentSpanID(span.ParentSpanID())
	copied.SetFlags(span.Flags())
	copied.SetName(span.Name())
	copied.SetKind(span.Kind())
	copied.SetStartTimestamp(span.StartTimestamp())
	copied.SetEndTimestamp(span.EndTimestamp())
	span.Status().CopyTo(copied.Status())
	span.Attributes().CopyTo(copied.Attributes())
	return &row[ptrace.Traces]{batch: td, part: part{resource: newRS.Resource().Attributes(), attrs: copied.Attributes()}}
}
