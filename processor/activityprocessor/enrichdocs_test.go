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
