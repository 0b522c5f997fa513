package main

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
	ask(t, addr)
	want := []string{"carol Create report POST /reports", "carol Create report 2026-11 report.make"}
	var got []string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if got = rows(t, dsn); len(got) >= len(want) {
			break
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
}

// ask asks for a report as carol, once the service answers.
func ask(t *testing.T, addr string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+"/reports", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("carol", "secret")
		res, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode != http.StatusAccepted {
				t.Fatalf("the service answered %s", res.Status)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// rows returns the rows, those of requests first.
func rows(t *testing.T, dsn string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found, err := db.QueryContext(t.Context(), "SELECT actor_id, action_type, object_type, coalesce(object_id, ''), action_name FROM activity_log ORDER BY action_name")
	if err != nil {
		return nil // the table is not there yet
	}
	defer found.Close()
	var list []string
	for found.Next() {
		var columns [5]string
		if err := found.Scan(&columns[0], &columns[1], &columns[2], &columns[3], &columns[4]); err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.Join(strings.Fields(strings.Join(columns[:], " ")), " "))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
