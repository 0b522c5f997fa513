package activityprocessor

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/shared"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/fold"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/sender"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/throttle"
)

// activityProcessor holds no state between requests except what its instances
// share. It is safe for concurrent use.
type activityProcessor struct {
	cfg       *Config
	spans     *rule.SpanEngine
	logs      *rule.LogEngine
	derives   bool // log records
	telemetry *telemetry
	use       *shared.Use[*common]
	*common
	proxies                activity.Proxies
	counts                 bool         // requests with and without a declared activity
	refusedSpans           *fold.Traces // nil: not folded, or an instance for logs
	refusedLines           *fold.Logs   // nil: not folded, or an instance for traces
	folder                 folder       // the one of them that is not nil
	joins                  bool         // a rule derives from spans that may get their user from another
	operations, statements bool         // all GraphQL operations, or statements, are activities
	splits                 bool         // some GraphQL operations are activities
	watch                  *watch
}

func newActivityProcessor(cfg *Config, set component.TelemetrySettings) (*activityProcessor, error) {
	if err := confmap.Validate(cfg); err != nil { // a program that is not the Collector may leave that out
		return nil, fmt.Errorf("check the configuration: %w", err)
	}
	rules, err := rule.Compile(cfg.rules(), set)
	if err != nil {
		return nil, err
	}
	t, err := newTelemetry(set)
	if err != nil {
		return nil, err
	}
	use, err := processors.Get(cfg, func() (*common, error) { return newCommon(cfg, rules.Names(), set, t) })
	if err != nil {
		return nil, err
	}
	options := rule.Options{
		ErrorMode: ottl.ErrorMode(cfg.ErrorMode), Logger: set.Logger, Observer: t, DefaultActorType: string(cfg.DefaultActorType),
		Reads: cfg.Reads,
	}
	return &activityProcessor{
		cfg: cfg, telemetry: t, use: use, common: use.Value,
		spans: rule.NewSpanEngine(rules, options), logs: rule.NewLogEngine(rules, options),
		proxies: cfg.trustedProxies(), splits: rules.NamesPreset(preset.GraphQL),
		operations: rules.DerivesAll(preset.GraphQL), statements: rules.DerivesAll(preset.DBClient), derives: rules.DerivesLogs(), joins: cfg.Join.AcrossServices || rules.ConcernsInner(),
	}, nil
}

// start starts what the instances of one processor share. The traces instance
// counts requests.
func (p *activityProcessor) start(ctx context.Context, _ component.Host) error {
	if err := p.use.Start(ctx); err != nil {
		return err
	}
	if p.folder != nil {
		p.folder.Start()
	}
	if !p.counts || !p.cfg.Coverage.Metrics {
		return nil
	}
	return p.countRequests()
}

func (p *activityProcessor) shutdown(ctx context.Context) error {
	var err error
	if p.folder != nil {
		err = p.folder.Shutdown(ctx)
	}
	err = errors.Join(err, p.use.Shutdown(ctx))
	p.telemetry.Shutdown()
	return err
}

// sender returns what the sender of a request may write. It fails if the sender may not
// write as the services of the request.
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

// throttled counts a refused request, and says in the log which service or tenant sends too
// much: each once a minute, since it may be thousands of requests a second.
func (p *activityProcessor) throttled(ctx context.Context, err error) {
	p.telemetry.ProcessorActivityRequestsThrottled.Add(ctx, 1)
	var refusal *throttle.RefusedError
	if errors.As(err, &refusal) && refusal.News {
		p.logger.Warn("A request is refused and its sender asked to try again.", zap.Error(err))
	}
}

// unfinished returns the list of activities to finish after the lookups. It is nil
// without lookups, because then nothing changes an activity after it was derived.
func (p *activityProcessor) unfinished() *rule.Unfinished {
	if len(p.cfg.Lookups) == 0 {
		return nil
	}
	return &rule.Unfinished{}
}

// enrich applies the lookups to the activities of a batch, and then finishes the derived
// ones, so that their remarks have the names that were looked up.
func (p *activityProcessor) enrich(ctx context.Context, batch iter.Seq[pcommon.Map], unfinished *rule.Unfinished, texts *rule.Arena) {
	if unfinished == nil {
		return
	}
	p.watch.look()
	p.lookups.Enrich(ctx, batch)
	unfinished.Finish(texts)
}

// removes counts a record, and reports whether to remove it because it is not an activity,
// for the reason why.
func (p *activityProcessor) removes(attrs pcommon.Map, r record.Result, why reason, counts *tally) bool {
	if r != (record.Result{}) {
		counts.add(r.Action, r.Status, r.Source, 1)
		return false
	}
	if !counts.note(attrs, 1) {
		counts.skipped[why]++
		return p.cfg.DropOthers
	}
	return false
}
