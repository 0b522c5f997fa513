package chdbtest_test

import (
	"database/sql"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/chdbtest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/rowtest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// Rows a batch, and batches a table.
const (
	batchRows = 10_000
	batches   = 5
)

// BenchmarkClickHouse measures rows per second through the exporter's consume
// function, and by the driver's own batch of rows that are ready, into the same
// schema with the same settings, one after the other in one run. "ratio" is the
// first by the second.
//
// native is the protocol, with a server of 2018, which knows neither our settings
// nor our schema: there it is conversion and store, without the exporter around.
func BenchmarkClickHouse(b *testing.B) {
	b.Run("http", func(b *testing.B) {
		server := chdbtest.Start(b)
		var ours cost
		var raw []time.Duration
		for n := 0; b.Loop(); n++ {
			ours.add(exportAll(b, newDatabase(b, server, fmt.Sprintf("ours%d", n))))
			dsn := newDatabase(b, server, fmt.Sprintf("raw%d", n))
			_ = exporterOf(b, dsn)
			full, err := dialect.ClickHouse{}.DSN(dsn)
			if err != nil {
				b.Fatal(err)
			}
			raw = append(raw, rawBatch(b, full))
		}
		report(b, ours, raw)
	})
	b.Run("native", func(b *testing.B) {
		server := chdbtest.StartDebian(b)[0]
		schema := strings.Replace(reducedSchema()[0], "activity_log_local", "activity_log_store", 1)
		var ours cost
		var raw []time.Duration
		for b.Loop() {
			execute(b, server.DSN(), "DROP TABLE IF EXISTS activity_log_store", schema)
			ours.add(convertAndWrite(b, server.DSN()))
			execute(b, server.DSN(), "DROP TABLE activity_log_store", schema)
			raw = append(raw, rawBatch(b, server.DSN()))
		}
		report(b, ours, raw)
	})
}

// convertAndWrite is what the exporter does between its queue and the database.
func convertAndWrite(b *testing.B, dsn string) (time.Duration, uint64) {
	b.Helper()
	s, err := store.Open(store.Config{Dialect: reduced{}, DSN: dsn, Table: "activity_log", MaxIdleConns: 4}, quiet{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	all := make([]plog.Logs, batches)
	for i := range all {
		all[i] = rowtest.Logs(dialecttest.Rows(batchRows))
	}
	converter := convert.Converter{}
	return measured(func() {
		for _, ld := range all {
			batch := converter.Logs(ld)
			if err := s.Write(b.Context(), batch.Rows); err != nil {
				b.Fatal(err)
			}
			converter.Release(batch)
		}
	})
}

// measured returns how long do took, and how often it allocated.
func measured(do func()) (took time.Duration, allocations uint64) {
	var before, after runtime.MemStats
	runtime.GC() // of the preparations
	runtime.ReadMemStats(&before)
	start := time.Now()
	do()
	took = time.Since(start)
	runtime.ReadMemStats(&after)
	return took, after.Mallocs - before.Mallocs
}

// cost is what the rounds took.
type cost struct {
	times       []time.Duration
	allocations []uint64
}

func (c *cost) add(took time.Duration, allocations uint64) {
	c.times, c.allocations = append(c.times, took), append(c.allocations, allocations)
}

// report takes the median round of each, since the machine has other work.
func report(b *testing.B, all cost, raw []time.Duration) {
	b.Helper()
	ours := all.times
	slices.Sort(all.allocations)
	b.ReportMetric(float64(all.allocations[len(all.allocations)/2])/(batches*batchRows), "allocs/row")
	median := func(rounds []time.Duration) float64 {
		rounds = slices.Sorted(slices.Values(rounds))
		return rounds[len(rounds)/2].Seconds()
	}
	b.ReportMetric(batches*batchRows/median(ours), "rows/s")
	b.ReportMetric(batches*batchRows/median(raw), "raw-rows/s")
	b.ReportMetric(median(raw)/median(ours), "ratio")
	b.ReportMetric(0, "ns/op")
}

func newDatabase(tb testing.TB, server *chdbtest.Server, name string) (dsn string) {
	tb.Helper()
	db, err := sql.Open("clickhouse", server.DSN("default"))
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(tb.Context(), "CREATE DATABASE "+name); err != nil {
		tb.Fatal(err)
	}
	return server.DSN(name)
}

// exportAll makes the schema with a first row, then times the batches.
func exportAll(b *testing.B, dsn string) (time.Duration, uint64) {
	b.Helper()
	logs := exporterOf(b, dsn)
	all := make([]plog.Logs, batches)
	for i := range all {
		all[i] = rowtest.Logs(dialecttest.Rows(batchRows))
	}
	return measured(func() {
		for _, ld := range all {
			if err := logs.ConsumeLogs(b.Context(), ld); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// exporterOf is the exporter without its queue: consume returns after the commit.
// It has written a row.
func exporterOf(b *testing.B, dsn string) *dialecttest.Direct {
	b.Helper()
	logs := dialecttest.NewDirect(b, store.Config{
		Dialect: dialect.ClickHouse{}, DSN: dsn, Table: "activity_log", CreateSchema: true,
		Timeout: 30 * time.Second, MaxOpenConns: 10, MaxIdleConns: 10,
	})
	if err := logs.ConsumeLogs(b.Context(), rowtest.Logs(dialecttest.Rows(1))); err != nil {
		b.Fatal(err)
	}
	return logs
}

// rawBatch is the driver's PrepareBatch and Append, into a table that is there.
func rawBatch(b *testing.B, dsn string) time.Duration {
	b.Helper()
	options, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	all := readyArgs()
	runtime.GC() // of the preparations
	start := time.Now()
	for _, rows := range all {
		batch, err := conn.PrepareBatch(b.Context(), dialect.ClickHouse{}.Insert("activity_log"))
		if err != nil {
			b.Fatal(err)
		}
		for _, args := range rows {
			if err := batch.Append(args...); err != nil {
				b.Fatal(err)
			}
		}
		if err := batch.Send(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

func readyArgs() [][][]any {
	all := make([][][]any, batches)
	for i := range all {
		for _, r := range dialecttest.Rows(batchRows) {
			all[i] = append(all[i], slices.Clip(dialect.ClickHouse{}.Args(nil, &r)))
		}
	}
	return all
}
