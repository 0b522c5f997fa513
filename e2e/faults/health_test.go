package faults_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/e2e/internal/outcome"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// byComponents makes the health check answer for the components, with a second of
// patience in the place of a minute.
var byComponents = []string{"--feature-gates=+extension.healthcheck.useComponentStatus",
	"--config=yaml:extensions::health_check::component_health::recovery_duration: 1s"}

// healthIs waits until the health check answers with a status, and returns how
// long that took.
func healthIs(t *testing.T, c *collectortest.Collector, want int) time.Duration {
	t.Helper()
	begin := time.Now()
	for {
		res, err := http.Get("http://" + c.Health + "/")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == want {
				return time.Since(begin)
			}
			err = fmt.Errorf("answered %s", res.Status)
		}
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("health: %v; want %d", err, want)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// TestHealthTellsTheTruth has a database that is away, and a full disk of the queue.
func TestHealthTellsTheTruth(t *testing.T) {
	t.Run("database away", func(t *testing.T) {
		o := fault(t, inDatabase, "health while PostgreSQL is away")
		server := pgtest.Start(t)
		c := collectortest.Start(t, collectortest.Config{DSN: server.DSN(), Args: byComponents})
		healthIs(t, c, http.StatusOK)
		server.Stop()
		mustPost(t, c, "logs", load.LogsRequest(0, 100))
		down := healthIs(t, c, http.StatusInternalServerError)
		server.Start()
		o.Over()
		up := healthIs(t, c, http.StatusOK)
		o.Count(expectRange(t, "pgx", server.DSN(), 0, 100))
		o.Say("500 after %s, 200 again %s after the end", outcome.Seconds(down), outcome.Seconds(up))
	})
	t.Run("disk full", func(t *testing.T) {
		o := fault(t, inQueue, "health while the queue's disk is full")
		disk := t.TempDir()
		if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=4m"); err != nil {
			t.Skipf("mount a small tmpfs: %v", err)
		}
		t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
		dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
		c := collectortest.Start(t, collectortest.Config{DSN: dsn, Storage: filepath.Join(disk, "queue"), Args: byComponents})
		healthIs(t, c, http.StatusOK)
		filler := filepath.Join(disk, "filler")
		fill(t, filler)
		acknowledged := 0
		for load.Post(t.Context(), c.HTTP, "logs", load.LogsRequest(acknowledged, 5000)) == nil && acknowledged < 1_000_000 {
			acknowledged += 5000
		}
		down := healthIs(t, c, http.StatusInternalServerError)
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		o.Over()
		up := healthIs(t, c, http.StatusOK)
		mustPost(t, c, "logs", load.LogsRequest(acknowledged, 100))
		o.Count(expectRange(t, "sqlite", dsn, 0, acknowledged+100))
		o.Say("500 after %s, 200 again %s after the end", outcome.Seconds(down), outcome.Seconds(up))
	})
}
