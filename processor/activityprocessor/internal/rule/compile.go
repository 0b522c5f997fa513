package rule

import (
	"errors"
	"fmt"
	"slices"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"go.opentelemetry.io/collector/component"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
)

// Compile parses the configuration of rules. Its errors name the rule and the key.
func Compile(configs []Config, set component.TelemetrySettings) (*Set, error) {
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

// parts returns the errors that were joined into one.
func parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

type compiler struct {
	spans *parser[*ottlspan.TransformContext]
	logs  *parser[*ottllog.TransformContext]
	names map[string]int
	rules Set
}

func (c *compiler) add(i int, cfg *Config) error {
	p := newBase(cfg.name(i), cfg)
	spanRule, spanErr := newRule(c.spans, p, cfg)
	logRule, logErr := newRule(c.logs, p, cfg)
	err := errors.Join(slices.Concat(parts(c.claim(i, p.name)), parts(cfg.check()), parts(whole(cfg, spanErr, logErr)))...)
	if err != nil {
		return err
	}
	c.usePreset(p)
	forSpans := spanErr == nil && cfg.Context != ContextLog
	if forSpans {
		spanRule.derives = spanRule.acts || cfg.Preset != ""
		c.rules.spans = append(c.rules.spans, spanRule)
	}
	if logErr == nil && cfg.Context != ContextSpan && cfg.Preset == "" {
		logRule.derives = logRule.acts && !forSpans
		c.rules.logs = append(c.rules.logs, logRule)
	}
	return nil
}

// claim reserves the name of the rule at position i.
func (c *compiler) claim(i int, name string) error {
	if first, ok := c.names[name]; ok {
		return fmt.Errorf("name: rules[%d] has the same; give one of them another", first)
	}
	c.names[name] = i
	return nil
}

// whole returns the errors of a rule, given those of its expressions as expressions
// about spans and as expressions about log records. A rule without a context is valid
// if it is valid for one of the two.
func whole(cfg *Config, spanErr, logErr error) error {
	switch {
	case cfg.Context == ContextLog && cfg.Preset == "":
		return logErr
	case cfg.Context == ContextSpan || cfg.Preset != "":
		return spanErr
	case spanErr == nil || logErr == nil:
		return nil
	case spanInLog.MatchString(spanErr.Error()) && !spanInLog.MatchString(logErr.Error()):
		return logErr // the expressions name log records
	}
	return spanErr
}

func (c *compiler) usePreset(p *base) {
	if p.preset == nil {
		return
	}
	if !slices.Contains(c.rules.presets, p.preset) {
		c.rules.presets = append(c.rules.presets, p.preset)
	} else if p.preset.Name == preset.DBClient && len(c.rules.tables) == 0 {
		return // another rule has no tables, and so all
	}
	if p.preset.Name == preset.DBClient && len(p.tables) == 0 {
		c.rules.tables = nil
		return
	}
	c.rules.tables = append(c.rules.tables, p.tables...)
}
