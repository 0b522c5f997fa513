package activitylogexporter

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/rowtest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// Rows a batch, and batches a table, in the benchmarks.
const (
	batchRows = 10_000
	batches   = 5
)

// BenchmarkExporter measures rows per second through the exporter's consume
// function, committed, and through the bare driver with rows that are ready,
// into the same schema with the same indexes and batches, one after the other in
// one run. "ratio" is the first by the second.
func BenchmarkExporter(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		b.ReportAllocs()
		var ours, raw time.Duration
		for b.Loop() {
			ours += exportAll(b, "sqlite", "file:"+filepath.Join(b.TempDir(), "ours.db"))
			raw += rawSQLite(b, "file:"+filepath.Join(b.TempDir(), "raw.db"))
		}
		report(b, batches*batchRows, ours, raw)
	})
}

// report reports what b.N rounds of so many rows took.
func report(b *testing.B, round int, ours, raw time.Duration) {
	b.Helper()
	rows := float64(b.N * round)
	b.ReportMetric(rows/ours.Seconds(), "rows/s")
	b.ReportMetric(rows/raw.Seconds(), "raw-rows/s")
	b.ReportMetric(raw.Seconds()/ours.Seconds(), "ratio")
	b.ReportMetric(0, "ns/op")
}

// synchronous is the exporter without its queue: consume returns after the commit.
func synchronous(b *testing.B, driver, dsn string, changes ...func(*Config)) *dialecttest.Direct {
	b.Helper()
	cfg := createDefaultConfig().(*Config)
	cfg.Driver, cfg.DSN = Driver(driver), configopaque.String(dsn)
	for _, change := range changes {
		change(cfg)
	}
	return dialecttest.NewDirect(b, cfg.store())
}

// exportAll makes the schema with a first row, then times the batches.
func exportAll(b *testing.B, driver, dsn string) time.Duration {
	b.Helper()
	logs := synchronous(b, driver, dsn)
	consume := func(ld plog.Logs) {
		if err := logs.ConsumeLogs(b.Context(), ld); err != nil {
			b.Fatal(err)
		}
	}
	consume(rowtest.Logs(dialecttest.Rows(1)))
	all := make([]plog.Logs, batches)
	for i := range all {
		all[i] = rowtest.Logs(dialecttest.Rows(batchRows))
	}
	start := time.Now()
	for _, ld := range all {
		consume(ld)
	}
	return time.Since(start)
}

// rawSQLite is one prepared statement, one transaction a batch, on the same
// driver, with the schema that the exporter made.
func rawSQLite(b *testing.B, dsn string) time.Duration {
	b.Helper()
	_ = exportSchema(b, "sqlite", dsn)
	full, err := dialect.SQLite{}.DSN(dsn)
	if err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", full)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	all := readyArgs(dialect.SQLite{})
	insert := dialect.SQLite{}.Insert("activity_log")
	start := time.Now()
	for _, batch := range all {
		tx, err := db.BeginTx(b.Context(), nil)
		if err != nil {
			b.Fatal(err)
		}
		statement, err := tx.PrepareContext(b.Context(), insert)
		if err != nil {
			b.Fatal(err)
		}
		for _, args := range batch {
			if _, err := statement.ExecContext(b.Context(), args...); err != nil {
				b.Fatal(err)
			}
		}
		_ = statement.Close()
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

func readyArgs(d dialect.Dialect) [][][]any {
	all := make([][][]any, batches)
	for i := range all {
		for _, r := range dialecttest.Rows(batchRows) {
			all[i] = append(all[i], slices.Clip(d.Args(nil, &r)))
		}
	}
	return all
}

// exportSchema makes the schema by writing one row.
func exportSchema(b *testing.B, driver, dsn string) *dialecttest.Direct {
	b.Helper()
	logs := synchronous(b, driver, dsn)
	if err := logs.ConsumeLogs(b.Context(), rowtest.Logs(dialecttest.Rows(1))); err != nil {
		b.Fatal(err)
	}
	return logs
}
