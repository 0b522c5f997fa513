package activityprocessor

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/declared"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/fold"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/join"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/limit"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/redact"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/sender"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/throttle"
)

// loadConfig reads one entry of testdata/config.yaml as the Collector does.
func loadConfig(t *testing.T, name string) (component.Config, error) {
	t.Helper()
	conf, err := confmaptest.LoadConf(filepath.Join("testdata", "config.yaml"))
	require.NoError(t, err)
	sub, err := conf.Sub(component.NewIDWithName(metadata.Type, name).String())
	require.NoError(t, err)
	cfg := NewFactory().CreateDefaultConfig()
	if err := sub.Unmarshal(cfg); err != nil {
		return cfg, err
	}
	return cfg, confmap.Validate(cfg)
}

func TestConfig(t *testing.T) {
	no, half := false, rule.SampleReads(0.5)
	for name, want := range map[string]*Config{
		"": {
			ErrorMode:        ErrorMode(ottl.IgnoreError),
			DropOthers:       true,
			DefaultActorType: "user",
			Rules:            []rule.Config{{Preset: "noise"}, {Preset: "http_server"}},
			Reads:            "all",
			Fold:             fold.DefaultConfig(),
			Coverage:         declared.DefaultConfig(),
			Join:             join.DefaultConfig(),
			Senders:          sender.DefaultConfig(),
			Throttle:         throttle.DefaultConfig(),
			Limits:           limit.DefaultConfig(),
			Privacy:          redact.DefaultConfig(),
		},
		"all": {
			ErrorMode:        ErrorMode(ottl.PropagateError),
			DefaultActorType: "service",
			TrustedProxies:   confcheck.Prefixes{"10.0.0.0/8", "192.0.2.1"},
			Rules: []rule.Config{
				{
					Name: "login", Context: "span", Services: []string{"blog"}, Routes: []string{"/login"}, Users: []string{"a*"},
					Objects: []string{"session"}, Actions: []string{"create"},
					Match:     rule.Conditions{`attributes["http.request.method"] == "POST"`},
					Set:       rule.Fields{"action.type": rule.Of("Login"), "data.attempt": rule.Of(1)},
					OnFailed:  rule.Fields{"action.type": rule.Of("Login Failed")},
					Anonymous: &no, AnonymousFailures: &no, Level: "metadata", SampleReads: &half,
				},
				{Preset: "db_client", Tables: []string{"articles"}},
			},
			Reads:    "sampled",
			Fold:     fold.Config{Window: fold.Window(5 * time.Minute)},
			Coverage: declared.Config{Rows: true, Wait: declared.Wait(2 * time.Second), MaxSpans: 5000, TTL: declared.TTL(30 * time.Second)},
			Join:     join.DefaultConfig(),
			Senders: sender.Config{OnOther: "mark", List: []sender.Binding{{
				Name: "shop", Token: "t0ken", Certificate: "shop.example.com", Attributes: map[string]string{"subject": "shop"},
				Services: []string{"shop", "shop-*"}, Tenants: []string{"acme"},
			}}},
			Throttle: throttle.Config{Per: "tenant", RecordsPerSecond: 2000, Burst: 50_000},
			Limits:   limit.Config{Attributes: 64, Members: 500, Text: 8192},
			Privacy:  redact.Config{Address: redact.AddressConfig{IPv4Prefix: 24}},
		},
		"none": { // the keys that are not set keep their defaults
			ErrorMode:        ErrorMode(ottl.IgnoreError),
			DropOthers:       true,
			DefaultActorType: "user",
			Rules:            []rule.Config{},
			Reads:            "all",
			Fold:             fold.DefaultConfig(),
			Coverage:         declared.DefaultConfig(),
			Join:             join.DefaultConfig(),
			Senders:          sender.DefaultConfig(),
			Throttle:         throttle.DefaultConfig(),
			Limits:           limit.DefaultConfig(),
			Privacy:          redact.DefaultConfig(),
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := loadConfig(t, name)
			require.NoError(t, err)
			assert.Equal(t, want, cfg)
		})
	}
}

func TestWrongConfiguration(t *testing.T) {
	for name, want := range map[string]string{
		"bad_actor_type":       `default_actor_type: must be one of "user", "service", "system"; got "robot"`,
		"empty_actor_type":     `default_actor_type: must be one of "user", "service", "system"; got ""`,
		"anonymous_actor_type": `default_actor_type: must be one of "user", "service", "system"; got "anonymous"`,
		"unknown_key":          `rules::0: unknown field "anonymus"; did you mean "anonymous"?`,
		"bad_coverage":         `coverage::max_spans: must be at least 1000; got 10`,
		"bad_privacy":          `privacy::fields::0::action: must be one of "drop", "mask", "truncate", "hmac"; got "hide"`,
		"bad_lookup": `lookups::0: file or sql must be set
lookups::0::key: must be an attribute, such as activity.actor.id, or a list of attributes
lookups::0::set: must have an attribute and its column, such as activity.actor.name: name`,
		"bad_error_mode": `error_mode: must be one of "ignore", "silent", "propagate"; got "quiet"`,
		"bad_fold":       `fold::window: must be from 1s to 10m0s; got 1h0m0s`,
		"bad_reads":      `reads: must be one of "all", "sampled", "none"; got "some"`,
		"not_a_bool":     `drop_others must be true or false; got "perhaps"`,
		"no_units": `coverage::wait: must have a unit, such as "30s"; got 2
join::window: must have a unit, such as "30s"; got 5
lookups::0::cache::ttl: must have a unit, such as "30s"; got 30
lookups::0::sql::timeout: must have a unit, such as "30s"; got 30`,
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := loadConfig(t, name)
			require.Error(t, err)
			assert.Equal(t, want, sortedLines(err))
			_, err = NewFactory().CreateLogs(t.Context(), processortest.NewNopSettings(metadata.Type), cfg, consumertest.NewNop())
			first, _, _ := strings.Cut(want, "\n")
			assert.ErrorContains(t, err, first, "the factory takes it")
		})
	}
}

func sortedLines(err error) string {
	lines := strings.Split(err.Error(), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
