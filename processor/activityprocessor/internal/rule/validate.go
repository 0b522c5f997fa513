package rule

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/activity/route"
	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
)

// Configs is a list of rules with different names.
type Configs []Config

// Validate implements [confmap.Validator].
func (c Configs) Validate() error {
	first := map[string]int{}
	for i := range c {
		name := c[i].name(i)
		if at, known := first[name]; known {
			return fmt.Errorf("must have a different name in each entry; entries %d and %d are both %q", at, i, name)
		}
		first[name] = i
	}
	return nil
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (cfg *Config) Unmarshal(conf *confmap.Conf) (err error) {
	cfg.problems, err = confcheck.Decode(conf, cfg, nil)
	return err
}

// Validate implements [confmap.Validator]. It checks what depends on several fields;
// the types of the fields check the rest.
func (cfg *Config) Validate() error {
	return confcheck.Line(cfg.problems.Err(), cfg.checkPreset(), cfg.checkLevel(), cfg.checkContext(), cfg.checkRoute())
}

func (cfg *Config) checkPreset() error {
	var errs []error
	if cfg.Preset != "" && cfg.Context == ContextLog {
		errs = append(errs, errors.New("preset and context: log are mutually exclusive; a preset is for spans"))
	}
	switch {
	case len(cfg.Kinds) == 0:
	case cfg.Preset != "":
		errs = append(errs, errors.New("preset and kinds are mutually exclusive; a preset has its own kinds"))
	case cfg.Context == ContextLog:
		errs = append(errs, errors.New("kinds and context: log are mutually exclusive; only spans have kinds"))
	}
	if len(cfg.Tables) > 0 && cfg.Preset != preset.DBClient {
		errs = append(errs, fmt.Errorf("tables is only for preset %s", preset.DBClient))
	}
	return confcheck.Line(errs...)
}

// checkRoute checks the rule's own route, and that it has the parameters which are set.
func (cfg *Config) checkRoute() error {
	if cfg.Route == "" {
		return nil
	}
	if strings.Count(cfg.Route, "{") != strings.Count(cfg.Route, "}") {
		return fmt.Errorf("route must have a } for each {; got %q", cfg.Route)
	}
	var errs []error
	known := route.Parse(cfg.Route)
	for _, list := range []struct {
		key    string
		fields Fields
	}{{"set", cfg.Set}, {"on_failed", cfg.OnFailed}} {
		for _, field := range slices.Sorted(maps.Keys(list.fields)) {
			text, _ := list.fields[field].text()
			if name := paramOf(text); name != "" && !known.Names(name) {
				errs = append(errs, fmt.Errorf("%s::%s: the route has no parameter %q: %s", list.key, field, name, cfg.Route))
			}
		}
	}
	return confcheck.Line(errs...)
}

func (cfg *Config) checkLevel() error {
	var errs []error
	nothing := "level: none"
	if cfg.Preset == preset.Noise {
		nothing = "preset: noise"
		if cfg.Level != "" && cfg.Level != LevelNone {
			errs = append(errs, fmt.Errorf("level must be %q with preset: noise, which keeps nothing; got %q", LevelNone, cfg.Level))
		}
	}
	if cfg.keepsNothing() && len(cfg.Set) > 0 {
		errs = append(errs, fmt.Errorf("set and %s are mutually exclusive; the rule keeps nothing", nothing))
	}
	if cfg.keepsNothing() && len(cfg.OnFailed) > 0 {
		errs = append(errs, fmt.Errorf("on_failed and %s are mutually exclusive; the rule keeps nothing", nothing))
	}
	return confcheck.Line(errs...)
}

// keepsNothing reports whether no activity of the rule is kept.
func (cfg *Config) keepsNothing() bool { return cfg.Level == LevelNone || cfg.Preset == preset.Noise }

// checkContext checks that all expressions are about one kind of record. Each has been
// checked alone by its own type.
func (cfg *Config) checkContext() error {
	var forSpans, forLogs *expression // the first that is for nothing else
	for _, e := range cfg.expressions() {
		span, log := e.errors()
		switch {
		case span == nil && log != nil && forSpans == nil:
			forSpans = &e
		case span != nil && log == nil && forLogs == nil:
			forLogs = &e
		}
	}
	switch {
	case cfg.Context == ContextLog && cfg.Preset == "" && forSpans != nil:
		_, err := forSpans.errors()
		return fmt.Errorf("context is log, and %q is only for spans: %w", forSpans.text, err)
	case (cfg.Context == ContextSpan || cfg.Preset != "") && forLogs != nil:
		err, _ := forLogs.errors()
		return fmt.Errorf("the rule is for spans, and %q is only for log records: %w", forLogs.text, err)
	case forSpans != nil && forLogs != nil && cfg.Context == "":
		return fmt.Errorf("%q is only for spans, and %q only for log records; make two rules of it", forSpans.text, forLogs.text)
	}
	return nil
}
