package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/examples/internal/exampletest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/visitor"
)

// TestActivities runs the blog with a collector. Alice and bob each see what they did, and
// nothing of the other; who has not logged in sees nothing.
func TestActivities(t *testing.T) {
	file := filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: file})
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+c.HTTP)
	addr := testserver.FreeAddr(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, options{addr: addr, db: filepath.Join(t.TempDir(), "blog.db"), activities: file})
	}()

	people := map[string]*visitor.Visitor{}
	visit := func(who, method, path string, body any) (int, string) {
		t.Helper()
		if people[who] == nil {
			people[who] = visitor.New("http://"+addr, "test")
		}
		res, err := people[who].Do(t.Context(), method, path, body)
		if err != nil {
			return 0, err.Error()
		}
		return res.Status, res.Body
	}
	testserver.Eventually(t, 30*time.Second, func() bool { status, _ := visit("nobody", "GET", "/ping", nil); return status == 200 })
	for who, password := range map[string]string{"alice": "wonderland", "bob": "builder"} {
		if status, body := visit(who, "POST", "/api/login", map[string]string{"username": who, "password": password}); status != 200 {
			t.Fatalf("%s: %d %s", who, status, body)
		}
		visit(who, "POST", "/api/articles", map[string]string{"title": "A day of " + who, "body": "…"})
		visit(who, "PATCH", "/api/articles/1", map[string]string{"title": "Down the hole"})
	}
	for who, want := range map[string][]string{
		"alice": {"alice updated article “Down the hole”", "alice created article “A day of alice”", "alice logged in"},
		"bob":   {"bob failed to update article “1”", "bob created article “A day of bob”", "bob logged in"},
	} {
		exampletest.Feed(t, who, func() (int, string) { return visit(who, "GET", "/activity/", nil) }, want)
	}
	if status, body := visit("alice", "GET", "/activity/history?object_type=article&object_id=1", nil); status != 200 || !strings.Contains(body, `"field":"title"`) || strings.Contains(body, "bob") {
		t.Errorf("the history of an article: %d %s", status, body)
	}
	if status, body := visit("nobody", "GET", "/activity/", nil); status != 401 || strings.Contains(body, "alice") {
		t.Errorf("nobody: %d %s", status, body)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
