package activityprocessor

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/declared"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/join"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/limit"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/redact"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/sender"
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
		return nil, err
	}
	return cfg, confmap.Validate(cfg)
}

func TestConfig(t *testing.T) {
	no, half := false, 0.5
	for name, want := range map[string]*Config{
		"": {
			ErrorMode:        ottl.IgnoreError,
			DropOthers:       true,
			DefaultActorType: "user",
			Rules:            []rule.Config{{Preset: "http_server"}},
			Coverage:         declared.DefaultConfig(),
			Join:             join.DefaultConfig(),
			Senders:          sender.DefaultConfig(),
			Limits:           limit.DefaultConfig(),
			Privacy:          redact.DefaultConfig(),
		},
		"all": {
			ErrorMode:        ottl.PropagateError,
			DefaultActorType: "service",
			Rules: []rule.Config{
				{
					Name: "login", Context: "span", Services: []string{"blog"}, Routes: []string{"/login"}, Users: []string{"a*"},
					Objects: []string{"session"}, Actions: []string{"create"},
					Match:     []string{`attributes["http.request.method"] == "POST"`},
					Set:       map[string]any{"action.type": "Login", "data.attempt": 1},
					OnFailed:  map[string]any{"action.type": "Login Failed"},
					Anonymous: &no, AnonymousFailures: &no, Level: "metadata", SampleReads: &half,
				},
				{Preset: "db_client", Tables: []string{"articles"}},
			},
			Coverage: declared.Config{Rows: true, Wait: 2 * time.Second, MaxSpans: 5000, TTL: 30 * time.Second},
			Join:     join.DefaultConfig(),
			Senders: sender.Config{OnOther: "mark", List: []sender.Binding{{
				Name: "shop", Token: "t0ken", Certificate: "shop.example.com", Attributes: map[string]string{"subject": "shop"},
				Services: []string{"shop", "shop-*"}, Tenants: []string{"acme"},
			}}},
			Limits:  limit.Config{Attributes: 64, Members: 500, Text: 8192},
			Privacy: redact.Config{Address: redact.AddressConfig{IPv4Prefix: 24}},
		},
		"none": { // the keys that are not set keep their defaults
			ErrorMode:        ottl.IgnoreError,
			DropOthers:       true,
			DefaultActorType: "user",
			Rules:            []rule.Config{},
			Coverage:         declared.DefaultConfig(),
			Join:             join.DefaultConfig(),
			Senders:          sender.DefaultConfig(),
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

func TestBadConfigNamesTheKey(t *testing.T) {
	for name, key := range map[string]string{
		"bad_actor_type":       `default_actor_type: must be one of ["user" "service" "system"], got "robot"`,
		"empty_actor_type":     `default_actor_type: must be one of`,
		"anonymous_actor_type": `default_actor_type: must be one of`,
		"unknown_key":          "anonymus",
		"bad_coverage":         "coverage: max_spans: must be at least 1000, got 10",
		"bad_privacy":          `privacy: fields[0]: action: must be one of`,
		"bad_lookup":           `lookups[0]`,
		"bad_error_mode":       `unknown error mode quiet`,
		"not_a_bool":           "drop_others",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadConfig(t, name)
			assert.ErrorContains(t, err, key)
		})
	}
}
