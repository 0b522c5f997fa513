package activityprocessor

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/unit"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/declared"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/join"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/limit"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/lookup"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/redact"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/sender"
)

// Config is the configuration of the activity processor.
type Config struct {
	// ErrorMode says what to do when an OTTL expression fails on a record. "ignore"
	// (default) logs it, "silent" does not. Both continue as if it had not matched
	// or had no value. "propagate" rejects the whole request, and its sender
	// retries it or gives up.
	ErrorMode ottl.ErrorMode `mapstructure:"error_mode"`

	// DropOthers removes spans and log records that are not activities, and then
	// empty scopes and resources. Default true.
	DropOthers bool `mapstructure:"drop_others"`

	// DefaultActorType is the activity.actor.type of an activity that has an
	// actor id and no type: "user" (default), "service" or "system".
	DefaultActorType activity.ActorType `mapstructure:"default_actor_type"`

	// Rules say which spans and log records become activities, and how much of an
	// activity is kept. The first rule that matches a record applies. Default: one
	// rule, the preset http_server. With an empty list no activities are derived.
	Rules []rule.Config `mapstructure:"rules"`

	// Coverage is about requests whose service declares activities, but none for
	// them. See docs/develop/coverage.md.
	Coverage declared.Config `mapstructure:"coverage"`

	// Join gives spans without a user the user of their ancestors in the trace.
	Join join.Config `mapstructure:"join"`

	// Lookups set attributes from a file or a database. Default: no lookups.
	Lookups []lookup.Config `mapstructure:"lookups"`

	// Senders say who may write as which service and for which tenant. Default:
	// whoever the receiver accepts may write everything.
	Senders sender.Config `mapstructure:"senders"`

	// Limits bound the size of a record.
	Limits limit.Config `mapstructure:"limits"`

	// Privacy masks secrets in everything that leaves the processor.
	Privacy redact.Config `mapstructure:"privacy"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// actorTypes are the values of default_actor_type. An actor with an id is not
// anonymous.
var actorTypes = []activity.ActorType{activity.ActorUser, activity.ActorService, activity.ActorSystem}

// Validate checks the configuration. It compiles the rules, so that an invalid rule
// prevents the start, with its name and position in the error.
func (cfg *Config) Validate() error {
	var errs []error
	if !slices.Contains(actorTypes, cfg.DefaultActorType) {
		errs = append(errs, fmt.Errorf("default_actor_type: must be one of %q, got %q", actorTypes, cfg.DefaultActorType))
	}
	_, err := rule.Compile(cfg.Rules, component.TelemetrySettings{Logger: zap.NewNop()})
	return errors.Join(append(errs, err, cfg.Join.Check(), lookup.Validate(cfg.Lookups))...)
}

var _ confmap.Unmarshaler = (*Config)(nil)

// Unmarshal implements [confmap.Unmarshaler]. A duration without a unit, which would
// be nanoseconds, is an error.
func (cfg *Config) Unmarshal(conf *confmap.Conf) error {
	if err := unit.Check(reflect.TypeFor[Config](), conf.ToStringMap()); err != nil {
		return err
	}
	return conf.Unmarshal(cfg)
}

func createDefaultConfig() component.Config {
	return &Config{
		ErrorMode:        ottl.IgnoreError,
		DropOthers:       true,
		DefaultActorType: activity.ActorUser,
		Rules:            []rule.Config{{Preset: preset.HTTPServer}},
		Coverage:         declared.DefaultConfig(),
		Join:             join.DefaultConfig(),
		Senders:          sender.DefaultConfig(),
		Limits:           limit.DefaultConfig(),
		Privacy:          redact.DefaultConfig(),
	}
}
