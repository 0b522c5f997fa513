package main

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/otelactivity/activitylog/examples/internal/exampletest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestJobs asks for a report, and reads the rows of the request and of the job.
func TestJobs(t *testing.T) {
	dsn := filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn})
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+c.HTTP)
	addr := testserver.FreeAddr(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, addr, filepath.Join(t.TempDir(), "jobs.db")) }()
	exampletest.AsCarol(t, http.MethodPost, "http://"+addr+"/reports", http.StatusAccepted)
	exampletest.Rows(t, dsn, "SELECT actor_id || ' ' || action_type || ' ' || object_type || coalesce(' ' || object_id, '') || ' ' || action_name FROM activity_log ORDER BY action_name",
		[]string{"carol Create report POST /reports", "carol Create report 2026-11 report.make"})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
