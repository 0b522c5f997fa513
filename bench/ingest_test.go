package bench

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/bench/internal/load"
	"github.com/otelactivity/activitylog/bench/internal/proc"
	"github.com/otelactivity/activitylog/internal/collectortest"
	"github.com/otelactivity/activitylog/internal/pgtest"
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
	server := pgtest.Start(b)
	db := connect(b, server.DSN())
	requests, err := load.NewRequests(0, roundRows, requestRows)
	if err != nil {
		b.Fatal(err)
	}
	makeSchema(b, server, db)
	var ours, telegraf, raw, single measure
	for b.Loop() {
		ours.add(collect(b, server, db, requests))
		raw.took += db.copyRows(roundRows)
		if hasTelegraf() {
			telegraf.add(relay(b, server, db, requests))
		}
		single.took += db.insertRows(insertRows)
	}
	rows := float64(b.N * roundRows)
	b.ReportMetric(ours.rate(rows), "rows/s")
	b.ReportMetric(raw.rate(rows), "copy-rows/s")
	b.ReportMetric(single.rate(float64(b.N*insertRows)), "insert-rows/s")
	b.ReportMetric(ours.rate(rows)/raw.rate(rows), "of-copy")
	b.ReportMetric(ours.rate(rows)/single.rate(float64(b.N*insertRows)), "of-insert")
	if telegraf.took > 0 {
		b.ReportMetric(telegraf.rate(rows), "telegraf-rows/s")
		b.ReportMetric(ours.rate(rows)/telegraf.rate(rows), "of-telegraf")
	} else {
		fmt.Println("WITHOUT TELEGRAF: there is no " + telegrafBinary() + "; make bench builds it")
	}
	b.ReportMetric(0, "ns/op")
	fmt.Printf("processor time, seconds in %d rounds of %d rows:\n%s%s", b.N, roundRows,
		ours.cpu("collector"), telegraf.cpu("telegraf"))
}

// collect sends requests to a new Collector.
func collect(b *testing.B, server *pgtest.Server, db database, requests []load.Request) measure {
	b.Helper()
	db.empty("activity_log")
	c := collectortest.Start(b, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
	defer c.Stop()
	warm(b, c.GRPC)
	db.await("activity_log", "event_id", requestRows, patience)
	db.empty("activity_log")
	return run(b, c.GRPC, c.PID(), server, requests, func() {
		db.await("activity_log", "event_id", roundRows, patience)
	})
}

// relay sends requests to a new Telegraf.
func relay(b *testing.B, server *pgtest.Server, db database, requests []load.Request) measure {
	b.Helper()
	db.asTelegraf()
	t := startTelegraf(b, server.DSN(), batchRows)
	defer t.stop(b)
	warm(b, t.address)
	db.await("logs", "activity.id", requestRows, patience)
	db.empty("logs")
	return run(b, t.address, t.running.PID(), server, requests, func() {
		db.await("logs", "activity.id", len(requests)*requestRows, patience)
	})
}

// warm makes connections and caches, with rows that are removed again.
func warm(b *testing.B, address string) {
	b.Helper()
	requests, err := load.NewRequests(0, requestRows, requestRows)
	if err != nil {
		b.Fatal(err)
	}
	if err := load.SendAll(b.Context(), address, 1, requests); err != nil {
		b.Fatal(err)
	}
}

// measure is how long something took, and the processor time of each party.
type measure struct {
	took                          time.Duration
	program, database, themselves time.Duration
}

func (m *measure) add(n measure) {
	m.took += n.took
	m.program += n.program
	m.database += n.database
	m.themselves += n.themselves
}

func (m *measure) rate(rows float64) float64 { return rows / m.took.Seconds() }

func (m *measure) cpu(program string) string {
	if m.took == 0 {
		return ""
	}
	return fmt.Sprintf("  %-10s %6.2f   PostgreSQL %6.2f   sender %6.2f   of %6.2f on %d processors\n",
		program, m.program.Seconds(), m.database.Seconds(), m.themselves.Seconds(),
		m.took.Seconds()*float64(runtime.NumCPU()), runtime.NumCPU())
}

// run sends requests, and measures until await returns.
func run(b *testing.B, address string, pid int, server *pgtest.Server, requests []load.Request, await func()) measure {
	b.Helper()
	used := func(pids ...int) time.Duration {
		cpu, err := proc.CPU(pids...)
		if err != nil {
			b.Fatal(err)
		}
		return cpu
	}
	settle()
	before := measure{program: used(pid), database: used(server.PIDs()...), themselves: used(os.Getpid())}
	start := time.Now()
	if err := load.SendAll(b.Context(), address, senders, requests); err != nil {
		b.Fatal(err)
	}
	if os.Getenv("ACTIVITYLOG_BENCH_VERBOSE") != "" {
		b.Logf("all acknowledged after %v", time.Since(start))
	}
	await()
	return measure{
		took:       time.Since(start),
		program:    used(pid) - before.program,
		database:   used(server.PIDs()...) - before.database,
		themselves: used(os.Getpid()) - before.themselves,
	}
}

// settle ends what is left over from before: garbage, and a moment of the
// database's own.
func settle() {
	debug.FreeOSMemory()
	time.Sleep(500 * time.Millisecond)
}
