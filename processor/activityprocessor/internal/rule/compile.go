package rule

import (
	"fmt"
	"slices"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"go.opentelemetry.io/collector/component"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
)

// Compile makes rules of their configurations, which are valid.
func Compile(configs []Config, set component.TelemetrySettings) (*Set, error) {
	spans, logs, err := newBothParsers(set)
	if err != nil {
		return nil, err
	}
	c := compiler{spans: spans, logs: logs}
	for i := range configs {
		if err := c.add(i, &configs[i]); err != nil {
			return nil, fmt.Errorf("compile rule %q: %w", configs[i].name(i), err)
		}
	}
	return &c.rules, nil
}

type compiler struct {
	spans *parser[*ottlspan.TransformContext]
	logs  *parser[*ottllog.TransformContext]
	rules Set
}

func (c *compiler) add(i int, cfg *Config) error {
	p := newBase(cfg.name(i), cfg)
	c.rules.names = append(c.rules.names, p.name)
	spanRule, spanErr := newRule(c.spans, p, cfg)
	logRule, logErr := newRule(c.logs, p, cfg)
	if err := whole(cfg, spanErr, logErr); err != nil {
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

// whole returns the error of a rule, given those of its expressions as expressions
// about spans and as expressions about log records. A rule without a context is valid
// if it is valid for one of the two.
func whole(cfg *Config, spanErr, logErr error) error {
	switch {
	case cfg.Context == ContextLog && cfg.Preset == "":
		return logErr
	case cfg.Context == "" && cfg.Preset == "" && logErr == nil:
		return nil
	}
	return spanErr
}

func (c *compiler) usePreset(p *base) {
	if p.preset == nil || p.preset.Name == preset.Noise {
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
