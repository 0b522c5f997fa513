package activityprocessor

import (
	"cmp"
	"context"
	"iter"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processorhelper"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/declared"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/lookup"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/sender"
)

// activityProcessor holds no state between requests but the index of declared
// spans; it is safe for concurrent use.
type activityProcessor struct {
	cfg       *Config
	spans     engine[*ottlspan.TransformContext]
	logs      engine[*ottllog.TransformContext]
	derives   bool            // log records
	declared  *declared.Index // nil before the start
	telemetry *telemetry
	shared    *shared
	started   bool
	joins     bool // some rule is for spans that may get a user from another
}

type (
	spanScene = scene[*ottlspan.TransformContext]
	logScene  = scene[*ottllog.TransformContext]
)

func newActivityProcessor(cfg *Config, set component.TelemetrySettings) (*activityProcessor, error) {
	rules, err := compile(cfg.Rules, set)
	if err != nil {
		return nil, err
	}
	t, err := newTelemetry(set.MeterProvider.Meter(metadata.ScopeName))
	if err != nil {
		return nil, err
	}
	common, err := share(cfg, set, t)
	if err != nil {
		return nil, err
	}
	p := &activityProcessor{cfg: cfg, telemetry: t, shared: common, joins: cfg.Join.AcrossServices || rules.concernInner()}
	p.spans = engine[*ottlspan.TransformContext]{
		rules: rules.spans, presets: rules.presets, all: presets[:], tables: rules.tables,
		open: func(s *source) *ottlspan.TransformContext {
			return ottlspan.NewTransformContextPtr(s.resourceSpans, s.scopeSpans, s.span)
		},
		close: (*ottlspan.TransformContext).Close,
		mode:  cfg.ErrorMode, logger: set.Logger, telemetry: t, defaultActorType: string(cfg.DefaultActorType),
	}
	p.logs = engine[*ottllog.TransformContext]{
		rules: rules.logs,
		open: func(s *source) *ottllog.TransformContext {
			return ottllog.NewTransformContextPtr(s.resourceLogs, s.scopeLogs, s.record)
		},
		close: (*ottllog.TransformContext).Close,
		mode:  cfg.ErrorMode, logger: set.Logger, telemetry: t, defaultActorType: string(cfg.DefaultActorType),
	}
	for _, r := range rules.logs {
		p.derives = p.derives || r.derives
		p.logs.polices = p.logs.polices || r.preset == nil
	}
	for _, r := range rules.spans {
		p.spans.polices = p.spans.polices || r.preset == nil
	}
	return p, nil
}

// processTraces turns td into the activities that it holds.
func (p *activityProcessor) processTraces(ctx context.Context, td ptrace.Traces) (ptrace.Traces, error) {
	from, err := p.sender(ctx, sender.ResourcesOf(td.ResourceSpans().All()))
	if err != nil {
		return td, err
	}
	p.telemetry.cut(ctx, p.cfg.Limits.Traces(td))
	if err := p.await(ctx, td); err != nil {
		return td, err
	}
	if p.joins {
		p.telemetry.join(ctx, "traces", p.shared.joiner.Traces(td))
	}
	var counts tally
	var doubted int64
	var failure error
	var texts arena
	td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		service := serviceOf(rs.Resource())
		rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
			s := spanScene{source: source{resourceSpans: rs, scopeSpans: ss}, texts: &texts}
			ss.Spans().RemoveIf(func(span ptrace.Span) bool {
				s.begin(span.Attributes(), service)
				s.span, s.facts.kind, s.facts.status = span, kindOf(span), span.Status().Code()
				if err := p.processSpan(ctx, &s); err != nil {
					failure = err
				}
				p.spans.done(&s)
				return p.drops(s.attrs, s.result, &counts)
			})
			doubted += s.doubted
			return p.cfg.DropOthers && ss.Spans().Len() == 0
		})
		return p.cfg.DropOthers && rs.ScopeSpans().Len() == 0
	})
	if failure != nil {
		return td, failure
	}
	p.shared.lookups.Enrich(ctx, lookup.Spans(td))
	if err := from.Traces(td); err != nil {
		p.telemetry.refused(ctx)
		return td, err
	}
	if err := p.shared.cleaner.Traces(ctx, td); err != nil {
		return td, err
	}
	p.telemetry.count(ctx, &counts)
	p.telemetry.doubt(ctx, doubted)
	if p.cfg.DropOthers && td.ResourceSpans().Len() == 0 {
		return td, processorhelper.ErrSkipProcessingData
	}
	return td, nil
}

