package activityprocessor

import (
	"fmt"
	"slices"

	"go.opentelemetry.io/collector/component"

	"github.com/otelactivity/activitylog/activity"
)

// Config is the configuration of the activity processor.
type Config struct {
	// DropOthers removes spans and log records that are no activities, and
	// then the scopes and resources that are empty. Default true.
	DropOthers bool `mapstructure:"drop_others"`

	// Derive says whether and when a plain HTTP server span becomes an
	// activity.
	Derive DeriveConfig `mapstructure:"derive"`

	// DefaultActorType is the activity.actor.type of an activity that has an
	// actor id and no type: "user" (default), "service" or "system".
	DefaultActorType string `mapstructure:"default_actor_type"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// DeriveConfig configures the derivation of activities from HTTP server spans.
type DeriveConfig struct {
	// Enabled turns the derivation on. Default true.
	Enabled bool `mapstructure:"enabled"`

	// Anonymous derives an activity from a span that names no actor, too; its
	// actor type is "anonymous". Default false.
	Anonymous bool `mapstructure:"anonymous"`

	// AnonymousFailures derives an activity from a span that names no actor
	// when the service refused the request: 401 or 403. Default true.
	AnonymousFailures bool `mapstructure:"anonymous_failures"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// actorTypes are the values of default_actor_type. An actor with an id is not
// anonymous.
var actorTypes = []string{activity.ActorUser, activity.ActorService, activity.ActorSystem}

// Validate checks the configuration.
func (cfg *Config) Validate() error {
	if !slices.Contains(actorTypes, cfg.DefaultActorType) {
		return fmt.Errorf("default_actor_type: must be one of %q, got %q", actorTypes, cfg.DefaultActorType)
	}
	return nil
}

func createDefaultConfig() component.Config {
	return &Config{
		DropOthers:       true,
		Derive:           DeriveConfig{Enabled: true, AnonymousFailures: true},
		DefaultActorType: activity.ActorUser,
	}
}
