package activityprocessor

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

func TestDurationsNeedAUnit(t *testing.T) {
	for want, values := range map[string]map[string]any{
		"join::window:":             {"join": map[string]any{"window": 5}},
		"coverage::wait:":           {"coverage": map[string]any{"wait": 2}},
		"lookups::0::sql::timeout:": {"lookups": []any{map[string]any{"sql": map[string]any{"timeout": 30}}}},
		"lookups::0::cache::ttl:":   {"lookups": []any{map[string]any{"cache": map[string]any{"ttl": 30}}}},
	} {
		err := confmap.NewFromStringMap(values).Unmarshal(createDefaultConfig())
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "must have a unit")
	}
	err := confmap.NewFromStringMap(map[string]any{"join": map[string]any{"window": "5s"}}).Unmarshal(createDefaultConfig())
	require.NoError(t, err, "a duration with a unit")
}
