package activityprocessor

import (
	"strings"
	"testing"

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
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "must have a unit") {
			t.Errorf("%v: got %v, want an error about %s", values, err, want)
		}
	}
	if err := confmap.NewFromStringMap(map[string]any{"join": map[string]any{"window": "5s"}}).Unmarshal(createDefaultConfig()); err != nil {
		t.Errorf("a duration with a unit: %v", err)
	}
}
