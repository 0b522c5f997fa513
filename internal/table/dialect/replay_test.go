package dialect_test

import (
	"os"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// TestPageShowsTheReplay: what the conformance suite runs is what people read.
func TestPageShowsTheReplay(t *testing.T) {
	page, err := os.ReadFile("../../../docs/operate/dead-letters.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, driver := range dialect.Drivers() {
		replay := dialect.Replay(dialect.For(driver, dialect.Options{}), "activity_log")
		if replay == "" {
			continue
		}
		if !strings.Contains(string(page), strings.TrimSpace(strings.ReplaceAll(replay, `"`, ""))) {
			t.Errorf("docs/operate/dead-letters.md does not show, for %s:\n%s", driver, replay)
		}
	}
}
