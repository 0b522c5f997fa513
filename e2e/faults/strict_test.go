package faults_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// strictPlan says what happens to a service that answers only what is on disk.
type strictPlan struct {
	perSecond int
	kills     int           // of the service, half of them while the collector is away
	pause     time.Duration // between two of them
	diskFull  time.Duration
	atLeast   int // requests that were answered
}

var (
	shortStrict = strictPlan{perSecond: 100, kills: 4, pause: 500 * time.Millisecond, diskFull: 2 * time.Second, atLeast: 200}
	longStrict  = strictPlan{perSecond: 250, kills: 20, pause: 2 * time.Second, diskFull: 5 * time.Second, atLeast: 8000}
)

// TestStrict checks instrument.WithStrict: each request that a client saw answered, other than
// with 503, is one row, although the service is killed, the collector is away half of the time,
// and the disk of the spool is full once.
func TestStrict(t *testing.T) {
	p := shortStrict
	if table.Full() {
		p = longStrict
	}
	o := fault(t, atService, "strict: service killed, collector away half of the time, the spool's disk full once")
	t.Parallel()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=32m"); err != nil {
		t.Skipf("mount a small tmpfs: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	database := pgtest.Start(t)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: database.DSN()})
	s := startStrictService(t, filepath.Join(disk, "spool"), c.HTTP)
	requests := startClients(s, p.perSecond)
	for n := range p.kills {
		switch n {
		case 0:
			c.Stop()
		case p.kills / 2:
			filler := filepath.Join(disk, "filler")
			fill(t, filler)
			time.Sleep(p.diskFull)
			if err := os.Remove(filler); err != nil {
				t.Fatal(err)
			}
			c.Restart()
		}
		time.Sleep(p.pause)
		s.kill()
	}
	time.Sleep(p.pause)
	requests.stop()
	s.stop()

	db := load.Open(t, "pgx", database.DSN())
	o.Over()
	result := load.Await(func() load.Result { return requests.compare(rowsOf(t, db)) })
	o.Count(result)
	t.Logf("%d requests answered, %d with 503, %d not at all; %d lost, %d doubled; complete %s after the end",
		result.Acknowledged, requests.refused, requests.failed-requests.refused, result.Lost, result.Doubled, o.Recovered())
	if result.Acknowledged < p.atLeast || requests.refused == 0 {
		t.Errorf("%d requests were answered and %d refused: too few to tell", result.Acknowledged, requests.refused)
	}
	if result.Lost > 0 || result.Doubled > 0 {
		t.Errorf("%d of %d answered requests have no row, %d have two", result.Lost, result.Acknowledged, result.Doubled)
	}
}

// startStrictService starts the blog with a spool in dir, strict about reads: the clients read.
func startStrictService(t *testing.T, dir, endpoint string) *service {
	t.Helper()
	return startService(t, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
		"ACTIVITYLOG_SPOOL_DIR="+dir, "BLOG_STRICT=Read,Login")
}
