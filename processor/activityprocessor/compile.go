package activityprocessor

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// policy is the part of a rule that is the same for spans and log records. It is
// not changed after it was made.
type policy struct {
	name     string
	selector selector
	preset   *preset
	tables   patterns
	kinds    [6]bool // of plain spans
	level    string

	sampled bool
	part    uint64  // of all hashes, those up to it are kept
	weight  float64 // how many reads one that is kept stands for

	anonymous, anonymousFailures bool
}

// rule is one rule for spans or for log records. K is OTTL's context of them.
type rule[K any] struct {
	*policy
	derives    bool // makes activities of what is none
	acts       bool // says itself what the action type is
	conditions []condition[K]
	set        []assignment[K]
	onFailed   []assignment[K]
}

type condition[K any] struct {
	text   string
	quick  *comparison // the same, if it is one
	parsed *ottl.Condition[K]
}

// ruleset are all rules of a processor.
type ruleset struct {
	spans []rule[*ottlspan.TransformContext]
	logs  []rule[*ottllog.TransformContext]

	// presets are those that the rules name, with the tables of db_client.
	presets []*preset
	tables  patterns
}

// compile makes rules of their configuration. Its errors name rule and key.
func compile(configs []RuleConfig, set component.TelemetrySettings) (*ruleset, error) {
	spanParser, err := newSpanParser(set)
	if err != nil {
		return nil, fmt.Errorf("make a parser of OTTL for spans: %w", err)
	}
	logParser, err := newLogParser(set)
	if err != nil {
		return nil, fmt.Errorf("make a parser of OTTL for log records: %w", err)
	}
	c := compiler{spans: spanParser, logs: logParser, names: map[string]int{}}
	var errs []error
	for i := range configs {
		cfg := &configs[i]
		for _, err := range parts(c.add(i, cfg)) {
			errs = append(errs, fmt.Errorf("rules[%d] %q: %w", i, cfg.name(i), err))
		}
	}
	return &c.rules, errors.Join(errs...)
}

// parts are the errors that were joined in one, if any.
func parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// concernInner reports whether a rule makes activities of what may have no user of
// its own: spans within a request, and log records.
func (r *ruleset) concernInner() bool {
	for _, rule := range r.logs {
		if rule.derives {
			return true
		}
	}
	return slices.ContainsFunc(r.spans, func(rule rule[*ottlspan.TransformContext]) bool {
		if rule.preset != nil {
			return rule.preset.kind != ptrace.SpanKindServer
		}
		return rule.acts && (rule.kinds[ptrace.SpanKindInternal] || rule.kinds[ptrace.SpanKindClient] || rule.kinds[ptrace.SpanKindProducer])
	})
}

type compiler struct {
	spans *parser[*ottlspan.TransformContext]
	logs  *parser[*ottllog.TransformContext]
	names map[string]int
	rules ruleset
}

func (c *compiler) add(i int, cfg *RuleConfig) error {
	p := newPolicy(cfg.name(i), cfg)
	spanRule, spanErr := newRule(c.spans, p, cfg)
	logRule, logErr := newRule(c.logs, p, cfg)
	err := errors.Join(slices.Concat(parts(c.claim(i, p.name)), parts(cfg.check()), parts(whole(cfg, spanErr, logErr)))...)
	if err != nil {
		return err
	}
	c.usePreset(p)
	forSpans := spanErr == nil && cfg.Context != contextLog
	if forSpans {
		spanRule.derives = spanRule.acts || cfg.Preset != ""
		c.rules.spans = append(c.rules.spans, spanRule)
	}
	if logErr == nil && cfg.Context != contextSpan && cfg.Preset == "" {
		logRule.derives = logRule.acts && !forSpans
		c.rules.logs = append(c.rules.logs, logRule)
	}
	return nil
}

// claim gives the rule at position i its name.
func (c *compiler) claim(i int, name string) error {
	if first, ok := c.names[name]; ok {
		return fmt.Errorf("name: rules[%d] has the same; give one of them another", first)
	}
	c.names[name] = i
	return nil
}

