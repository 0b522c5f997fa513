package activitylogexporter

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/identity"
)

// tracesExporter stands before the sending queue: only what is an activity goes
// in, and only with its id, so that whatever happens to a batch afterwards
// (retries, a restart, another collector) it is the same rows.
type tracesExporter struct {
	exporter.Traces
	gate gate
}

// Start implements [component.Component].
func (e *tracesExporter) Start(ctx context.Context, host component.Host) error {
	return e.gate.start(ctx, host, e.Traces.Start)
}

// Capabilities implements [consumer.Traces]: ids are set and others removed.
func (*tracesExporter) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: true}
}

// ConsumeTraces implements [consumer.Traces].
func (e *tracesExporter) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	td.ResourceSpans().RemoveIf(func(resource ptrace.ResourceSpans) bool {
		resource.ScopeSpans().RemoveIf(func(scope ptrace.ScopeSpans) bool {
			scope.Spans().RemoveIf(func(span ptrace.Span) bool { return !identity.IsActivity(span.Attributes()) })
			return scope.Spans().Len() == 0
		})
		return resource.ScopeSpans().Len() == 0
	})
	if td.ResourceSpans().Len() == 0 {
		return nil
	}
	if err := e.gate.wait(ctx); err != nil {
		return err
	}
	identity.StampTraces(td)
	return e.Traces.ConsumeTraces(ctx, td)
}

// logsExporter is the same for log records.
type logsExporter struct {
	exporter.Logs
	gate gate
}

// Start implements [component.Component].
func (e *logsExporter) Start(ctx context.Context, host component.Host) error {
	return e.gate.start(ctx, host, e.Logs.Start)
}

// Capabilities implements [consumer.Logs]: ids are set and others removed.
func (*logsExporter) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: true}
}

// ConsumeLogs implements [consumer.Logs].
func (e *logsExporter) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	ld.ResourceLogs().RemoveIf(func(resource plog.ResourceLogs) bool {
		resource.ScopeLogs().RemoveIf(func(scope plog.ScopeLogs) bool {
			scope.LogRecords().RemoveIf(func(record plog.LogRecord) bool { return !identity.IsActivity(record.Attributes()) })
			return scope.LogRecords().Len() == 0
		})
		return resource.ScopeLogs().Len() == 0
	})
	if ld.ResourceLogs().Len() == 0 {
		return nil
	}
	if err := e.gate.wait(ctx); err != nil {
		return err
	}
	identity.StampLogs(ld)
	return e.Logs.ConsumeLogs(ctx, ld)
}
