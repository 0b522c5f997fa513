package activityconnector

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/otelactivity/activitylog/activity"
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
		return nil, err
	}
	return cfg, confmap.Validate(cfg)
}

func TestConfig(t *testing.T) {
	for name, want := range map[string]*Config{
		"": {Sources: []activity.Source{"derived"}},
		"all": {
			Sources:    []activity.Source{"derived", "declared"},
			Attributes: []string{"http.route", "deployment.environment.name"},
		},
		"declared": {Sources: []activity.Source{"declared"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := loadConfig(t, name)
			require.NoError(t, err)
			assert.Equal(t, want, cfg)
		})
	}
}

func TestBadConfigNamesTheKey(t *testing.T) {
	for name, message := range map[string]string{
		"no_source":       `sources: must name one of ["derived" "declared"] at least`,
		"unknown_source":  `sources: must be some of ["derived" "declared"], got "imported"`,
		"empty_attribute": "attributes: a key is empty; remove it",
		"unknown_key":     "source",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadConfig(t, name)
			assert.ErrorContains(t, err, message)
		})
	}
}
