package activityconnector

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer/consumertest"

	"github.com/otelactivity/activitylog/connector/activityconnector/internal/metadata"
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
	for name, want := range map[string]*Config{
		"": {Sources: Sources{"derived"}},
		"all": {
			Sources:    Sources{"derived", "declared"},
			Attributes: []string{"http.route", "deployment.environment.name"},
		},
		"declared": {Sources: Sources{"declared"}},
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
		"no_source":       `sources: must have one of "derived", "declared"; got an empty list`,
		"unknown_source":  `sources::1: must be one of "derived", "declared"; got "imported"`,
		"empty_attribute": "attributes: must be a list of texts that are not empty; entry 1 is empty",
		"unknown_key":     `unknown field "source"; did you mean "sources"?`,
		"not_a_list":      `sources must be a list; got a map`,
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := loadConfig(t, name)
			require.EqualError(t, err, want)
			_, err = NewFactory().CreateTracesToLogs(t.Context(), connectortest.NewNopSettings(metadata.Type), cfg, consumertest.NewNop())
			require.EqualError(t, err, want, "the factory takes it")
		})
	}
}
