package activityprocessor

import (
	"fmt"
	"net/netip"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/credential"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/declared"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/fold"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/join"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/limit"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/lookup"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/redact"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/sender"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/throttle"
)

// Config is the configuration of the activity processor.
type Config struct {
	// ErrorMode says what to do when an OTTL expression fails on a record. "ignore"
	// (default) logs it, "silent" does not. Both continue as if it had not matched
	// or had no value. "propagate" rejects the whole request, and its sender
	// retries it or gives up.
	ErrorMode ErrorMode `mapstructure:"error_mode"`

	// DropOthers removes spans and log records that are not activities, and then
	// empty scopes and resources. Default true.
	DropOthers bool `mapstructure:"drop_others"`

	// DefaultActorType is the activity.actor.type of an activity that has an
	// actor id and no type: "user" (default), "service" or "system".
	DefaultActorType ActorType `mapstructure:"default_actor_type"`

	// TrustedProxies are the addresses, or prefixes of addresses, of the proxies before
	// the services. Of a request from one of them, client.address is the rightmost
	// address of its X-Forwarded-For header that is not one of them; of any other, it is
	// the peer's. Default: empty. Services with package instrument have an option of
	// their own.
	TrustedProxies confcheck.Prefixes `mapstructure:"trusted_proxies"`

	// Rules say which spans and log records become activities, and how much of an
	// activity is kept. The first rule that matches a record applies. Default: the
	// presets noise and http_server. With an empty list no activities are derived.
	Rules rule.Configs `mapstructure:"rules"`

	// Extra are further lists of rules, by the name after "rules/": a second file with
	// "rules/shop" adds to the rules of the first one. They come before Rules, in the order
	// of their names.
	Extra map[string]rule.Configs `mapstructure:"rules/"`

	// Reads says which successful reads are kept, declared and derived ones: "all"
	// (default), "sampled" (one in ten, with data.sample_weight: 10) or "none". Failed
	// reads are always kept. A rule with sample_reads decides for itself.
	Reads rule.Reads `mapstructure:"reads"`

	// Fold makes one row a minute of what nobody known was refused again and again from
	// one address.
	Fold fold.Config `mapstructure:"fold"`

	// Coverage is about requests whose service declares activities, but none for
	// them. See docs/develop/coverage.md.
	Coverage declared.Config `mapstructure:"coverage"`

	// Join gives spans without a user the user of their ancestors in the trace.
	Join join.Config `mapstructure:"join"`

	// Identity rules name the user of a request whose span names nobody: by a header, a
	// token, a cookie or a client certificate. The first that finds somebody counts. The
	// headers they read leave the processor in no record. Default: no rules.
	Identity credential.Configs `mapstructure:"identity"`

	// Lookups set attributes from a file or a database. Default: no lookups.
	Lookups lookup.Configs `mapstructure:"lookups"`

	// Senders say who may write as which service and for which tenant. Default:
	// whoever the receiver accepts may write everything.
	Senders sender.Config `mapstructure:"senders"`

	// Throttle bounds how many records one service or one tenant may send. A request above
	// the bound is refused, and its sender asked to try again later. Default: no bound.
	Throttle throttle.Config `mapstructure:"throttle"`

	// Limits bound the size of a record.
	Limits limit.Config `mapstructure:"limits"`

	// Privacy masks secrets in everything that leaves the processor.
	Privacy redact.Config `mapstructure:"privacy"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// ErrorMode is an [ottl.ErrorMode] in a configuration.
type ErrorMode ottl.ErrorMode

// Validate implements [confmap.Validator].
func (m ErrorMode) Validate() error {
	return confcheck.OneOf(ottl.ErrorMode(m), ottl.IgnoreError, ottl.SilentError, ottl.PropagateError)
}

// ActorType is an [activity.ActorType] of an actor with an id, who is not anonymous.
type ActorType activity.ActorType

// Validate implements [confmap.Validator].
func (t ActorType) Validate() error {
	return confcheck.OneOf(activity.ActorType(t), activity.ActorUser, activity.ActorService, activity.ActorSystem)
}

// trustedProxies returns the proxies, which are valid.
func (cfg *Config) trustedProxies() activity.Proxies {
	prefixes := make([]netip.Prefix, 0, len(cfg.TrustedProxies))
	for _, p := range cfg.TrustedProxies {
		prefixes = append(prefixes, p.Prefix())
	}
	return activity.NewProxies(prefixes...)
}

var _ confmap.Unmarshaler = (*Config)(nil)

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (cfg *Config) Unmarshal(conf *confmap.Conf) (err error) {
	cfg.problems, err = confcheck.Decode(gatherExtra(conf), cfg, nil)
	return err
}

// Validate implements [confmap.Validator]. It checks what depends on several fields;
// the types of the fields check the rest.
func (cfg *Config) Validate() error {
	return confcheck.Line(cfg.problems.Err(), cfg.checkCookies(), cfg.checkNames())
}

// checkCookies checks that the lookup of each cookie can find a user.
func (cfg *Config) checkCookies() error {
	var errs []error
	for i := range cfg.Identity {
		cookie := cfg.Identity[i].Cookie
		if cookie == nil || cookie.Lookup == "" {
			continue
		}
		if err := cfg.Lookups.FindsUsers(cookie.Lookup); err != nil {
			errs = append(errs, fmt.Errorf("identity::%d::cookie::lookup %w", i, err))
		}
	}
	return confcheck.Line(errs...)
}

func createDefaultConfig() component.Config {
	return &Config{
		ErrorMode:        ErrorMode(ottl.IgnoreError),
		DropOthers:       true,
		DefaultActorType: ActorType(activity.ActorUser),
		Rules:            []rule.Config{{Preset: preset.Noise}, {Preset: preset.HTTPServer}},
		Reads:            rule.ReadsAll,
		Fold:             fold.DefaultConfig(),
		Coverage:         declared.DefaultConfig(),
		Join:             join.DefaultConfig(),
		Senders:          sender.DefaultConfig(),
		Throttle:         throttle.DefaultConfig(),
		Limits:           limit.DefaultConfig(),
		Privacy:          redact.DefaultConfig(),
	}
}
