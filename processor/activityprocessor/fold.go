package activityprocessor

import (
	"context"
	"strings"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/fold"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/lookup"
)

// folder is a [fold.Traces] or [fold.Logs] that is started and shut down with its instance.
type folder interface {
	Start()
	Shutdown(ctx context.Context) error
}

// foldsTo makes an instance for traces fold refusals into rows for the next component.
func (p *activityProcessor) foldsTo(next consumer.Traces, logger *zap.Logger) {
	if !p.cfg.Fold.Enabled {
		return
	}
	p.refusedSpans = fold.NewTraces(p.cfg.Fold, logger, func(ctx context.Context, td ptrace.Traces) error {
		var counts tally
		for attrs := range lookup.Spans(td) {
			counts.note(attrs, 1)
		}
		err := next.ConsumeTraces(ctx, td) // td must not be used after this
		if err == nil {
			p.telemetry.count(ctx, &counts)
		}
		return err
	})
	p.folder = p.refusedSpans
}

// foldsLogsTo makes an instance for logs fold refusals into rows for the next component.
func (p *activityProcessor) foldsLogsTo(next consumer.Logs, logger *zap.Logger) {
	if !p.cfg.Fold.Enabled || !p.derives {
		return
	}
	p.refusedLines = fold.NewLogs(p.cfg.Fold, logger, func(ctx context.Context, ld plog.Logs) error {
		var counts tally
		for attrs := range lookup.Records(ld) {
			counts.note(attrs, 1)
		}
		err := next.ConsumeLogs(ctx, ld) // ld must not be used after this
		if err == nil {
			p.telemetry.count(ctx, &counts)
		}
		return err
	})
	p.folder = p.refusedLines
}

// foldTraces takes refusals out of td that are part of the row of others.
func (p *activityProcessor) foldTraces(ctx context.Context, td ptrace.Traces, counts *tally) {
	if p.refusedSpans != nil && counts.mayBeRefusals() {
		p.telemetry.folded(ctx, p.refusedSpans.Fold(td, p.leaveOut(counts)))
	}
}

// foldLogs takes refusals out of ld that are part of the row of others.
func (p *activityProcessor) foldLogs(ctx context.Context, ld plog.Logs, counts *tally) {
	if p.refusedLines != nil && counts.mayBeRefusals() {
		p.telemetry.folded(ctx, p.refusedLines.Fold(ld, p.leaveOut(counts)))
	}
}

// leaveOut returns a function that says what becomes of a refusal that is part of the row
// of others: it is removed, or goes on without being an activity.
func (p *activityProcessor) leaveOut(counts *tally) func(pcommon.Map) bool {
	return func(attrs pcommon.Map) bool {
		counts.note(attrs, -1)
		if p.cfg.DropOthers {
			return true
		}
		attrs.RemoveIf(func(key string, _ pcommon.Value) bool { return strings.HasPrefix(key, "activity.") })
		attrs.PutBool(activity.SkippedKey, true)
		return false
	}
}
