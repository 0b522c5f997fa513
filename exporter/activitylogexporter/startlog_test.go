package activitylogexporter

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// The log says where activities go, once for both exporters of a component.
func TestStartIsLogged(t *testing.T) {
	file, queue := filepath.Join(t.TempDir(), "activity.db"), t.TempDir()
	p := startIn(t, "", "file:"+file+"?_pragma=synchronous(FULL)", queue)
	lines := p.logged.FilterMessage("The queue is open.").All()
	if len(lines) != 1 {
		t.Fatalf("%d lines, want 1", len(lines))
	}
	want := map[string]any{"driver": "sqlite", "database": file, "table": "activity_log", "queue": queue}
	if got := lines[0].ContextMap(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("logged %v, want %v", got, want)
	}
}

// The account of the database is in no line.
func TestStartHasNoPassword(t *testing.T) {
	p := startIn(t, "", "postgres://u5er:s3cret@127.0.0.1:1/audit?sslmode=disable", t.TempDir())
	lines := p.logged.FilterMessage("The queue is open.").All()
	if len(lines) != 1 {
		t.Fatalf("%d lines, want 1", len(lines))
	}
	got := fmt.Sprint(lines[0].ContextMap())
	if !strings.Contains(got, "127.0.0.1:1") || !strings.Contains(got, "audit") {
		t.Errorf("logged %s without the place of the database", got)
	}
	if strings.Contains(got, "s3cret") || strings.Contains(got, "u5er") {
		t.Errorf("logged the account: %s", got)
	}
}

// An exporter that gets plain telemetry says once, for each signal, what is missing.
func TestPlainTelemetryIsReported(t *testing.T) {
	p := start(t, "", "file:"+filepath.Join(t.TempDir(), "activity.db"))
	warnings := func() int { return p.logged.FilterMessageSnippet("processor activity").Len() }
	p.send(t, 1, true, false)
	p.send(t, 1, true, false)
	if n := warnings(); n != 1 {
		t.Errorf("%d warnings about spans, want 1", n)
	}
	p.send(t, 1, false, true)
	if n := warnings(); n != 2 {
		t.Errorf("%d warnings about spans and log records, want 2", n)
	}
}
