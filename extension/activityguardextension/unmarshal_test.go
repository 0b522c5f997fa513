package activityguardextension

import (
	"strings"
	"testing"

	"go.opentelemetry.io/collector/confmap"
)

func TestTimeoutNeedsAUnit(t *testing.T) {
	err := confmap.NewFromStringMap(map[string]any{"timeout": 15}).Unmarshal(&Config{})
	if err == nil || !strings.Contains(err.Error(), `"15s"`) {
		t.Errorf("got %v, want an error that says what to write", err)
	}
	if err := confmap.NewFromStringMap(map[string]any{"timeout": "15s"}).Unmarshal(&Config{}); err != nil {
		t.Errorf("with a unit: %v", err)
	}
}
