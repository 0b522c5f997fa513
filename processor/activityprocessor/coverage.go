package activityprocessor

import (
	"context"
	"errors"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/declared"
)

// CoverageConfig says what becomes of requests whose service declares
// activities, but none for them. See docs/coverage.md.
type CoverageConfig = declared.Config

// start makes ready what the traces and the logs instance of one processor have
// in common. With a meter, it counts requests.
func (p *activityProcessor) start(meter metric.Meter) component.StartFunc {
	return func(ctx context.Context, _ component.Host) error {
		if err := p.shared.start(ctx); err != nil {
			return err
		}
		p.started = true
		p.declared = declared.Shared(p.cfg, p.cfg.Coverage)
		if meter == nil || !p.cfg.Coverage.Metrics {
			return nil
		}
		return p.declared.Register(meter)
	}
}

func (p *activityProcessor) shutdown(ctx context.Context) error {
	err := errors.Join(p.declared.Close(), p.shared.stop(ctx, p.started))
	p.declared, p.started = nil, false
	return err
}

// isDeclared reports whether attrs are those of an activity that its service
// declared.
func isDeclared(attrs pcommon.Map) bool {
	return glanceAt(attrs).declared
}

// serviceOf returns the name of a service, "" if it has none.
func serviceOf(resource pcommon.Resource) string {
	if v, ok := resource.Attributes().Get(activity.ServiceNameKey); ok {
		return v.AsString()
	}
	return ""
}

// await waits for the log records of the spans that may not be derived if there
// is one. Services that declare nothing are not waited for.
func (p *activityProcessor) await(ctx context.Context, td ptrace.Traces) error {
	if p.cfg.Coverage.Wait == 0 {
		return nil
	}
	var newest pcommon.Timestamp
	for _, rs := range td.ResourceSpans().All() {
		if !p.declared.HasService(serviceOf(rs.Resource())) {
			continue
		}
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if span.Kind() == ptrace.SpanKindServer && span.EndTimestamp() > newest &&
					glanceAt(span.Attributes()).mayDerive && !p.declared.Has(span.TraceID(), span.SpanID()) {
					newest = span.EndTimestamp()
				}
			}
		}
	}
	return p.declared.Wait(ctx, newest)
}

// knows reports whether the activity of span was declared, by itself or by a
// log record.
func (p *activityProcessor) knows(span ptrace.Span, declared bool, service string) bool {
	if !declared {
		return p.declared.Has(span.TraceID(), span.SpanID())
	}
	p.declared.AddService(service)
	p.declared.Declared(span.TraceID(), span.SpanID())
	return true
}

// cover counts a span if it is of a request that its service should have
// declared, and makes an activity of it if it did not and that is configured.
func (p *activityProcessor) cover(ctx context.Context, s *spanScene, mayDerive bool) error {
	cfg, span := &p.cfg.Coverage, s.span
	if !cfg.Metrics && !cfg.Rows || !p.declared.HasService(s.facts.service) || !changes(span) {
		return nil
	}
	if !p.declared.Gap(span.TraceID(), span.SpanID()) || !cfg.Rows || !mayDerive {
		return nil
	}
	s.facts.preset = nil
	if !gapRule.preset.take(s.read(), span) {
		return nil
	}
	_, err := p.spans.deriveBy(ctx, &gapRule, s, stampSpan)
	return err
}

// gapRule makes activities of requests whose service should have declared them.
var gapRule = rule[*ottlspan.TransformContext]{
	policy: &policy{name: "coverage", preset: presetOf(presetHTTPServer), anonymous: true},
}

// changes reports whether span is that of an HTTP request that changed
// something: its method says so, it succeeded, and the service did not say that
// it is not to be tracked.
func changes(span ptrace.Span) bool {
	if span.Kind() != ptrace.SpanKindServer {
		return false
	}
	var method string
	var code int
	for key, v := range span.Attributes().All() {
		switch key {
		case "http.request.method", "http.method":
			method = text(v)
		case statusCodeKey, oldStatusCodeKey:
			code = statusCode(v)
		case activity.SkippedKey:
			if v.AsString() == "true" {
				return false
			}
		}
	}
	action, ok := activity.ActionTypeFromMethod(method)
	return ok && action != activity.ActionRead && outcome(action, code, span.Status().Code()) == activity.StatusSuccess
}

// declaredLogs stands behind a logs processor and notes the records that the
// next component has taken.
type declaredLogs struct {
	consumer.Logs
	p *activityProcessor
}

// ConsumeLogs implements [consumer.Logs].
func (c *declaredLogs) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	var services []string
	var spans []ids
	for _, rl := range ld.ResourceLogs().All() {
		before := len(spans)
		for _, sl := range rl.ScopeLogs().All() {
			for _, record := range sl.LogRecords().All() {
				if isDeclared(record.Attributes()) {
					spans = append(spans, ids{record.TraceID(), record.SpanID()})
				}
			}
		}
		if len(spans) > before {
			services = append(services, serviceOf(rl.Resource()))
		}
	}
	if err := c.Logs.ConsumeLogs(ctx, ld); err != nil { // ld is not ours any more
		return err
	}
	for _, service := range services {
		c.p.declared.AddService(service)
	}
	for _, span := range spans {
		c.p.declared.Declared(span.trace, span.span)
	}
	return nil
}

// ids are those of a span.
type ids struct {
	trace pcommon.TraceID
	span  pcommon.SpanID
}
