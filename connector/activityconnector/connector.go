package activityconnector

import (
	"context"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
)

// activityConnector holds no state between requests; it is safe for concurrent
// use.
type activityConnector struct {
	component.StartFunc
	component.ShutdownFunc
	cfg  *Config
	next consumer.Logs
}

func newActivityConnector(cfg *Config, next consumer.Logs) *activityConnector {
	return &activityConnector{cfg: cfg, next: next}
}

// Capabilities implements [consumer.Traces]: the spans stay as they are.
func (*activityConnector) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: false}
}

// ConsumeTraces implements [consumer.Traces]. It returns the error of the logs pipeline,
// so that the sender gets it.
func (c *activityConnector) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	ld := c.logs(td)
	if ld.ResourceLogs().Len() == 0 {
		return nil
	}
	return c.next.ConsumeLogs(ctx, ld)
}

// logs returns the log records of td's activities, in the resources and scopes
// of their spans.
func (c *activityConnector) logs(td ptrace.Traces) plog.Logs {
	ld := plog.NewLogs()
	observed := pcommon.NewTimestampFromTime(time.Now())
	for _, rs := range td.ResourceSpans().All() {
		rl := plog.NewResourceLogs()
		for _, ss := range rs.ScopeSpans().All() {
			c.scopeLogs(ss, rl.ScopeLogs(), observed)
		}
		if rl.ScopeLogs().Len() == 0 {
			continue
		}
		rs.Resource().CopyTo(rl.Resource())
		rl.SetSchemaUrl(rs.SchemaUrl())
		rl.MoveTo(ld.ResourceLogs().AppendEmpty())
	}
	return ld
}

// scopeLogs adds the log records of ss to scopes, if there are any.
func (c *activityConnector) scopeLogs(ss ptrace.ScopeSpans, scopes plog.ScopeLogsSlice, observed pcommon.Timestamp) {
	sl := plog.NewScopeLogs()
	for _, span := range ss.Spans().All() {
		if c.wants(span.Attributes()) {
			c.write(span, sl.LogRecords().AppendEmpty(), observed)
		}
	}
	if sl.LogRecords().Len() == 0 {
		return
	}
	ss.Scope().CopyTo(sl.Scope())
	sl.SetSchemaUrl(ss.SchemaUrl())
	sl.MoveTo(scopes.AppendEmpty())
}

// wants reports whether attrs belong to an activity of a configured source. An activity
// without a source is declared, as in the exporter.
func (c *activityConnector) wants(attrs pcommon.Map) bool {
	if !identity.IsActivity(attrs) {
		return false
	}
	source := activity.SourceDeclared
	if v, ok := attrs.Get(activity.SourceKey); ok && v.AsString() == string(activity.SourceDerived) {
		source = activity.SourceDerived
	}
	return slices.Contains(c.cfg.Sources, Source(source))
}

// identified returns span if it has its id, else a copy that has: span is not
// ours to change.
func identified(span ptrace.Span) (ptrace.Span, activity.ID) {
	if v, ok := span.Attributes().Get(activity.IDKey); ok && v.Type() == pcommon.ValueTypeStr {
		if id, err := activity.ParseID(v.Str()); err == nil {
			return span, id
		}
	}
	td := ptrace.NewTraces()
	stamped := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.CopyTo(stamped)
	identity.StampTraces(td)
	v, _ := stamped.Attributes().Get(activity.IDKey)
	id, _ := activity.ParseID(v.Str()) // stamped: valid
	return stamped, id
}

// write makes record the one of the activity of span, as package instrument
// would have emitted it.
func (c *activityConnector) write(span ptrace.Span, record plog.LogRecord, observed pcommon.Timestamp) {
	span, id := identified(span)
	record.SetEventName(activity.EventName)
	record.SetTimestamp(pcommon.NewTimestampFromTime(id.Time()))
	record.SetObservedTimestamp(observed)
	record.SetTraceID(span.TraceID())
	record.SetSpanID(span.SpanID())
	record.SetFlags(plog.LogRecordFlags(span.Flags() & traceFlags))
	record.SetSeverityNumber(plog.SeverityNumberInfo)
	record.SetSeverityText("INFO")
	record.Attributes().EnsureCapacity(span.Attributes().Len())
	record.Attributes().PutStr(activity.IDKey, id.String())
	for key, value := range span.Attributes().All() {
		switch {
		case key == activity.IDKey:
		case key == activity.RemarksKey:
			value.CopyTo(record.Body())
		case c.keeps(key):
			value.CopyTo(record.Attributes().PutEmpty(key))
		}
	}
	if v, ok := record.Attributes().Get(activity.StatusKey); ok {
		if status, _ := activity.ParseStatus(v.AsString()); status == activity.StatusFailed {
			record.SetSeverityNumber(plog.SeverityNumberWarn)
			record.SetSeverityText("WARN")
		}
	}
}

// traceFlags are those bits of a span's flags that a log record has, too: the
// flags of W3C trace context.
const traceFlags = 0xff

// keeps reports whether the log record gets the attribute: the columns of activity_log,
// and the attributes of the configuration.
func (c *activityConnector) keeps(key string) bool {
	switch key {
	case activity.ErrorTypeKey, activity.ClientAddressKey, activity.UserAgentKey, activity.SessionIDKey:
		return true
	}
	return strings.HasPrefix(key, "activity.") || slices.Contains(c.cfg.Attributes, key)
}
