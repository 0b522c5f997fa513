package activityprocessor

import (
	"context"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor/processorhelper"

	"github.com/otelactivity/activitylog/internal/identity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/declared"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/lookup"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/sender"
)

// processLogs derives and normalises the activities in ld, and removes other records if
// that is configured.
func (p *activityProcessor) processLogs(ctx context.Context, ld plog.Logs) (plog.Logs, error) {
	from, err := p.sender(ctx, sender.ResourcesOf(ld.ResourceLogs().All()))
	if err != nil {
		return ld, err
	}
	if err := p.throttle.Logs(ld, p.derives); err != nil {
		p.throttled(ctx, err)
		return ld, err
	}
	p.telemetry.cut(ctx, p.cfg.Limits.Logs(ld))
	p.finder.Logs(ld)
	if p.joins {
		p.telemetry.join(ctx, "logs", p.joiner.Logs(ld))
		p.watch.joined()
	}
	var counts tally
	var doubted int64
	var failure error
	var texts rule.Arena
	unfinished := p.unfinished()
	var stamper identity.LogStamper
	stamp := func(in *rule.Log) {
		in.Doubt(stamper.Stamp(in.ResourceLogs.Resource(), in.ScopeLogs.Scope(), in.LogRecord))
	}
	ld.ResourceLogs().RemoveIf(func(rl plog.ResourceLogs) bool {
		service := record.ServiceOf(rl.Resource())
		rl.ScopeLogs().RemoveIf(func(sl plog.ScopeLogs) bool {
			in := rule.Log{Texts: &texts, Unfinished: unfinished}
			in.Proxies = p.proxies
			in.ResourceLogs, in.ScopeLogs = rl, sl
			sl.LogRecords().RemoveIf(func(record plog.LogRecord) bool {
				in.Reset(record.Attributes(), service)
				in.LogRecord, in.HasBody = record, record.Body().Type() != pcommon.ValueTypeEmpty
				in.Notes = p.watch.begin()
				why, err := p.processRecord(ctx, &in, stamp)
				if err != nil {
					failure = err
				}
				p.watch.end(why)
				p.logs.Done(&in)
				return p.removes(in.Attrs, in.Result, why, &counts)
			})
			doubted += in.Doubted
			return p.cfg.DropOthers && sl.LogRecords().Len() == 0
		})
		return p.cfg.DropOthers && rl.ScopeLogs().Len() == 0
	})
	if failure != nil {
		return ld, failure
	}
	p.enrich(ctx, lookup.Records(ld), unfinished, &texts)
	if err := from.Logs(ld); err != nil {
		p.telemetry.refused(ctx)
		return ld, err
	}
	p.watch.look()
	if err := p.cleaner.Logs(ctx, ld); err != nil {
		return ld, err
	}
	p.foldLogs(ctx, ld, &counts)
	p.telemetry.count(ctx, &counts)
	p.telemetry.doubt(ctx, doubted)
	if p.cfg.DropOthers && ld.ResourceLogs().Len() == 0 {
		return ld, processorhelper.ErrSkipProcessingData
	}
	return ld, nil
}

// processRecord makes an activity of a log record, or says why it is not one.
func (p *activityProcessor) processRecord(ctx context.Context, in *rule.Log, stamp func(*rule.Log)) (reason, error) {
	state := record.StateOf(in.Attrs)
	switch {
	case state.Activity:
		stamp(in)
		v, err := p.logs.Declared(ctx, in)
		return reasonOf(v), err
	case !state.MayDerive:
		return excluded, nil
	case !p.derives:
		return noRule, nil
	}
	v, err := p.logs.Derive(ctx, in, stamp)
	return reasonOf(v), err
}

// declaredLogs comes after a logs processor and notes the records that the next
// component has accepted.
type declaredLogs struct {
	consumer.Logs
	p *activityProcessor
}

// ConsumeLogs implements [consumer.Logs].
func (c *declaredLogs) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	var services []string
	spans := make([]declared.Span, 0, ld.LogRecordCount())
	for _, rl := range ld.ResourceLogs().All() {
		before := len(spans)
		for _, sl := range rl.ScopeLogs().All() {
			for _, line := range sl.LogRecords().All() {
				if record.StateOf(line.Attributes()).Declared {
					spans = append(spans, declared.Span{Trace: line.TraceID(), ID: line.SpanID()})
				}
			}
		}
		if len(spans) > before {
			services = append(services, record.ServiceOf(rl.Resource()))
		}
	}
	if err := c.Logs.ConsumeLogs(ctx, ld); err != nil { // ld must not be used after this
		return err
	}
	for _, service := range services {
		c.p.declared.AddService(service)
	}
	c.p.declared.AllDeclared(spans)
	return nil
}
