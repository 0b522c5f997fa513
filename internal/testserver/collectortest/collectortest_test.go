package collectortest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRestart checks that a collector comes back on its ports, whatever its
// end was.
func TestRestart(t *testing.T) {
	database := filepath.Join(t.TempDir(), "activity.db")
	c := Start(t, Config{Driver: "sqlite", DSN: "file:" + database})
	health := c.Health
	c.Kill()
	select {
	case <-c.Done():
	default:
		t.Error("the collector runs after Kill")
	}
	c.Restart()
	c.Stop()
	c.Restart()
	if c.Health != health {
		t.Errorf("health check at %s after the restarts, want %s", c.Health, health)
	}
	if metrics, err := c.ReadMetrics(t.Context()); err != nil || !strings.Contains(metrics, "otelcol_") {
		t.Errorf("metrics: %v, %d bytes", err, len(metrics))
	}
	if _, err := os.Stat(database); err != nil {
		t.Errorf("the collector does not use the DSN: %v", err)
	}
}
