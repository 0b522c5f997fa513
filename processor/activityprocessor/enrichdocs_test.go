package activityprocessor

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/join"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/lookup"
)

// TestDocs reads the first configuration of docs/develop/enrichment.md.
func TestEnrichmentDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/develop/enrichment.md")
	require.NoError(t, err)
	_, block, _ := strings.Cut(string(text), "```yaml\n")
	block, _, _ = strings.Cut(block, "```")
	block = strings.ReplaceAll(block, "${env:LOOKUP_DSN}", "postgres://reader:password@db:5432/app")
	var raw map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(block), &raw))
	conf, err := confmap.NewFromStringMap(raw).Sub("processors::activity")
	require.NoError(t, err)
	cfg := struct {
		Join    join.Config    `mapstructure:"join"`
		Lookups lookup.Configs `mapstructure:"lookups"`
	}{}
	require.NoError(t, conf.Unmarshal(&cfg))
	require.Len(t, cfg.Lookups, 2)
	require.NoError(t, confmap.Validate(cfg))
	assert.Equal(t, join.DefaultConfig(), cfg.Join, "the example has the defaults")
}

// TestIdentityDocs reads every configuration of docs/develop/identify-users.md that is in
// YAML. The first one has a rule of each kind.
func TestIdentityDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/develop/identify-users.md")
	require.NoError(t, err)
	parts := strings.Split(string(text), "```yaml\n")
	require.Greater(t, len(parts), 3)
	for i, part := range parts[1:] {
		block, _, ok := strings.Cut(part, "```")
		require.True(t, ok)
		var all struct {
			Processors struct{ Activity map[string]any }
		}
		block = strings.ReplaceAll(block, "${env:SESSIONS_DSN}", "postgres://localhost/shop")
		require.NoError(t, yaml.Unmarshal([]byte(block), &all), block)
		if all.Processors.Activity == nil {
			continue
		}
		cfg := defaults()
		require.NoError(t, confmap.NewFromStringMap(all.Processors.Activity).Unmarshal(cfg), block)
		if i == 0 {
			require.Len(t, cfg.Identity, 6)
			cfg.Identity[4].Cookie = nil // its lookup comes later on the page
			cfg.Identity = append(cfg.Identity[:4], cfg.Identity[5])
		}
		require.NoError(t, confmap.Validate(cfg), block)
	}
}
