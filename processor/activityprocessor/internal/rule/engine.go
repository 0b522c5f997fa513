package rule

import (
	"context"
	"fmt"
	"slices"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Options are the settings for the rules of spans and of log records.
type Options struct {
	// ErrorMode is what to do if an expression fails on a record.
	ErrorMode ottl.ErrorMode
	Logger    *zap.Logger
	Observer  Observer
	// DefaultActorType is the type of an actor with an id and no type.
	DefaultActorType string
	// Reads are the successful reads to keep, unless a rule says it.
	Reads Reads
}

// Observer counts the effects of rules. It must be safe for concurrent use.
type Observer interface {
	// Dropped is called for each activity that the rule of that name did not keep.
	Dropped(ctx context.Context, rule string)
	// Failed is called for each expression of the rule that failed on a record.
	Failed(ctx context.Context, rule string)
}

// Engine finds and applies the rule of a span or a log record. It is safe for concurrent
// use.
type Engine[K any] struct {
	Options
	rules   []rule[K]
	changes bool // some rule is for declared activities
	reads   sampling

	// presets are those of rules without a preset, and tables those of db_client.
	// all are those of rules that set the action type.
	presets, all []*preset.Preset
	tables       patterns

	open  func(*record.Record) K
	close func(K)
}

// SpanEngine is the engine for spans.
type SpanEngine = Engine[*ottlspan.TransformContext]

// LogEngine is the engine for log records.
type LogEngine = Engine[*ottllog.TransformContext]

// NewSpanEngine returns the engine for the spans of a set.
func NewSpanEngine(set *Set, options Options) *SpanEngine {
	return &SpanEngine{
		Options: options, rules: set.spans, changes: changesDeclared(set.spans), reads: options.Reads.sampling(),
		presets: set.presets, all: preset.All(), tables: set.tables,
		open: func(r *record.Record) *ottlspan.TransformContext {
			return ottlspan.NewTransformContextPtr(r.ResourceSpans, r.ScopeSpans, r.Span)
		},
		close: (*ottlspan.TransformContext).Close,
	}
}

// NewLogEngine returns the engine for the log records of a set.
func NewLogEngine(set *Set, options Options) *LogEngine {
	return &LogEngine{
		Options: options, rules: set.logs, changes: changesDeclared(set.logs), reads: options.Reads.sampling(),
		open: func(r *record.Record) *ottllog.TransformContext {
			return ottllog.NewTransformContextPtr(r.ResourceLogs, r.ScopeLogs, r.LogRecord)
		},
		close: (*ottllog.TransformContext).Close,
	}
}

// changesDeclared reports whether a rule is for declared activities.
func changesDeclared[K any](rules []rule[K]) bool {
	return slices.ContainsFunc(rules, func(r rule[K]) bool { return r.preset == nil })
}

// context returns OTTL's context of the record.
func (e *Engine[K]) context(in *Input[K]) K {
	if !in.isOpen {
		in.ottl, in.isOpen = e.open(&in.Record), true
	}
	return in.ottl
}

// Done releases OTTL's context in the input. It must be called after each record.
func (e *Engine[K]) Done(in *Input[K]) {
	if in.isOpen {
		e.close(in.ottl)
		in.isOpen = false
	}
}

// find returns the first rule that matches, or nil. plain means that the record is not an
// activity yet.
func (e *Engine[K]) find(ctx context.Context, in *Input[K], plain bool) (*rule[K], error) {
	for i := range e.rules {
		r := &e.rules[i]
		if !e.concerns(r, in, plain) || !r.matches(&in.Subject) {
			continue
		}
		ok, err := e.holds(ctx, r, in)
		if err != nil {
			return nil, err
		}
		if ok {
			in.Notes.matched(r.base)
			return r, nil
		}
	}
	return nil, nil
}

// RuleFor returns the name of the first rule that matches the record, "" if none
// does, and whether that rule derives activities. It does not change the record.
func (e *Engine[K]) RuleFor(ctx context.Context, in *Input[K]) (name string, derives bool, err error) {
	r, err := e.find(ctx, in, record.StateOf(in.Attrs).MayDerive)
	if r == nil || err != nil {
		return "", false, err
	}
	return r.name, r.derives, nil
}

// concerns reports whether r is for records of that kind, and finds the preset that matches
// the span.
func (e *Engine[K]) concerns(r *rule[K], in *Input[K], plain bool) bool {
	switch {
	case r.preset != nil:
		return plain && e.take(r.preset, in, r.tables)
	case !plain:
		return true
	case !r.isFor(in.Kind):
		return e.takeFirst(e.presets, in, e.tables)
	case r.acts:
		e.takeFirst(e.all, in, nil)
	default:
		e.takeFirst(e.presets, in, e.tables)
	}
	return true
}

// takeFirst finds a preset for a rule without one. A preset that was found for another rule
// is dropped, because that rule may have other tables.
func (e *Engine[K]) takeFirst(candidates []*preset.Preset, in *Input[K], tables patterns) bool {
	for _, p := range candidates {
		if e.take(p, in, tables) {
			return true
		}
	}
	in.Forget()
	return false
}

// take makes p the preset of the record, if p matches it.
func (e *Engine[K]) take(p *preset.Preset, in *Input[K], tables patterns) bool {
	return in.Take(p) && (p.Name != preset.DBClient || tables.match(preset.TableNames(&in.DB)...))
}

// holds reports whether the conditions of r are true.
func (e *Engine[K]) holds(ctx context.Context, r *rule[K], in *Input[K]) (bool, error) {
	for i := range r.conditions {
		c := &r.conditions[i]
		if c.quick != nil {
			if ok, sure := c.quick.holds(in.Attrs); sure {
				if !ok {
					return false, nil
				}
				continue
			}
		}
		ok, err := c.parsed.Eval(ctx, e.context(in))
		if err != nil {
			return false, e.fail(ctx, r.name, fmt.Sprintf("match[%d]", i), c.text)
		}
		if !ok {
			return false, nil
		}
	}
	return true, nil
}

// value returns the value of an assignment, or nil.
func (e *Engine[K]) value(ctx context.Context, r *rule[K], a *assignment[K], in *Input[K]) (any, error) {
	if a.expression == nil {
		return a.constant, nil
	}
	v, err := a.expression.Eval(ctx, e.context(in))
	if err != nil {
		return nil, e.fail(ctx, r.name, a.name, a.text)
	}
	return v, nil
}

// fail handles an expression that failed on a record, by error_mode. The error of OTTL is
// omitted, because it may quote the record and its secrets.
func (e *Engine[K]) fail(ctx context.Context, rule, position, expression string) error {
	e.Observer.Failed(ctx, rule)
	switch e.ErrorMode {
	case ottl.PropagateError:
		return fmt.Errorf("rule %q: %s: %s: failed on a record", rule, position, expression)
	case ottl.IgnoreError:
		e.Logger.Warn("An expression of a rule failed on a record. The record continues without it.",
			zap.String("rule", rule), zap.String("position", position), zap.String("expression", expression))
	}
	return nil
}
