package outboxtest

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/otelactivity/activitylog/instrument/outbox"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// forEach runs a benchmark on each database, with an outbox and a table of articles.
func forEach(b *testing.B, bench func(*testing.B, database, *outbox.Outbox)) {
	b.Helper()
	for name, d := range map[string]database{
		"PostgreSQL": {dialect: outbox.PostgreSQL, driver: "pgx", dsn: pgtest.Start(b).DSN()},
		"MariaDB":    {dialect: outbox.MySQL, driver: "mysql", dsn: mariatest.Start(b).DSN()},
		"SQLite": {dialect: outbox.SQLite, driver: "sqlite", dsn: "file:" + filepath.Join(b.TempDir(), "shop.db") +
			"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_txlock=immediate"},
	} {
		b.Run(name, func(b *testing.B) {
			box := outbox.New(d.dialect)
			db := d.open(b)
			exec(b, db, box.Schema())
			exec(b, db, "CREATE TABLE IF NOT EXISTS articles (id VARCHAR(36))") // -count runs this again
			bench(b, d, box)
		})
	}
}

// BenchmarkTransaction inserts one row in a transaction, with and without an activity.
func BenchmarkTransaction(b *testing.B) {
	forEach(b, func(b *testing.B, d database, box *outbox.Outbox) {
		for _, name := range []string{"plain", "recorded"} {
			b.Run(name, func(b *testing.B) {
				db, ctx := d.open(b), context.Background()
				for b.Loop() {
					tx, err := db.BeginTx(ctx, nil)
					if err != nil {
						b.Fatal(err)
					}
					if _, err := tx.ExecContext(ctx, "INSERT INTO articles (id) VALUES ('1')"); err != nil {
						b.Fatal(err)
					}
					if name == "recorded" {
						if _, err := box.Record(ctx, tx, update("1")); err != nil {
							b.Fatal(err)
						}
					}
					if err := tx.Commit(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

// BenchmarkRelay sends to an exporter that takes no time.
func BenchmarkRelay(b *testing.B) {
	forEach(b, func(b *testing.B, d database, box *outbox.Outbox) {
		db, ctx := d.open(b), context.Background()
		const rows = 5000
		for b.Loop() {
			b.StopTimer()
			tx, err := db.BeginTx(ctx, nil)
			if err != nil {
				b.Fatal(err)
			}
			for range rows {
				if _, err := box.Record(ctx, tx, update("1")); err != nil {
					b.Fatal(err)
				}
			}
			if err := tx.Commit(); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			if err := outbox.NewRelay(box, db, &exporter{}).Flush(ctx); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
