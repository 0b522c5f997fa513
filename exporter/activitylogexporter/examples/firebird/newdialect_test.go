package firebird_test

import (
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/examples/firebird/newdialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/firebirdtest"
)

// TestNewDialect is for docs/dialects.md: what is written there is all it takes.
func TestNewDialect(t *testing.T) {
	t.Parallel()
	h := harness(firebirdtest.Start(t))
	h.Dialect, h.Schema = newdialect.New(), nil // it makes its tables itself
	dialecttest.Run(t, h)
}
