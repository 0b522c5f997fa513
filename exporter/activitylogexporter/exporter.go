package activitylogexporter

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/internal/identity"
)

// tracesExporter puts the spans that are activities into the queue. It gives each
// its id before that, so that a retry, a restart or another collector gives the
// same row.
type tracesExporter struct {
	use
	plain plain
}

// Capabilities implements [consumer.Traces]: ids are set and others removed.
func (*tracesExporter) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: true}
}

// ConsumeTraces implements [consumer.Traces].
func (e *tracesExporter) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	before := td.SpanCount()
	td.ResourceSpans().RemoveIf(func(resource ptrace.ResourceSpans) bool {
		resource.ScopeSpans().RemoveIf(func(scope ptrace.ScopeSpans) bool {
			scope.Spans().RemoveIf(func(span ptrace.Span) bool { return !identity.IsActivity(span.Attributes()) })
			return scope.Spans().Len() == 0
		})
		return resource.ScopeSpans().Len() == 0
	})
	if dropped := before - td.SpanCount(); dropped > 0 {
		e.plain.warn(e.db.logger, "spans", dropped)
	}
	if td.ResourceSpans().Len() == 0 {
		return nil
	}
	q, err := e.db.opened(ctx)
	if err != nil {
		return err
	}
	e.db.observer.doubted(ctx, identity.StampTraces(td))
	return q.AddTraces(ctx, td)
}

// logsExporter is the same for log records.
type logsExporter struct {
	use
	plain plain
}

// Capabilities implements [consumer.Logs]: ids are set and others removed.
func (*logsExporter) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: true}
}

// ConsumeLogs implements [consumer.Logs].
func (e *logsExporter) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	before := ld.LogRecordCount()
	ld.ResourceLogs().RemoveIf(func(resource plog.ResourceLogs) bool {
		resource.ScopeLogs().RemoveIf(func(scope plog.ScopeLogs) bool {
			scope.LogRecords().RemoveIf(func(record plog.LogRecord) bool { return !identity.IsActivity(record.Attributes()) })
			return scope.LogRecords().Len() == 0
		})
		return resource.ScopeLogs().Len() == 0
	})
	if dropped := before - ld.LogRecordCount(); dropped > 0 {
		e.plain.warn(e.db.logger, "log records", dropped)
	}
	if ld.ResourceLogs().Len() == 0 {
		return nil
	}
	q, err := e.db.opened(ctx)
	if err != nil {
		return err
	}
	e.db.observer.doubted(ctx, identity.StampLogs(ld))
	return q.AddLogs(ctx, ld)
}

// plain warns once of telemetry that is not activities. It only gets here if nothing
// before the exporter makes activities of it, or drops it.
type plain struct{ once sync.Once }

func (p *plain) warn(logger *zap.Logger, what string, dropped int) {
	p.once.Do(func() {
		logger.Warn("The exporter dropped "+what+" that are not activities. The processor activity, which makes activities of them, "+
			"is missing from this pipeline, or has drop_others: false.", zap.Int("dropped", dropped))
	})
}
