package activityprocessor

import (
	"context"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
)

// await waits for the log records that may declare the activities of spans. It does not
// wait for services that declare no activities.
func (p *activityProcessor) await(ctx context.Context, td ptrace.Traces) error {
	if p.cfg.Coverage.Wait == 0 {
		return nil
	}
	var newest pcommon.Timestamp
	for _, rs := range td.ResourceSpans().All() {
		if !p.declared.HasService(record.ServiceOf(rs.Resource())) {
			continue
		}
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if span.Kind() == ptrace.SpanKindServer && span.EndTimestamp() > newest &&
					record.StateOf(span.Attributes()).MayDerive && !p.declared.Has(span.TraceID(), span.SpanID()) {
					newest = span.EndTimestamp()
				}
			}
		}
	}
	return p.declared.Wait(ctx, newest)
}

// knows reports whether the activity of span was declared, by the span itself or by a
// log record.
func (p *activityProcessor) knows(span ptrace.Span, declared bool, service string) bool {
	if !declared {
		return p.declared.Has(span.TraceID(), span.SpanID())
	}
	p.declared.AddService(service)
	p.declared.Declared(span.TraceID(), span.SpanID())
	return true
}

// cover counts a span if its service should have declared the request. If it did not,
// and that is configured, it derives an activity from the span, and reports whether it did.
func (p *activityProcessor) cover(ctx context.Context, in *rule.Span, mayDerive bool) (derived bool, err error) {
	cfg := &p.cfg.Coverage
	if !cfg.Metrics && !cfg.Rows || !p.declared.HasService(in.Service) || !changes(in.Span) {
		return false, nil
	}
	if !p.declared.Gap(in.Span.TraceID(), in.Span.SpanID()) || !cfg.Rows || !mayDerive {
		return false, nil
	}
	v, err := p.spans.DeriveUndeclared(ctx, in, rule.StampSpan)
	return v == rule.Kept, err
}

// changes reports whether span is an HTTP request that changed something: its method is
// one that changes, it succeeded, and the service did not exclude it from tracking.
func changes(span ptrace.Span) bool {
	if span.Kind() != ptrace.SpanKindServer {
		return false
	}
	var method string
	var code int
	for key, v := range span.Attributes().All() {
		switch key {
		case "http.request.method", "http.method":
			method = record.Text(v)
		case record.StatusCodeKey, record.OldStatusCodeKey:
			code = record.StatusCode(v)
		case activity.SkippedKey:
			if v.AsString() == "true" {
				return false
			}
		}
	}
	action, ok := activity.ActionTypeFromMethod(method)
	return ok && action != activity.ActionRead && record.Outcome(action, code, span.Status().Code()) == activity.StatusSuccess
}
