// Package faults_test does to the collector and to a service what the world does:
// hostile senders, full disks, silent databases, wrong clocks. Each fault is one
// test.
package faults_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/collectortest"
)

// onlyFull skips a test that is too long for make test. The target test-faults
// sets ACTIVITYLOG_FAULTS=full, which runs all of them.
func onlyFull(t *testing.T) {
	t.Helper()
	if os.Getenv("ACTIVITYLOG_FAULTS") != "full" {
		t.Skip("runs in make test-faults")
	}
}

// TestHonestSenderAlone is what the other tests are compared with: without a
// fault each activity is a row within two seconds.
func TestHonestSenderAlone(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn})
	honest := load.StartHonest(c.HTTP)
	time.Sleep(3 * time.Second)
	if n := honest.Stop(); n < 100 {
		t.Fatalf("%d activities in 3 s; want about 150", n)
	}
	honest.Expect(t, load.Open(t, "sqlite", dsn), "sqlite", 2*time.Second)
}
