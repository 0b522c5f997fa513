package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/bench/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// What each number of collectors gets in a turn, and before it.
const (
	collectorsRows = 400_000
	collectorsWarm = 20 // requests to each
)

// collectorRounds is how often each number of collectors has its turn in a round of the benchmark.
const collectorRounds = 3

// BenchmarkCollectors measures what a record costs one, two and four Collectors, which write to one
// table, by their own processor time. All get the same records in all, on the same cores; so what is
// more is the cost of working together. They take turns, and the medians of the turns count.
func BenchmarkCollectors(b *testing.B) {
	server := pgtest.Start(b)
	db := connect(b, server.DSN())
	makeSchema(b, server, db)
	requests, err := load.NewRequests(0, collectorsRows, requestRows)
	if err != nil {
		b.Fatal(err)
	}
	numbers := []int{1, 2, 4}
	costs, databases, rates := map[int][]float64{}, map[int][]float64{}, map[int][]float64{}
	for b.Loop() {
		for range collectorRounds {
			for _, n := range numbers {
				m := collectTogether(b, n, server, db, requests)
				costs[n] = append(costs[n], m.perRecord())
				databases[n] = append(databases[n], float64(m.database.Nanoseconds())/float64(m.rows))
				rates[n] = append(rates[n], m.rate())
			}
		}
	}
	for _, n := range numbers[1:] {
		b.ReportMetric(median(costs[n])/median(costs[1]), fmt.Sprintf("cpu-%d-of-1", n))
		b.ReportMetric(median(databases[n])/median(databases[1]), fmt.Sprintf("database-%d-of-1", n))
		b.ReportMetric(median(rates[n])/median(rates[1]), fmt.Sprintf("rate-%d-of-1", n))
	}
	b.ReportMetric(median(costs[1])/1000, "µs/record-1")
	b.ReportMetric(0, "ns/op")
}

// TestCollectors goes through a small round.
func TestCollectors(t *testing.T) {
	server := pgtest.Start(t)
	db := connect(t, server.DSN())
	makeSchema(t, server, db)
	requests, err := load.NewRequests(0, 20*requestRows, requestRows)
	if err != nil {
		t.Fatal(err)
	}
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
