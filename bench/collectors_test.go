package bench

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/bench/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// What each number of collectors gets in a turn, before it, and how many turns it has.
const (
	collectorsRows  = 150_000
	collectorsWarm  = 20 // requests to each
	collectorsTurns = 6
)

// BenchmarkCollectors measures what a record costs one, two and four Collectors, which write to one
// table, by their own processor time. All get the same records in all, on the same cores; so what is
// more is the cost of working together. They take turns, each second time the other way round. The
// turns of one number differ by 10 percent, so that the sums of all turns are compared.
func BenchmarkCollectors(b *testing.B) {
	server, db := emptyTable(b)
	requests := newRequests(b, collectorsRows)
	numbers := []int{1, 2, 4}
	all := map[int]*measure{1: {}, 2: {}, 4: {}}
	for b.Loop() {
		for range collectorsTurns {
			for _, n := range numbers {
				m := collectTogether(b, n, server, db, requests)
				all[n].add(m)
				b.Logf("%d collectors: %.2f µs a record, PostgreSQL %.2f", n, m.perRecord()/1000, m.database.Seconds()*1e6/float64(m.rows))
			}
			slices.Reverse(numbers)
		}
	}
	one := all[1]
	for _, n := range []int{2, 4} {
		b.ReportMetric(all[n].perRecord()/one.perRecord(), fmt.Sprintf("cpu-%d-of-1", n))
		b.ReportMetric(all[n].database.Seconds()/one.database.Seconds(), fmt.Sprintf("database-%d-of-1", n))
		b.ReportMetric(all[n].rate()/one.rate(), fmt.Sprintf("rate-%d-of-1", n))
	}
	b.ReportMetric(one.perRecord()/1000, "µs/record-1")
	b.ReportMetric(0, "ns/op")
}

// TestCollectors goes through a small round.
func TestCollectors(t *testing.T) {
	server, db := emptyTable(t)
	requests := newRequests(t, 20*requestRows)
	if m := collectTogether(t, 2, server, db, requests); m.rows != 20*requestRows || m.program <= 0 {
		t.Errorf("%d rows took the Collectors %v; want %d rows and some time", m.rows, m.program, 20*requestRows)
	}
}

// collectTogether sends requests to so many new Collectors, to each the same share.
func collectTogether(tb testing.TB, n int, server *pgtest.Server, db database, requests []load.Request) measure {
	tb.Helper()
	db.empty("activity_log")
	var targets []target
	for range n {
		c := collectortest.Start(tb, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
		defer c.Stop()
		if err := load.SendAll(tb.Context(), c.GRPC, senders, requests[:min(len(requests), collectorsWarm)]); err != nil {
			tb.Fatal(err)
		}
		targets = append(targets, target{c.GRPC, c.PID()})
	}
	db.await("activity_log", "event_id", min(len(requests), collectorsWarm)*requestRows, patience)
	time.Sleep(time.Second) // all of them get the same, so that the last may still be at it
	db.empty("activity_log")
	return run(tb, targets, server, requests, func() {
		db.await("activity_log", "event_id", len(requests)*requestRows, patience)
	})
}
