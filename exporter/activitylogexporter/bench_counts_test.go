package activitylogexporter

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/rowtest"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// BenchmarkCounts measures rows per second, committed, with counts and without, in turns
// within one run. "ratio" is the first by the second. Each batch has rows of five services,
// three tenants, five actions and both statuses, within milliseconds: 150 keys.
func BenchmarkCounts(b *testing.B) {
	b.Run("postgres", func(b *testing.B) {
		server := pgtest.Start(b)
		for _, workers := range []int{1, 4} {
			countsRatio(b, workers, batchRows, "postgres", func() string {
				reset(b, server.DSN())
				checkpoint(b, server.DSN())
				return server.DSN()
			})
		}
		countsRatio(b, 4, 500, "postgres", func() string {
			reset(b, server.DSN())
			checkpoint(b, server.DSN())
			return server.DSN()
		})
	})
	b.Run("mariadb", func(b *testing.B) {
		server := mariatest.Start(b)
		_ = rawLoad(b, server.DSN(), 1)
		for _, workers := range []int{1, 4} {
			countsRatio(b, workers, batchRows, "mysql", func() string {
				resetMySQL(b, server.DSN())
				return server.DSN()
			})
		}
	})
	b.Run("sqlite", func(b *testing.B) {
		countsRatio(b, 1, batchRows, "sqlite", func() string { return "file:" + filepath.Join(b.TempDir(), "activity.db") })
	})
}

// countsRatio writes 100,000 rows a round with counts, and as many without.
func countsRatio(b *testing.B, workers, size int, driver string, empty func() string) {
	b.Run(fmt.Sprintf("%d by %d", workers, size), func(b *testing.B) {
		var with, without time.Duration
		for round := 0; b.Loop(); round++ {
			for turn := range 2 {
				counted := turn == round%2 // so that neither is always the second
				took := countedExport(b, workers, size, driver, empty(), counted)
				if counted {
					with += took
				} else {
					without += took
				}
			}
		}
		report(b, 2*batches*batchRows, with, without)
	})
}

func countedExport(b *testing.B, workers, size int, driver, dsn string, counted bool) time.Duration {
	b.Helper()
	consume := synchronous(b, driver, dsn, func(cfg *Config) { cfg.Counts = counted }).ConsumeLogs
	must(b, consume(b.Context(), rowtest.Logs(dialecttest.Rows(1))))
	var signals []plog.Logs
	for _, batch := range fresh(2 * batches) {
		vary(batch)
		for part := range slices.Chunk(batch, size) {
			signals = append(signals, rowtest.Logs(part))
		}
	}
	return parallel(b, workers, len(signals), func(int) func(int) error {
		return func(i int) error { return consume(b.Context(), signals[i]) }
	})
}

// vary gives rows different services, tenants, actions and statuses.
func vary(rows []row.Row) {
	for i := range rows {
		text := &rows[i].Text
		text[row.ServiceName] = []string{"blog", "shop", "users", "billing", "search"}[i%5]
		text[row.TenantID] = []string{"", "acme", "globex"}[i/5%3]
		text[row.ActionType] = []string{"Create", "Read", "Read", "Update", "Delete", "Login"}[i/15%6]
		text[row.Status] = []string{"Success", "Success", "Success", "Failed"}[i/90%4]
	}
}
