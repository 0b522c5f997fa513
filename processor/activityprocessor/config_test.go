package activityprocessor

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
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
	for name, want := range map[string]*Config{
		"": {
			DropOthers:       true,
			Derive:           DeriveConfig{Enabled: true, AnonymousFailures: true},
			DefaultActorType: "user",
		},
		"all": {
			Derive:           DeriveConfig{Anonymous: true},
			DefaultActorType: "service",
		},
		"some": { // the keys that are not set keep their defaults
			DropOthers:       true,
			Derive:           DeriveConfig{Enabled: true, Anonymous: true, AnonymousFailures: true},
			DefaultActorType: "user",
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
		"not_a_bool":           "drop_others",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadConfig(t, name)
			assert.ErrorContains(t, err, key)
		})
	}
}
