package main

import (
	"path/filepath"
	"testing"

	"github.com/otelactivity/activitylog/internal/blogtest"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestDemo runs what "make demo" runs: it is the first thing that a newcomer sees.
func TestDemo(t *testing.T) {
	err := run(t.Context(), options{
		collector: collectortest.Binary(t),
		config:    filepath.Join(collectortest.Root(t), "collector-config.yaml"),
		blog:      blogtest.Build(t),
		dir:       t.TempDir(),
	})
	if err != nil {
		t.Error(err)
	}
}
