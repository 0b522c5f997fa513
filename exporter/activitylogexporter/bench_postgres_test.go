package activitylogexporter

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/rowtest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// BenchmarkPostgres measures rows per second through the exporter's consume
// function, committed, against pgx.CopyFrom of ready-made rows that are all new,
// into the same schema with the same batches, one after the other in one run.
func BenchmarkPostgres(b *testing.B) {
	server := pgtest.Start(b)
	for _, c := range []struct {
		name    string
		workers int
		old     func(batch []row.Row) []row.Row // those that are in the table before
		change  func(*Config)
	}{
		{name: "new", workers: 1},
		{name: "new, 4 connections", workers: 4},
		{name: "replay", workers: 1, old: func(batch []row.Row) []row.Row { return batch }},
		{name: "one old row, first", workers: 1, old: func(batch []row.Row) []row.Row { return batch[:1] }},
		{name: "one old row, middle", workers: 1, old: func(batch []row.Row) []row.Row { return batch[batchRows/2:][:1] }},
		{name: "one old row, last", workers: 1, old: func(batch []row.Row) []row.Row { return batch[batchRows-1:] }},
		{name: "half old", workers: 1, old: everySecond},
		{name: "new, by month", workers: 1, change: func(cfg *Config) { cfg.Partition = "month" }},
		{name: "new, bulk insert", workers: 1, change: func(cfg *Config) { cfg.Bulk = bulkInsert }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var ours, raw time.Duration
			for round := 0; b.Loop(); round++ {
				b.StopTimer()
				if round%2 == 1 { // so that neither is always the second
					raw += rawCopy(b, server.DSN(), c.workers)
				}
				ours += exportPostgres(b, server.DSN(), c.workers, c.old, c.change)
				if round%2 == 0 {
					raw += rawCopy(b, server.DSN(), c.workers)
				}
				b.StartTimer()
			}
			report(b, 2*batches*batchRows, ours, raw)
		})
	}
	b.Run("one INSERT a row", func(b *testing.B) { // what it would be without batches
		var single, raw time.Duration
		for b.Loop() {
			single += rawInsert(b, server.DSN())
			raw += rawCopy(b, server.DSN(), 1) * 2000 / (2 * batches * batchRows)
		}
		report(b, 2000, single, raw)
	})
}

// exportPostgres writes batches by the exporter into a table that has the old ones
// of their rows already.
func exportPostgres(b *testing.B, dsn string, workers int, old func([]row.Row) []row.Row, change func(*Config)) time.Duration {
	b.Helper()
	reset(b, dsn)
	var changes []func(*Config)
	if change != nil {
		changes = append(changes, change)
	}
	consume := synchronous(b, "postgres", dsn, changes...).ConsumeLogs
	must(b, consume(b.Context(), rowtest.Logs(dialecttest.Rows(1))))
	all := fresh(2 * batches)
	signals := make([]plog.Logs, len(all))
	for i := range all {
		signals[i] = rowtest.Logs(all[i])
		if old != nil {
			must(b, consume(b.Context(), rowtest.Logs(old(all[i]))))
		}
	}
	checkpoint(b, dsn)
	b.StartTimer() // for what is allocated
	defer b.StopTimer()
	return parallel(b, workers, len(all), func(int) func(int) error {
		return func(i int) error { return consume(b.Context(), signals[i]) }
	})
}

func everySecond(batch []row.Row) (old []row.Row) {
	for i := 0; i < len(batch); i += 2 {
		old = append(old, batch[i])
	}
	return old
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// fresh are n batches of rows that no table has.
func fresh(n int) [][]row.Row {
	all := make([][]row.Row, n)
	for i := range all {
		all[i] = dialecttest.Rows(batchRows)
	}
	return all
}

// parallel does jobs by workers, which start makes, and returns how long it took.
func parallel(b *testing.B, workers, jobs int, start func(worker int) func(job int) error) time.Duration {
	b.Helper()
	next := make(chan int)
	var wg sync.WaitGroup
	begin := time.Now()
	for worker := range workers {
		do := start(worker)
		wg.Go(func() {
			for job := range next {
				if err := do(job); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for job := range jobs {
		next <- job
	}
	close(next)
	wg.Wait()
	return time.Since(begin)
}

// rawCopy is pgx.CopyFrom into the table that the exporter makes.
func rawCopy(b *testing.B, dsn string, workers int) time.Duration {
	b.Helper()
	reset(b, dsn)
	must(b, synchronous(b, "postgres", dsn).ConsumeLogs(b.Context(), rowtest.Logs(dialecttest.Rows(1))))
	all := fresh(2 * batches)
	args := make([][][]any, len(all))
	for i := range all {
		args[i] = readyCopy(all[i])
	}
	conns := make([]*pgx.Conn, workers)
	for i := range conns {
		conns[i] = connect(b, dsn)
		defer conns[i].Close(context.Background())
	}
	checkpoint(b, dsn)
	return parallel(b, workers, len(all), func(worker int) func(int) error {
		return func(i int) error {
			_, err := conns[worker].CopyFrom(b.Context(), pgx.Identifier{"activity_log"}, dialect.Columns(), pgx.CopyFromRows(args[i]))
			return err
		}
	})
}

// readyCopy are rows as pgx.CopyFrom takes them fastest.
func readyCopy(rows []row.Row) [][]any {
	ready := make([][]any, len(rows))
	for i := range rows {
		ready[i] = slices.Clip(dialect.Postgres{}.Args(nil, &rows[i]))
		ready[i][0] = [16]byte(rows[i].ID)
	}
	return ready
}

// rawInsert is a prepared INSERT for each of 2000 rows, each committed.
func rawInsert(b *testing.B, dsn string) time.Duration {
	b.Helper()
	reset(b, dsn)
	must(b, synchronous(b, "postgres", dsn).ConsumeLogs(b.Context(), rowtest.Logs(dialecttest.Rows(1))))
	conn := connect(b, dsn)
	defer conn.Close(context.Background())
	rows := dialecttest.Rows(2000)
	insert := dialect.Postgres{}.Insert("activity_log")
	start := time.Now()
	for i := range rows {
		_, err := conn.Exec(b.Context(), insert, dialect.Postgres{}.Args(nil, &rows[i])...)
		must(b, err)
	}
	return time.Since(start)
}

func connect(b *testing.B, dsn string) *pgx.Conn {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), dsn)
	must(b, err)
	return conn
}

// checkpoint makes what comes after it start from the same state, of the server
// and of this process.
func checkpoint(b *testing.B, dsn string) {
	b.Helper()
	runtime.GC()
	conn := connect(b, dsn)
	defer conn.Close(context.Background())
	_, err := conn.Exec(b.Context(), "CHECKPOINT")
	must(b, err)
}

func reset(b *testing.B, dsn string) {
	b.Helper()
	conn := connect(b, dsn)
	defer conn.Close(context.Background())
	for _, table := range []string{"activity_log", "activity_log_dead_letter", "activity_log_schema", "activity_log_counts", "activity_log_counts_state"} {
		_, err := conn.Exec(b.Context(), fmt.Sprintf("DROP TABLE IF EXISTS %s CASCADE", table))
		must(b, err)
	}
}
