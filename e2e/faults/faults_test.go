// Package faults_test does to the collector and to a service what the world does:
// hostile senders, full disks, silent databases, wrong clocks. Each fault is one
// test.
package faults_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestHonestSenderAlone is what the other tests are compared with: without a
// fault each activity is a row within two seconds.
func TestHonestSenderAlone(t *testing.T) {
	o := fault(t, atDoor, "none: an honest sender alone")
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn})
	honest := load.StartHonest(c.HTTP)
	time.Sleep(3 * time.Second)
	if n := honest.Stop(); n < 100 {
		t.Fatalf("%d activities in 3 s; want about 150", n)
	}
	o.Count(honest.Expect(t, load.Open(t, "sqlite", dsn), "sqlite", 2*time.Second))
}
