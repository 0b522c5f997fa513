package firebird_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/examples/firebird/newdialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/testserver/firebirdtest"
)

// TestNewDialect is for docs/maintain/dialects.md: what is written there is all it takes.
func TestNewDialect(t *testing.T) {
	t.Parallel()
	h := harness(firebirdtest.Start(t))
	h.Dialect, h.Schema = newdialect.New(), nil // it makes its tables itself
	dialecttest.Run(t, h)
}

// TestNewDialectIsShort: docs/maintain/dialects.md shows a difference of less than 120
// lines, of which these files are most.
func TestNewDialectIsShort(t *testing.T) {
	lines := 0
	for _, file := range []string{"newdialect/firebird.go", "newdialect/schema/00001_activity_log.sql"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines += bytes.Count(text, []byte("\n"))
	}
	if lines > 84 {
		t.Errorf("the dialect has become longer, %d lines: make docs/maintain/dialects.md true again", lines)
	}
}
