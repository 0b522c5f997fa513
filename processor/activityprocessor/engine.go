package activityprocessor

import (
	"context"
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"
)

// engine finds the rule of a span or a log record and does what it says. It is
// safe for concurrent use.
type engine[K any] struct {
	rules   []rule[K]
	polices bool // some rule is for declared activities

	// presets are those that a rule without one makes activities with, and
	// tables those of db_client. all are for rules that say what the action is.
	presets, all []*preset
	tables       patterns

	open  func(*source) K
	close func(K)

	mode             ottl.ErrorMode
	logger           *zap.Logger
	telemetry        *telemetry
	defaultActorType string
}

// source is a span or a log record with what stands above it.
type source struct {
	resourceSpans ptrace.ResourceSpans
	scopeSpans    ptrace.ScopeSpans
	span          ptrace.Span
	resourceLogs  plog.ResourceLogs
	scopeLogs     plog.ScopeLogs
	record        plog.LogRecord
}

// scene is what rules know of one span or log record. What only some rules need
// is made when they do.
type scene[K any] struct {
	source
	attrs  pcommon.Map
	facts  facts
	result result
	texts  *arena
	tctx   K
	// doubted counts activities whose claimed time is not believed, of all records
	// of the scene.
	doubted int64
	isOpen,
	isRead bool
}

// result is what became of a record, as it is counted. It is empty if that has to
// be looked up in the record.
type result struct{ action, status, source string }

// begin makes the scene one of another record.
func (s *scene[K]) begin(attrs pcommon.Map, service string) {
	s.attrs, s.result = attrs, result{}
	if s.isRead {
		s.facts, s.isRead = facts{}, false
	}
	s.facts.service = service
}

// doubt counts an activity whose claimed time is not believed.
func (s *scene[K]) doubt(doubted bool) {
	if doubted {
		s.doubted++
	}
}

// context returns what OTTL works on.
func (e *engine[K]) context(s *scene[K]) K {
	if !s.isOpen {
		s.tctx, s.isOpen = e.open(&s.source), true
	}
	return s.tctx
}

// done gives back what the scene holds.
func (e *engine[K]) done(s *scene[K]) {
	if s.isOpen {
		e.close(s.tctx)
		s.isOpen = false
	}
}

// read makes the facts ready.
func (s *scene[K]) read() *facts {
	if !s.isRead {
		s.facts.read(s.attrs)
		s.isRead = true
	}
	return &s.facts
}

// find returns the first rule that matches, nil if none does. plain says that
// the record is no activity yet.
func (e *engine[K]) find(ctx context.Context, s *scene[K], plain bool) (*rule[K], error) {
	for i := range e.rules {
		r := &e.rules[i]
		if !e.concerns(r, s, plain) || !r.selector.empty() && !r.selector.match(s.read()) {
			continue
		}
		ok, err := e.holds(ctx, r, s)
		if err != nil {
			return nil, err
		}
		if ok {
			return r, nil
		}
	}
	return nil, nil
}

// concerns reports whether r is about records of that kind, and finds the
// preset that knows the span.
func (e *engine[K]) concerns(r *rule[K], s *scene[K], plain bool) bool {
	switch {
	case r.preset != nil:
		return plain && e.take(r.preset, s, r.tables)
	case !plain:
		return true
	case !r.isFor(s.facts.kind):
		return e.takeFirst(e.presets, s, e.tables)
	case r.acts:
		e.takeFirst(e.all, s, nil)
	default:
		e.takeFirst(e.presets, s, e.tables)
	}
	return true
}

// takeFirst finds a preset for a rule that names none. One that another rule
// found is not kept: its tables may be others.
func (e *engine[K]) takeFirst(candidates []*preset, s *scene[K], tables patterns) bool {
	for _, p := range candidates {
		if e.take(p, s, tables) {
			return true
		}
	}
	s.facts.preset, s.facts.made = nil, made{}
	return false
}

// take makes p the preset of the span, if it knows it.
func (e *engine[K]) take(p *preset, s *scene[K], tables patterns) bool {
	if !p.may(s.facts.kind) {
		return false
	}
	f := s.read()
	return p.take(f, s.span) && (p.name != presetDBClient || tables.match(f.db.names()...))
}

// holds reports whether the conditions of r hold.
func (e *engine[K]) holds(ctx context.Context, r *rule[K], s *scene[K]) (bool, error) {
	for i := range r.conditions {
		c := &r.conditions[i]
		if c.quick != nil {
			if ok, sure := c.quick.holds(s.attrs); sure {
				if !ok {
					return false, nil
				}
				continue
			}
		}
		ok, err := c.parsed.Eval(ctx, e.context(s))
		if err != nil {
			return false, e.fail(ctx, r.name, fmt.Sprintf("match[%d]", i), c.text)
		}
		if !ok {
			return false, nil
		}
	}
	return true, nil
}

// value returns what an assignment gives, nil for nothing.
func (e *engine[K]) value(ctx context.Context, r *rule[K], a *assignment[K], s *scene[K]) (any, error) {
	if a.expression == nil {
		return a.constant, nil
	}
	v, err := a.expression.Eval(ctx, e.context(s))
	if err != nil {
		return nil, e.fail(ctx, r.name, a.name, a.text)
	}
	return v, nil
}

// fail treats the failure of an expression on a record as error_mode has it. What
// OTTL says of it is left out: it may quote what the record has, secrets too.
func (e *engine[K]) fail(ctx context.Context, rule, position, expression string) error {
	e.telemetry.failed(ctx, rule)
	switch e.mode {
	case ottl.PropagateError:
		return fmt.Errorf("rule %q: %s: %s: failed on a record", rule, position, expression)
	case ottl.IgnoreError:
		e.logger.Warn("An expression of a rule failed on a record, which goes on without it",
			zap.String("rule", rule), zap.String("position", position), zap.String("expression", expression))
	}
	return nil
}
