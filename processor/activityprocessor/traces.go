package activityprocessor

import (
	"cmp"
	"context"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processorhelper"

	"github.com/otelactivity/activitylog/internal/identity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/lookup"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/nested"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/sender"
)

// processTraces derives and normalises the activities in td, and removes other spans if
// that is configured.
func (p *activityProcessor) processTraces(ctx context.Context, td ptrace.Traces) (ptrace.Traces, error) {
	from, err := p.sender(ctx, sender.ResourcesOf(td.ResourceSpans().All()))
	if err != nil {
		return td, err
	}
	if err := p.throttle.Traces(td); err != nil {
		p.throttled(ctx, err)
		return td, err
	}
	p.telemetry.cut(ctx, p.cfg.Limits.Traces(td))
	if err := p.await(ctx, td); err != nil {
		return td, err
	}
	p.identify(ctx, td)
	p.join(ctx, td)
	p.split(td)
	found := p.nested.Find(td, p.acts())
	var counts tally
	var doubted int64
	var failure error
	var texts rule.Arena
	unfinished := p.unfinished()
	td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		service, process := record.ServiceOf(rs.Resource()), found.Process(rs.Resource())
		var users userCount
		rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
			in := rule.Span{Texts: &texts, Unfinished: unfinished}
			in.Proxies = p.proxies
			in.ResourceSpans, in.ScopeSpans = rs, ss
			ss.Spans().RemoveIf(func(span ptrace.Span) bool {
				in.Reset(span.Attributes(), service)
				in.Span, in.Kind, in.Status = span, kindOf(span), span.Status().Code()
				in.Notes = p.watch.begin()
				place := found.At(process, span)
				why, err := p.processSpan(ctx, &in, place)
				if err != nil {
					failure = err
				}
				found.Settle(place, outcomeOf(why), &in.Record)
				p.spans.Done(&in)
				p.watch.end(why)
				users.add(&in, why)
				return p.removes(in.Attrs, in.Result, why, &counts) || why != isActivity && p.splits && preset.IsAdded(span)
			})
			doubted += in.Doubted
			return p.cfg.DropOthers && ss.Spans().Len() == 0
		})
		p.noteUsers(ctx, service, users)
		return p.cfg.DropOthers && rs.ScopeSpans().Len() == 0
	})
	if failure != nil {
		return td, failure
	}
	keepNotes(ctx, found)
	p.enrich(ctx, lookup.Spans(td), unfinished, &texts)
	if err := from.Traces(td); err != nil {
		p.telemetry.refused(ctx)
		return td, err
	}
	p.watch.look()
	if err := p.cleaner.Traces(ctx, td); err != nil {
		return td, err
	}
	p.foldTraces(ctx, td, &counts)
	p.telemetry.count(ctx, &counts)
	p.telemetry.doubt(ctx, doubted)
	if p.cfg.DropOthers && td.ResourceSpans().Len() == 0 {
		return td, processorhelper.ErrSkipProcessingData
	}
	return td, nil
}

// identify names the users of requests by the identity rules, and removes their secrets.
func (p *activityProcessor) identify(ctx context.Context, td ptrace.Traces) {
	if len(p.cfg.Identity) == 0 {
		return
	}
	found := map[string]int64{}
	p.finder.Traces(ctx, td, func(rule string) {
		found[rule]++
		p.watch.identified(rule)
	})
	p.telemetry.identify(ctx, found)
}

// join gives requests and the spans within them their users, as far as a rule may derive
// activities from them.
func (p *activityProcessor) join(ctx context.Context, td ptrace.Traces) {
	joined := 0
	if len(p.cfg.rules()) > 0 {
		joined = p.joiner.Requests(td)
	}
	if p.joins {
		joined += p.joiner.Traces(td)
	}
	p.watch.joined()
	p.telemetry.join(ctx, "traces", joined)
}

// split adds a span for each further root field of a GraphQL operation.
func (p *activityProcessor) split(td ptrace.Traces) {
	if !p.splits {
		return
	}
	var s preset.Splitter
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			s.Split(ss.Spans())
		}
	}
}

// kindOf returns the kind of a span, internal if it has none.
func kindOf(span ptrace.Span) ptrace.SpanKind {
	return cmp.Or(span.Kind(), ptrace.SpanKindInternal)
}

// processSpan makes an activity of a span, or says why it is not one.
func (p *activityProcessor) processSpan(ctx context.Context, in *rule.Span, place *nested.Place) (reason, error) {
	state := record.StateOf(in.Attrs)
	known := p.knows(in.Span, state.Declared, in.Service)
	if place != nil && !state.Activity {
		switch request := place.Request; {
		case place.Outer, place.Inner:
			return inner, nil // what is within it says more, or the outermost span is the request
		case request == nil:
		case p.decided(request):
			return declaredElsewhere, nil // so it is no gap either
		case request.IsRow:
			return inner, nil // which came in an earlier batch
		default:
			in.Inner = request.Best
		}
	}
	why := isActivity
	switch {
	case state.Activity:
		in.Doubt(identity.StampSpan(in.Span))
		v, err := p.spans.Declared(ctx, in)
		if v.Dropped() || err != nil {
			return reasonOf(v), err
		}
	case known:
		why = declaredElsewhere
	case !state.MayDerive:
		why = excluded
	default:
		v, err := p.spans.Derive(ctx, in, rule.StampSpan)
		if v.Dropped() || err != nil {
			return reasonOf(v), err
		}
		why = reasonOf(v)
		state.MayDerive = v != rule.Kept
	}
	covered, err := p.cover(ctx, in, state.MayDerive)
	if covered {
		why = isActivity
	}
	return why, err
}

// decided reports whether the service has said of an inner span of the request that it is
// an activity, or that it is not one.
func (p *activityProcessor) decided(request *nested.Request) bool {
	for _, inner := range request.Inner {
		if inner.Decided || p.declared.Has(inner.Trace, inner.Span) {
			return true
		}
	}
	return false
}
