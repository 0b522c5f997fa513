package bench

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/otelactivity/activitylog/bench/internal/load"
	"github.com/otelactivity/activitylog/bench/internal/proc"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// What a round of the benchmark sends.
const (
	roundRows   = 300_000
	requestRows = 1_000
	senders     = 4
	insertRows  = 5_000 // by one INSERT each
	batchRows   = 10_000
	patience    = time.Minute
)

// BenchmarkIngest measures how many activities a second become committed rows of
// PostgreSQL, from the first OTLP/gRPC request until the last row is there, by
// the real Collector with its queue on disk; and the same rows by the bare
// driver's COPY, by Telegraf and by one INSERT each, one after the other in one
// run, into the same table or one like it. All share one machine with the
// database and the sender.
func BenchmarkIngest(b *testing.B) {
	if !hasTelegraf() {
		b.Logf("WITHOUT TELEGRAF: there is no %s; make bench builds it", telegrafBinary())
	}
	server, db := emptyTable(b)
	requests := newRequests(b, roundRows)
	var all round
	for b.Loop() {
		all.ours.add(collect(b, server, db, requests))
		all.raw.add(db.copyRows(roundRows))
		if hasTelegraf() {
			all.telegraf.add(relay(b, server, db, requests))
		}
		all.single.add(db.insertRows(insertRows))
	}
	b.ReportMetric(all.ours.rate(), "rows/s")
	b.ReportMetric(all.ours.rate()/all.raw.rate(), "of-copy")
	if hasTelegraf() {
		b.ReportMetric(all.ours.rate()/all.telegraf.rate(), "of-telegraf")
	}
	b.ReportMetric(all.ours.rate()/all.single.rate(), "of-insert")
	b.ReportMetric(0, "ns/op")
	fmt.Printf("\n%s\n", &all)
}

// TestIngest goes through a small round.
func TestIngest(t *testing.T) {
	server, db := emptyTable(t)
	requests := newRequests(t, 20*requestRows)
	small := round{ours: collect(t, server, db, requests), raw: db.copyRows(20 * requestRows), single: db.insertRows(100)}
	t.Logf("too small to mean anything:\n%s", &small)
	if small.ours.program <= 0 || small.ours.database <= 0 {
		t.Errorf("processor time: the Collector %v, PostgreSQL %v; want some of each", small.ours.program, small.ours.database)
	}
}

// round is what each way took.
type round struct{ ours, raw, telegraf, single measure }

// String is a table, one way a line.
func (r *round) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-20s %9s %9s %9s   seconds of the processors: %8s %8s %8s %8s\n",
		"", "rows", "rows/s", "of COPY", "program", "database", "sender", "unused")
	for _, way := range []struct {
		name string
		m    *measure
	}{{"Collector", &r.ours}, {"COPY", &r.raw}, {"Telegraf", &r.telegraf}, {"INSERT a row", &r.single}} {
		if way.m.rows == 0 {
			continue
		}
		fmt.Fprintf(&b, "%-20s %9d %9.0f %9.2f", way.name, way.m.rows, way.m.rate(), way.m.rate()/r.raw.rate())
		if way.m.program > 0 {
			unused := way.m.took*time.Duration(runtime.NumCPU()) - way.m.program - way.m.database - way.m.sender
			fmt.Fprintf(&b, "   %26s %8.1f %8.1f %8.1f %8.1f", "",
				way.m.program.Seconds(), way.m.database.Seconds(), way.m.sender.Seconds(), unused.Seconds())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// collect sends requests to a new Collector.
func collect(tb testing.TB, server *pgtest.Server, db database, requests []load.Request) measure {
	tb.Helper()
	db.empty("activity_log")
	c := collectortest.Start(tb, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
	defer c.Stop()
	warm(tb, c.GRPC)
	db.await("activity_log", "event_id", requestRows, patience)
	db.empty("activity_log")
	return run(tb, []target{{c.GRPC, c.PID()}}, server, requests, func() {
		db.await("activity_log", "event_id", len(requests)*requestRows, patience)
	})
}

// relay sends requests to a new Telegraf.
func relay(tb testing.TB, server *pgtest.Server, db database, requests []load.Request) measure {
	tb.Helper()
	db.asTelegraf()
	t := startTelegraf(tb, server.DSN(), batchRows)
	defer t.stop(tb)
	warm(tb, t.address)
	db.await("logs", "activity.id", requestRows, patience)
	db.empty("logs")
	return run(tb, []target{{t.address, t.running.PID()}}, server, requests, func() {
		db.await("logs", "activity.id", len(requests)*requestRows, patience)
	})
}

// newRequests makes the requests of the activities 0 to n-1.
func newRequests(tb testing.TB, n int) []load.Request {
	tb.Helper()
	requests, err := load.NewRequests(0, n, requestRows)
	if err != nil {
		tb.Fatal(err)
	}
	return requests
}

// warm makes connections and caches, with rows that are removed again.
func warm(tb testing.TB, address string) {
	tb.Helper()
	requests := newRequests(tb, requestRows)
	if err := load.SendAll(tb.Context(), address, 1, requests); err != nil {
		tb.Fatal(err)
	}
}

// measure is how long rows took, and the processor time of each party.
type measure struct {
	rows                      int
	took                      time.Duration
	program, database, sender time.Duration
}

func (m *measure) add(n measure) {
	m.rows += n.rows
	m.took += n.took
	m.program += n.program
	m.database += n.database
	m.sender += n.sender
}

// rate is in rows a second.
func (m *measure) rate() float64 { return float64(m.rows) / m.took.Seconds() }

// target is a program that gets requests.
type target struct {
	address string
	pid     int
}

// run sends requests, to each target the same share, and measures until await returns.
func run(tb testing.TB, targets []target, server *pgtest.Server, requests []load.Request, await func()) measure {
	tb.Helper()
	used := func(pids ...int) time.Duration {
		cpu, err := proc.CPU(pids...)
		if err != nil {
			tb.Fatal(err)
		}
		return cpu
	}
	var pids []int
	for _, t := range targets {
		pids = append(pids, t.pid)
	}
	rest()
	before := measure{program: used(pids...), database: used(server.PIDs()...), sender: used(os.Getpid())}
	start := time.Now()
	var sending errgroup.Group
	for i, t := range targets {
		share := requests[i*len(requests)/len(targets) : (i+1)*len(requests)/len(targets)]
		sending.Go(func() error { return load.SendAll(tb.Context(), t.address, max(1, senders/len(targets)), share) })
	}
	if err := sending.Wait(); err != nil {
		tb.Fatal(err)
	}
	await()
	return measure{
		rows:     len(requests) * requestRows,
		took:     time.Since(start),
		program:  used(pids...) - before.program,
		database: used(server.PIDs()...) - before.database,
		sender:   used(os.Getpid()) - before.sender,
	}
}

// rest frees the garbage of the round before, and gives the database a moment.
func rest() {
	debug.FreeOSMemory()
	time.Sleep(500 * time.Millisecond)
}
