package bench

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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
// table, by their own processor time. All get the same records in all, on the same cores. More
// processes on two cores cost something even if they have nothing to do with each other; so two and
// four Collectors also write to a table each ("apart"), and what they need more together is the cost of
// working together. They take turns, each second time the other way round. The turns of one number
// differ by 10 percent, so that the sums of all turns are compared.
func BenchmarkCollectors(b *testing.B) {
	server, db := emptyTable(b)
	requests := newRequests(b, collectorsRows)
	ways := []way{{1, false}, {2, false}, {2, true}, {4, false}, {4, true}}
	all := map[way]*measure{}
	for _, w := range ways {
		all[w] = &measure{}
	}
	for b.Loop() {
		for range collectorsTurns {
			for _, w := range ways {
				m := w.collect(b, server, db, requests)
				all[w].add(m)
				b.Logf("%d collectors, apart %v: %.2f µs a record, PostgreSQL %.2f", w.collectors, w.apart, m.perRecord()/1000, m.database.Seconds()*1e6/float64(m.rows))
			}
			slices.Reverse(ways)
		}
	}
	one := all[way{1, false}]
	for _, n := range []int{2, 4} {
		together, apart := all[way{n, false}], all[way{n, true}]
		b.ReportMetric(together.perRecord()/one.perRecord(), fmt.Sprintf("cpu-%d-of-1", n))
		b.ReportMetric(together.perRecord()/apart.perRecord(), fmt.Sprintf("cpu-%d-of-apart", n))
		b.ReportMetric(together.database.Seconds()/one.database.Seconds(), fmt.Sprintf("database-%d-of-1", n))
		b.ReportMetric(together.database.Seconds()/apart.database.Seconds(), fmt.Sprintf("database-%d-of-apart", n))
		b.ReportMetric(together.rate()/one.rate(), fmt.Sprintf("rate-%d-of-1", n))
	}
	b.ReportMetric(one.perRecord()/1000, "µs/record-1")
	b.ReportMetric(0, "ns/op")
}

// TestCollectors goes through small rounds.
func TestCollectors(t *testing.T) {
	server, db := emptyTable(t)
	requests := newRequests(t, 20*requestRows)
	for _, w := range []way{{2, false}, {2, true}} {
		if m := w.collect(t, server, db, requests); m.rows != 20*requestRows || m.program <= 0 {
			t.Errorf("%+v: %d rows took the Collectors %v; want %d rows and some time", w, m.rows, m.program, 20*requestRows)
		}
	}
}

// way is how many Collectors write, to one table or to a table each.
type way struct {
	collectors int
	apart      bool
}

// table is that of a Collector.
func (w way) table(collector int) string {
	if !w.apart {
		return "activity_log"
	}
	return fmt.Sprintf("activity_log_apart_%d", collector)
}

// collect sends requests to new Collectors, to each the same share.
func (w way) collect(tb testing.TB, server *pgtest.Server, db database, requests []load.Request) measure {
	tb.Helper()
	warm := requests[:min(len(requests), collectorsWarm)]
	tables, targets := map[string]bool{}, []target{}
	for i := range w.collectors {
		table := w.table(i)
		if !tables[table] { // of the turn before
			db.execute(fmt.Sprintf("DO $$ BEGIN IF to_regclass('%[1]s') IS NOT NULL THEN TRUNCATE %[1]s; END IF; END $$", table))
		}
		tables[table] = true
		c := collectortest.Start(tb, collectortest.Config{Driver: "postgres", DSN: server.DSN(), Args: []string{"--set=exporters::activitylog::table=" + table}})
		defer c.Stop()
		if err := load.SendAll(tb.Context(), c.GRPC, senders, warm); err != nil {
			tb.Fatal(err)
		}
		db.awaitTable(table)
		db.await(table, "event_id", len(warm)*requestRows, patience)
		targets = append(targets, target{c.GRPC, c.PID()})
	}
	time.Sleep(time.Second) // in one table all of the warm rows are the same, so that the last may still be at it
	names := slices.Sorted(maps.Keys(tables))
	db.empty(names...)
	db.execute("CREATE OR REPLACE VIEW all_rows AS SELECT event_id FROM " + strings.Join(names, " UNION ALL SELECT event_id FROM "))
	return run(tb, targets, server, requests, func() {
		db.await("all_rows", "event_id", len(requests)*requestRows, patience)
	})
}
