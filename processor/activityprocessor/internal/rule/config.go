package rule

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/internal/confcheck"
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
	Context Context `mapstructure:"context"`

	// Kinds are the kinds of span to match if the rule has no preset: "server",
	// "consumer", "client", "producer", "internal". Default: server and consumer.
	// Spans that another rule's preset knows always match.
	Kinds Kinds `mapstructure:"kinds"`

	// Services, Routes, Users, Objects and Actions match service.name, the route
	// template or path, the actor's id or name, the object ("article",
	// "article/17") and the action type. A "*" stands for any text. At least one
	// entry of each list that is not empty must match.
	Services confcheck.Texts `mapstructure:"services"`
	Routes   confcheck.Texts `mapstructure:"routes"`
	Users    confcheck.Texts `mapstructure:"users"`
	Objects  confcheck.Texts `mapstructure:"objects"`
	Actions  confcheck.Texts `mapstructure:"actions"`

	// Methods are those of HTTP requests. Codes are their response codes, 404 or "4xx".
	// Addresses are networks of client.address. They match whatever convention the
	// attributes of the record follow.
	Methods   confcheck.Texts    `mapstructure:"methods"`
	Codes     Codes              `mapstructure:"codes"`
	Addresses confcheck.Prefixes `mapstructure:"addresses"`

	// Not are records that the rule does not match: those that one of these lists matches.
	Not Selection `mapstructure:"not"`

	// Route is the route of requests whose application has none, such as
	// "/items/{collection}/{id}". The rule matches requests whose path fits it.
	Route string `mapstructure:"route"`

	// Match are OTTL conditions. All of them must be true.
	Match Conditions `mapstructure:"match"`

	// Preset derives activities from the spans that it knows: "http_server",
	// "rpc_server", "graphql" or "db_client". "noise" knows requests such as health
	// checks, and keeps nothing of them. A rule without a preset derives
	// activities only if Set has the action type, and takes what it does not set
	// from the preset that knows the span. Without either, the rule only changes
	// what the presets of other rules derive.
	Preset Preset `mapstructure:"preset"`

	// Tables are the tables that the preset db_client derives activities from,
	// with "*" as above. Default: all.
	Tables confcheck.Texts `mapstructure:"tables"`

	// Set gives fields their values, by their names without "activity.":
	// action.type, actor.id, object.type, data.amount. A value is text, or OTTL if
	// it has a path or a function: attributes["enduser.id"]. The value none leaves the
	// field empty, and route["id"] is a parameter of the route. What a service has
	// declared is not changed.
	Set Fields `mapstructure:"set"`

	// OnFailed is Set for an activity whose status is Failed.
	OnFailed Fields `mapstructure:"on_failed"`

	// Anonymous also derives an activity from a span without an actor. Default
	// false, unless Set has the action type.
	Anonymous *bool `mapstructure:"anonymous"`

	// AnonymousFailures does so only for responses 401 and 403. Default true.
	AnonymousFailures *bool `mapstructure:"anonymous_failures"`

	// Level says how much is kept: "none", "metadata" (every column except data, no
	// other attributes) or "full" (default). With the preset "noise" it is "none".
	Level Level `mapstructure:"level"`

	// SampleReads is the fraction of the successful reads that is kept, above 0 and
	// at most 1. The activity id decides, so that every collector keeps the same
	// ones. Those kept have data.sample_weight. Default: what reads of the processor
	// says.
	SampleReads *SampleReads `mapstructure:"sample_reads"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// Context is the kind of record that a rule is for, or empty.
type Context string

// The values of context.
const (
	ContextSpan Context = "span"
	ContextLog  Context = "log"
)

// Validate implements [confmap.Validator].
func (c Context) Validate() error { return emptyOr(c, ContextSpan, ContextLog) }

// Kinds is a list of kinds of span.
type Kinds []Kind

// UnmarshalText implements [encoding.TextUnmarshaler], for one kind without a list.
func (k *Kinds) UnmarshalText(text []byte) error {
	*k = Kinds{Kind(text)}
	return nil
}

// Kind is a kind of span.
type Kind string

var kinds = map[Kind]ptrace.SpanKind{
	"server": ptrace.SpanKindServer, "consumer": ptrace.SpanKindConsumer, "client": ptrace.SpanKindClient,
	"producer": ptrace.SpanKindProducer, "internal": ptrace.SpanKindInternal,
}

// Validate implements [confmap.Validator].
func (k Kind) Validate() error { return confcheck.OneOf(k, slices.Sorted(maps.Keys(kinds))...) }

// Preset is the name of a preset, or empty.
type Preset string

// Validate implements [confmap.Validator].
func (p Preset) Validate() error { return emptyOr(string(p), preset.Names()...) }

// Level is how much of an activity is kept.
type Level string

// The values of level.
const (
	LevelNone     Level = "none"
	LevelMetadata Level = "metadata"
	LevelFull     Level = "full"
)

// Validate implements [confmap.Validator].
func (l Level) Validate() error { return emptyOr(l, LevelNone, LevelMetadata, LevelFull) }

// SampleReads is a fraction above 0.
type SampleReads float64

// Validate implements [confmap.Validator].
func (s SampleReads) Validate() error {
	if !(s > 0 && s <= 1) { // or not a number
		return fmt.Errorf("must be above 0 and at most 1; got %v; level: none keeps nothing", float64(s))
	}
	return nil
}

func emptyOr[T ~string](got T, allowed ...T) error {
	if got == "" {
		return nil
	}
	return confcheck.OneOf(got, allowed...)
}

// name returns the name of the rule at position i.
func (cfg *Config) name(i int) string {
	return cmp.Or(cfg.Name, string(cfg.Preset), fmt.Sprintf("rule %d", i))
}
