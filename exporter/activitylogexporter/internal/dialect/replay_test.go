package dialect_test

import (
	"os"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
)

// TestReadmeShowsTheReplay: what the conformance suite runs is what people read.
func TestReadmeShowsTheReplay(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, driver := range dialect.Drivers() {
		replay := dialect.Replay(dialect.For(driver, dialect.Options{}), "activity_log")
		if replay == "" {
			continue
		}
		if !strings.Contains(string(readme), strings.TrimSpace(strings.ReplaceAll(replay, `"`, ""))) {
			t.Errorf("README.md does not show, for %s:\n%s", driver, replay)
		}
	}
}