// whole returns what is wrong with a rule whose expressions have those errors as
// ones about spans and as ones about log records. Without a context, one of the two
// is enough.
func whole(cfg *RuleConfig, spanErr, logErr error) error {
	switch {
	case cfg.Context == contextLog && cfg.Preset == "":
		return logErr
	case cfg.Context == contextSpan || cfg.Preset != "":
		return spanErr
	case spanErr == nil || logErr == nil:
		return nil
	case spanInLog.MatchString(spanErr.Error()) && !spanInLog.MatchString(logErr.Error()):
		return logErr // it names log records
	}
	return spanErr
}

func (c *compiler) usePreset(p *policy) {
	if p.preset == nil {
		return
	}
	if !slices.Contains(c.rules.presets, p.preset) {
		c.rules.presets = append(c.rules.presets, p.preset)
	} else if p.preset.name == presetDBClient && len(c.rules.tables) == 0 {
		return // all tables
	}
	if p.preset.name == presetDBClient && len(p.tables) == 0 {
		c.rules.tables = nil
		return
	}
	c.rules.tables = append(c.rules.tables, p.tables...)
}

func newPolicy(name string, cfg *RuleConfig) *policy {
	p := &policy{
		name:     name,
		selector: newSelector(cfg),
		preset:   presetOf(cfg.Preset),
		tables:   newPatterns(cfg.Tables),
		level:    cfg.Level,
	}
	p.kinds[ptrace.SpanKindServer] = len(cfg.Kinds) == 0
	p.kinds[ptrace.SpanKindConsumer] = len(cfg.Kinds) == 0
	for _, kind := range cfg.Kinds {
		p.kinds[spanKinds[kind]] = true
	}
	if s := cfg.SampleReads; s != nil && *s < 1 {
		p.sampled, p.part, p.weight = true, uint64(*s*math.MaxUint64), 1 / *s
	}
	_, acts := cfg.Set[actionTypeName]
	p.anonymous = acts
	if cfg.Anonymous != nil {
		p.anonymous = *cfg.Anonymous
	}
	p.anonymousFailures = cfg.AnonymousFailures == nil || *cfg.AnonymousFailures
	return p
}

// actionTypeName is the name of that field in a rule.
const actionTypeName = "action.type"

// newRule parses the expressions of a rule.
func newRule[K any](p *parser[K], common *policy, cfg *RuleConfig) (rule[K], error) {
	r := rule[K]{policy: common}
	var errs []error
	for i, text := range cfg.Match {
		parsed, err := p.condition(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("match[%d]: %w%s", i, err, hint(text, err)))
		}
		r.conditions = append(r.conditions, condition[K]{text, comparisonOf(text), parsed})
	}
	assign := func(key string, fields map[string]any) (list []assignment[K]) {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			a, err := p.assign(name, fields[name])
			if err == nil && slices.ContainsFunc(list, a.isFor) {
				err = errors.New("is the same field as another name here")
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %s: %w", key, name, err))
			}
			list = append(list, a)
		}
		return list
	}
	r.set = assign("set", cfg.Set)
	r.onFailed = assign("on_failed", cfg.OnFailed)
	r.acts = slices.ContainsFunc(r.set, func(a assignment[K]) bool { return a.field == actionType && a.member == "" })
	return r, errors.Join(errs...)
}

// weighs reports whether the rule samples activities like that one.
func (p *policy) weighs(v *values) bool {
	return p.sampled && v[actionType] == string(activity.ActionRead) && v[status] == string(activity.StatusSuccess)
}

// isFor reports whether a rule without a preset is for plain spans of that kind.
// Log records have none.
func (p *policy) isFor(kind ptrace.SpanKind) bool {
	return kind == ptrace.SpanKindUnspecified || kind > 0 && int(kind) < len(p.kinds) && p.kinds[kind]
}

// keeps reports whether the activity with that id is in the sample: everywhere
// and each time the same ones are.
func (p *policy) keeps(id string) bool { return xxhash.Sum64String(id) <= p.part }
