package activitylogexporter

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/rowtest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
)

// BenchmarkMySQL measures rows per second through the exporter's consume function,
// committed, against LOAD DATA LOCAL of bytes that lie ready in memory and of rows
// that are all new, into the same schema with the same batches, one after the
// other in one run.
func BenchmarkMySQL(b *testing.B) {
	server := mariatest.Start(b)
	_ = rawLoad(b, server.DSN(), 1) // whoever is first on a new server pays for files that grow
	for _, c := range []struct {
		name    string
		workers int
		old     func(batch []row.Row) []row.Row // those that are in the table before
		change  func(*Config)
	}{
		{name: "new", workers: 1},
		{name: "new, 4 connections", workers: 4},
		{name: "replay", workers: 1, old: func(batch []row.Row) []row.Row { return batch }},
		{name: "one old row", workers: 1, old: func(batch []row.Row) []row.Row { return batch[batchRows/2:][:1] }},
		{name: "half old", workers: 1, old: everySecond},
		{name: "new, bulk insert", workers: 1, change: func(cfg *Config) { cfg.Bulk = bulkInsert }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var ours, raw time.Duration
			for b.Loop() {
				b.StopTimer()
				all := fresh(2 * batches)
				resetMySQL(b, server.DSN())
				var changes []func(*Config)
				if c.change != nil {
					changes = append(changes, c.change)
				}
				consume := synchronous(b, "mysql", server.DSN(), changes...).ConsumeLogs
				must(b, consume(b.Context(), rowtest.Logs(dialecttest.Rows(1))))
				signals := make([]plog.Logs, len(all))
				for i := range all {
					signals[i] = rowtest.Logs(all[i])
					if c.old != nil {
						must(b, consume(b.Context(), rowtest.Logs(c.old(all[i]))))
					}
				}
				b.StartTimer()
				ours += parallel(b, c.workers, len(all), func(int) func(int) error {
					return func(i int) error { return consume(b.Context(), signals[i]) }
				})
				b.StopTimer()
				raw += rawLoad(b, server.DSN(), c.workers)
				b.StartTimer()
			}
			report(b, 2*batches*batchRows, ours, raw)
		})
	}
}

// rawLoad is LOAD DATA LOCAL into the table that the exporter makes.
func rawLoad(b *testing.B, dsn string, workers int) time.Duration {
	b.Helper()
	resetMySQL(b, dsn)
	must(b, synchronous(b, "mysql", dsn).ConsumeLogs(b.Context(), rowtest.Logs(dialecttest.Rows(1))))
	all := fresh(2 * batches)
	ready := make([][]byte, len(all))
	for i := range all {
		ready[i] = readyLoad(all[i])
	}
	db := openMySQL(b, dsn)
	defer db.Close()
	return parallel(b, workers, len(all), func(worker int) func(int) error {
		conn, err := db.Conn(b.Context())
		must(b, err)
		b.Cleanup(func() { _ = conn.Close() })
		return func(i int) error { return loadReady(b.Context(), conn, fmt.Sprintf("raw-%d", worker), ready[i]) }
	})
}

// loadReady loads a batch of rows that are bytes already. name is that of a reader, one for each connection.
func loadReady(ctx context.Context, conn *sql.Conn, name string, ready []byte) error {
	mysql.RegisterReaderHandler(name, func() io.Reader { return bytes.NewReader(ready) })
	defer mysql.DeregisterReaderHandler(name)
	result, err := conn.ExecContext(ctx, "LOAD DATA LOCAL INFILE 'Reader::"+name+"' INTO TABLE activity_log CHARACTER SET utf8mb4 ("+
		strings.Join(dialect.Columns(), ", ")+")")
	if err != nil {
		return err
	}
	if n, _ := result.RowsAffected(); n != batchRows {
		return fmt.Errorf("%d rows arrived", n)
	}
	return nil
}

// readyLoad are rows as LOAD DATA reads them by default: they contain nothing that
// needs an option.
func readyLoad(rows []row.Row) []byte {
	var buf bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&buf, "%s\t%s", rows[i].ID, rows[i].ID.Time().Format("2006-01-02 15:04:05.000000"))
		for _, text := range rows[i].Text {
			if text == "" {
				text = `\N`
			}
			buf.WriteString("\t" + text)
		}
		buf.WriteByte('\n')
	}
	return buf.Bytes()
}

func openMySQL(b *testing.B, dsn string) *sql.DB {
	b.Helper()
	full, err := dialect.MySQL{}.DSN(dsn)
	must(b, err)
	db, err := sql.Open("mysql", full)
	must(b, err)
	return db
}

func resetMySQL(b *testing.B, dsn string) {
	b.Helper()
	db := openMySQL(b, dsn)
	defer db.Close()
	for _, table := range []string{"activity_log", "activity_log_dead_letter", "activity_log_schema", "activity_log_counts", "activity_log_counts_state"} {
		_, err := db.ExecContext(context.Background(), "DROP TABLE IF EXISTS "+table)
		must(b, err)
	}
}
