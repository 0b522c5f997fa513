package rule

import (
	"errors"
	"maps"
	"slices"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity/route"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// base is the part of a rule that is the same for spans and log records. It never
// changes.
type base struct {
	name     string
	selector selector
	not      selector
	route    *route.Template // of requests that have none, nil if the rule has none
	preset   *preset.Preset
	tables   patterns
	kinds    [6]bool // of plain spans
	level    Level

	sampling *sampling // nil: that of the processor

	anonymous, anonymousFailures bool
}

// rule is one rule for spans or for log records. K is OTTL's context of a record.
type rule[K any] struct {
	*base
	derives    bool // derives activities
	acts       bool // sets the action type itself
	conditions []condition[K]
	set        []assignment[K]
	onFailed   []assignment[K]
}

type condition[K any] struct {
	text   string
	quick  *comparison // the condition as a comparison, if it is one
	parsed *ottl.Condition[K]
}

func newBase(name string, cfg *Config) *base {
	p := &base{
		name:     name,
		selector: newSelector(cfg.selection()),
		not:      newSelector(&cfg.Not),
		preset:   preset.Named(string(cfg.Preset)),
		tables:   newPatterns(cfg.Tables),
		level:    cfg.Level,
	}
	if cfg.Route != "" {
		p.route = route.Parse(cfg.Route)
	}
	if cfg.keepsNothing() {
		p.level = LevelNone
	}
	p.kinds[ptrace.SpanKindServer] = len(cfg.Kinds) == 0
	p.kinds[ptrace.SpanKindConsumer] = len(cfg.Kinds) == 0
	for _, kind := range cfg.Kinds {
		p.kinds[kinds[kind]] = true
	}
	if cfg.SampleReads != nil {
		s := newSampling(float64(*cfg.SampleReads))
		p.sampling = &s
	}
	_, acts := cfg.Set[actionTypeName]
	p.anonymous = acts
	if cfg.Anonymous != nil {
		p.anonymous = *cfg.Anonymous
	}
	p.anonymousFailures = cfg.AnonymousFailures == nil || *cfg.AnonymousFailures
	return p
}

// actionTypeName is the name of the action type in a rule.
const actionTypeName = "action.type"

// newRule parses the expressions of a rule.
func newRule[K any](p *parser[K], common *base, cfg *Config) (rule[K], error) {
	r := rule[K]{base: common}
	var errs []error
	for _, given := range cfg.Match {
		text := string(given)
		parsed, err := p.parseCondition(text)
		errs = append(errs, err)
		r.conditions = append(r.conditions, condition[K]{text, comparisonOf(text), parsed})
	}
	assign := func(fields Fields) (list []assignment[K]) {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			a, err := p.assign(string(name), fields[name])
			errs = append(errs, err)
			list = append(list, a)
		}
		return list
	}
	r.set = assign(cfg.Set)
	r.onFailed = assign(cfg.OnFailed)
	r.acts = slices.ContainsFunc(r.set, func(a assignment[K]) bool { return a.field == record.FieldActionType && a.member == "" })
	return r, errors.Join(errs...)
}

// matches reports whether the selector of the rule matches a record. It reads the
// record only if there is something to match.
func (p *base) matches(r *preset.Subject) bool {
	if p.selector.empty() && p.not.empty() && p.route == nil {
		return true
	}
	r.Read()
	undo := func() {}
	if p.route != nil {
		if !p.route.Covers(r.Request.Path) {
			return false
		}
		undo = r.UseRoute(p.route)
	}
	if p.selector.match(r) && (p.not.empty() || !p.not.matchAny(r)) {
		return true
	}
	undo()
	return false
}

// isFor reports whether a rule without a preset matches spans of that kind. Log
// records have no kind.
func (p *base) isFor(kind ptrace.SpanKind) bool {
	return kind == ptrace.SpanKindUnspecified || kind > 0 && int(kind) < len(p.kinds) && p.kinds[kind]
}