// sender returns what the sender of a request may write, and fails if its services
// are not among that.
func (p *activityProcessor) sender(ctx context.Context, resources iter.Seq[pcommon.Resource]) (*sender.Request, error) {
	from, err := p.cfg.Senders.Of(ctx)
	if err == nil {
		err = from.Services(resources)
	}
	if err != nil {
		p.telemetry.refused(ctx)
	}
	return from, err
}

// kindOf returns the kind of a span; one that has none is internal.
func kindOf(span ptrace.Span) ptrace.SpanKind {
	return cmp.Or(span.Kind(), ptrace.SpanKindInternal)
}

func (p *activityProcessor) processSpan(ctx context.Context, s *spanScene) error {
	g := glanceAt(s.attrs)
	known := p.knows(s.span, g.declared, s.facts.service)
	if g.activity {
		s.doubt(identity.StampSpan(s.span))
		if v, err := p.spans.order(ctx, s); v == dropped || err != nil {
			return err
		}
	} else if !known && g.mayDerive {
		v, err := p.spans.derive(ctx, s, stampSpan)
		if v == dropped || err != nil {
			return err
		}
		g.mayDerive = v == other
	}
	return p.cover(ctx, s, g.mayDerive)
}

// processLogs turns ld into the activities that it holds.
func (p *activityProcessor) processLogs(ctx context.Context, ld plog.Logs) (plog.Logs, error) {
	from, err := p.sender(ctx, sender.ResourcesOf(ld.ResourceLogs().All()))
	if err != nil {
		return ld, err
	}
	p.telemetry.cut(ctx, p.cfg.Limits.Logs(ld))
	if p.joins {
		p.telemetry.join(ctx, "logs", p.shared.joiner.Logs(ld))
	}
	var counts tally
	var doubted int64
	var failure error
	var texts arena
	var stamper identity.LogStamper
	stamp := func(s *logScene) {
		s.doubt(stamper.Stamp(s.resourceLogs.Resource(), s.scopeLogs.Scope(), s.record))
	}
	ld.ResourceLogs().RemoveIf(func(rl plog.ResourceLogs) bool {
		service := serviceOf(rl.Resource())
		rl.ScopeLogs().RemoveIf(func(sl plog.ScopeLogs) bool {
			s := logScene{source: source{resourceLogs: rl, scopeLogs: sl}, texts: &texts}
			sl.LogRecords().RemoveIf(func(record plog.LogRecord) bool {
				s.begin(record.Attributes(), service)
				s.record, s.facts.body = record, record.Body().Type() != pcommon.ValueTypeEmpty
				if err := p.processRecord(ctx, &s, stamp); err != nil {
					failure = err
				}
				p.logs.done(&s)
				return p.drops(s.attrs, s.result, &counts)
			})
			doubted += s.doubted
			return p.cfg.DropOthers && sl.LogRecords().Len() == 0
		})
		return p.cfg.DropOthers && rl.ScopeLogs().Len() == 0
	})
	if failure != nil {
		return ld, failure
	}
	p.shared.lookups.Enrich(ctx, lookup.Records(ld))
	if err := from.Logs(ld); err != nil {
		p.telemetry.refused(ctx)
		return ld, err
	}
	if err := p.shared.cleaner.Logs(ctx, ld); err != nil {
		return ld, err
	}
	p.telemetry.count(ctx, &counts)
	p.telemetry.doubt(ctx, doubted)
	if p.cfg.DropOthers && ld.ResourceLogs().Len() == 0 {
		return ld, processorhelper.ErrSkipProcessingData
	}
	return ld, nil
}

func (p *activityProcessor) processRecord(ctx context.Context, s *logScene, stamp func(*logScene)) error {
	g := glanceAt(s.attrs)
	if g.activity {
		stamp(s)
		_, err := p.logs.order(ctx, s)
		return err
	}
	if !p.derives || !g.mayDerive {
		return nil
	}
	_, err := p.logs.derive(ctx, s, stamp)
	return err
}

// drops counts an activity and reports whether what is none is to go.
func (p *activityProcessor) drops(attrs pcommon.Map, r result, counts *tally) bool {
	if r != (result{}) {
		counts.add(r.action, r.status, r.source)
		return false
	}
	action, ok := attrs.Get(activity.ActionTypeKey)
	if !ok {
		return p.cfg.DropOthers
	}
	status, _ := attrs.Get(activity.StatusKey)
	source, _ := attrs.Get(activity.SourceKey)
	counts.add(action.Str(), status.Str(), source.Str())
	return false
}
