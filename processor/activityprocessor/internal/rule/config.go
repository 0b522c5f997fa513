package rule

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
)

// Config is one rule: which records it matches, what it sets, and how much of them
// is kept. A key that is not set matches every record.
type Config struct {
	// Name identifies the rule in errors and metrics, and must be unique. Default:
	// the preset, or "rule" and the position.
	Name string `mapstructure:"name"`

	// Context is "span", "log" (log records), or "" (default): whatever its
	// expressions allow. Plain log records become activities only through rules
	// that apply to logs alone.
	Context string `mapstructure:"context"`

	// Kinds are the kinds of span to match if the rule has no preset: "server",
	// "consumer", "client", "producer", "internal". Default: server and consumer.
	// Spans that another rule's preset knows always match.
	Kinds []string `mapstructure:"kinds"`

	// Services, Routes, Users, Objects and Actions match service.name, the route
	// template or path, the actor's id or name, the object ("article",
	// "article/17") and the action type. A "*" stands for any text. At least one
	// entry of each list that is not empty must match.
	Services []string `mapstructure:"services"`
	Routes   []string `mapstructure:"routes"`
	Users    []string `mapstructure:"users"`
	Objects  []string `mapstructure:"objects"`
	Actions  []string `mapstructure:"actions"`

	// Match are OTTL conditions. All of them must be true.
	Match []string `mapstructure:"match"`

	// Preset derives activities from the spans that it knows: "http_server",
	// "rpc_server", "graphql" or "db_client". A rule without a preset derives
	// activities only if Set has the action type, and takes what it does not set
	// from the preset that knows the span. Without either, the rule only changes
	// what the presets of other rules derive.
	Preset string `mapstructure:"preset"`

	// Tables are the tables that the preset db_client derives activities from,
	// with "*" as above. Default: all.
	Tables []string `mapstructure:"tables"`

	// Set gives fields their values, by their names without "activity.":
	// action.type, actor.id, object.type, data.amount. A value is text, or OTTL if
	// it has a path or a function: attributes["enduser.id"]. What a service has
	// declared is not changed.
	Set map[string]any `mapstructure:"set"`

	// OnFailed is Set for an activity whose status is Failed.
	OnFailed map[string]any `mapstructure:"on_failed"`

	// Anonymous also derives an activity from a span without an actor. Default
	// false, unless Set has the action type.
	Anonymous *bool `mapstructure:"anonymous"`

	// AnonymousFailures does so only for responses 401 and 403. Default true.
	AnonymousFailures *bool `mapstructure:"anonymous_failures"`

	// Level says how much is kept: "none", "metadata" (every column except data, no
	// other attributes) or "full" (default).
	Level string `mapstructure:"level"`

	// SampleReads is the fraction of the successful reads that is kept, above 0 and
	// at most 1 (default). The activity id decides, so that every collector keeps
	// the same ones. Those kept have data.sample_weight.
	SampleReads *float64 `mapstructure:"sample_reads"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// The values of level.
const (
	LevelNone     = "none"
	LevelMetadata = "metadata"
	LevelFull     = "full"
)

// The values of context.
const (
	ContextSpan = "span"
	ContextLog  = "log"
)

// spanKinds are the values of kinds.
var spanKinds = map[string]ptrace.SpanKind{
	"server": ptrace.SpanKindServer, "consumer": ptrace.SpanKindConsumer, "client": ptrace.SpanKindClient,
	"producer": ptrace.SpanKindProducer, "internal": ptrace.SpanKindInternal,
}

// check returns the errors of the keys with a fixed set of values.
func (cfg *Config) check() error {
	var errs []error
	one := func(key, value string, values ...string) {
		if value != "" && !slices.Contains(values, value) {
			errs = append(errs, fmt.Errorf("%s: must be one of %q, got %q", key, values, value))
		}
	}
	for i, kind := range cfg.Kinds {
		if _, ok := spanKinds[kind]; !ok {
			errs = append(errs, fmt.Errorf("kinds[%d]: must be one of %q, got %q", i, slices.Sorted(maps.Keys(spanKinds)), kind))
		}
	}
	one("context", cfg.Context, ContextSpan, ContextLog)
	one("preset", cfg.Preset, preset.Names()...)
	one("level", cfg.Level, LevelNone, LevelMetadata, LevelFull)
	for _, list := range []struct {
		key   string
		texts []string
	}{{"services", cfg.Services}, {"routes", cfg.Routes}, {"users", cfg.Users}, {"objects", cfg.Objects}, {"actions", cfg.Actions}, {"tables", cfg.Tables}} {
		if i := slices.Index(list.texts, ""); i >= 0 {
			errs = append(errs, fmt.Errorf("%s[%d]: is empty, and matches nothing", list.key, i))
		}
	}
	if cfg.Preset != "" && cfg.Context == ContextLog {
		errs = append(errs, errors.New("preset: is for spans, and context is log"))
	}
	switch {
	case len(cfg.Kinds) == 0:
	case cfg.Preset != "":
		errs = append(errs, fmt.Errorf("kinds: is for rules without a preset; %s has kinds of its own", cfg.Preset))
	case cfg.Context == ContextLog:
		errs = append(errs, errors.New("kinds: is for spans, and context is log"))
	}
	if len(cfg.Tables) > 0 && cfg.Preset != preset.DBClient {
		errs = append(errs, fmt.Errorf("tables: is for the preset %s", preset.DBClient))
	}
	if s := cfg.SampleReads; s != nil && !(*s > 0 && *s <= 1) { // or no number
		errs = append(errs, fmt.Errorf("sample_reads: must be above 0 and at most 1, got %v; level: none keeps nothing", *s))
	}
	if cfg.Level == LevelNone && len(cfg.Set) > 0 {
		errs = append(errs, errors.New("set: the rule keeps nothing (level: none)"))
	}
	if cfg.Level == LevelNone && len(cfg.OnFailed) > 0 {
		errs = append(errs, errors.New("on_failed: the rule keeps nothing (level: none)"))
	}
	return errors.Join(errs...)
}

// name returns the name of the rule at position i.
func (cfg *Config) name(i int) string {
	return cmp.Or(cfg.Name, cfg.Preset, fmt.Sprintf("rule %d", i))
}
