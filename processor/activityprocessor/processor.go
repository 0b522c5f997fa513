package activityprocessor

import (
	"context"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processorhelper"

	"github.com/otelactivity/activitylog/identity"
)

// activityProcessor holds no state between requests; it is safe for concurrent
// use.
type activityProcessor struct {
	cfg   *Config
	rules []rule
}

func newActivityProcessor(cfg *Config) *activityProcessor {
	p := &activityProcessor{cfg: cfg}
	if cfg.Derive.Enabled {
		p.rules = append(p.rules, httpServer(cfg.Derive))
	}
	return p
}

// processTraces turns td into the activities that it holds.
func (p *activityProcessor) processTraces(_ context.Context, td ptrace.Traces) (ptrace.Traces, error) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				p.processSpan(span)
			}
		}
	}
	identity.StampTraces(td)
	if p.cfg.DropOthers && dropOtherSpans(td) {
		return td, processorhelper.ErrSkipProcessingData
	}
	return td, nil
}

func (p *activityProcessor) processSpan(span ptrace.Span) {
	if mayDerive(span) {
		derive(p.rules, span)
	}
	if identity.IsActivity(span.Attributes()) {
		p.normalise(span.Attributes(), span.Status().Code())
	}
}

// processLogs turns ld into the activities that it holds.
func (p *activityProcessor) processLogs(_ context.Context, ld plog.Logs) (plog.Logs, error) {
	for _, rl := range ld.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, record := range sl.LogRecords().All() {
				if identity.IsActivity(record.Attributes()) {
					p.normalise(record.Attributes(), ptrace.StatusCodeUnset)
				}
			}
		}
	}
	identity.StampLogs(ld)
	if p.cfg.DropOthers && dropOtherLogs(ld) {
		return ld, processorhelper.ErrSkipProcessingData
	}
	return ld, nil
}

// dropOtherSpans removes what is no activity from td, and reports whether
// nothing is left.
func dropOtherSpans(td ptrace.Traces) bool {
	td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
			ss.Spans().RemoveIf(func(span ptrace.Span) bool { return isOther(span.Attributes()) })
			return ss.Spans().Len() == 0
		})
		return rs.ScopeSpans().Len() == 0
	})
	return td.ResourceSpans().Len() == 0
}

// dropOtherLogs does for log records what dropOtherSpans does for spans.
func dropOtherLogs(ld plog.Logs) bool {
	ld.ResourceLogs().RemoveIf(func(rl plog.ResourceLogs) bool {
		rl.ScopeLogs().RemoveIf(func(sl plog.ScopeLogs) bool {
			sl.LogRecords().RemoveIf(func(record plog.LogRecord) bool { return isOther(record.Attributes()) })
			return sl.LogRecords().Len() == 0
		})
		return rl.ScopeLogs().Len() == 0
	})
	return ld.ResourceLogs().Len() == 0
}

func isOther(attrs pcommon.Map) bool { return !identity.IsActivity(attrs) }
