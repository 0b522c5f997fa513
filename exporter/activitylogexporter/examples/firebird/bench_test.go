package firebird_test

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
	"github.com/otelactivity/activitylog/internal/testserver/firebirdtest"
)

// BenchmarkWrite compares, in turns, rows written by the dialect generic with
// those of the bare driver: one transaction of a prepared INSERT ... VALUES.
func BenchmarkWrite(b *testing.B) {
	const n = 2000
	server := firebirdtest.Start(b)
	var took, bare time.Duration
	dsn := server.Database()
	makeTables(b, dsn, "activity_log")
	makeTables(b, dsn, "bare_log")
	s, err := store.Open(store.Config{Dialect: generic, DSN: dsn, Table: "activity_log", MaxIdleConns: 2}, counts{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	db, err := sql.Open("firebirdsql", dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for b.Loop() {
		rows := dialecttest.Rows(n)
		start := time.Now()
		if err := s.Write(b.Context(), slices.Clone(rows)); err != nil {
			b.Fatal(err)
		}
		took += time.Since(start)
		start = time.Now()
		insertBare(b, db, rows)
		bare += time.Since(start)
	}
	total := float64(b.N * n)
	b.ReportMetric(total/took.Seconds(), "rows/s")
	b.ReportMetric(total/bare.Seconds(), "bare-rows/s")
	b.ReportMetric(bare.Seconds()/took.Seconds(), "of-bare")
}

func insertBare(b *testing.B, db *sql.DB, rows []row.Row) {
	b.Helper()
	columns := dialect.Columns()
	tx, err := db.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	statement, err := tx.PrepareContext(b.Context(), "INSERT INTO bare_log ("+strings.Join(columns, ", ")+") VALUES (?"+
		strings.Repeat(", ?", len(columns)-1)+")")
	if err != nil {
		b.Fatal(err)
	}
	defer statement.Close()
	for i := range rows {
		if _, err := statement.ExecContext(b.Context(), generic.Args(nil, &rows[i])[:len(columns)]...); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// counts ignores what a store reports.
type counts struct{ store.Observer }

// Wrote implements [store.Observer].
func (counts) Wrote(context.Context, int, int, time.Duration) {}
