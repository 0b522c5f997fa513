package activitylogexporter

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/rowtest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
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

// BenchmarkCountTriggers measures LOAD DATA of 10,000 rows a transaction into MariaDB, with
// nothing, with a trigger for each row that does nothing, with one that has the condition of ours
// alone, and with ours, in turns. The "of-none" ratios are rows per second against those without.
func BenchmarkCountTriggers(b *testing.B) {
	server := mariatest.Start(b)
	_ = rawLoad(b, server.DSN(), 1)
	resetMySQL(b, server.DSN())
	must(b, synchronous(b, "mysql", server.DSN()).ConsumeLogs(b.Context(), rowtest.Logs(dialecttest.Rows(1))))
	db := openMySQL(b, server.DSN())
	defer db.Close()
	conn, err := db.Conn(b.Context())
	must(b, err)
	defer conn.Close()
	do := func(statement string) {
		_, err := conn.ExecContext(b.Context(), statement)
		must(b, err)
	}
	do(dialect.MySQL{}.BeginCounted("activity_log"))
	const begin = "CREATE TRIGGER measured AFTER INSERT ON activity_log FOR EACH ROW "
	ways := []string{"none", "empty", "condition", "ours"}
	triggers := map[string]string{
		"empty": begin + "BEGIN END", "condition": begin + "BEGIN IF @activitylog_counted IS NULL THEN SET @other = 1; END IF; END", "ours": begin + ourTrigger(b),
	}
	took := map[string]time.Duration{}
	for round := 0; b.Loop(); round++ {
		for i := range ways {
			way := ways[(i+round)%len(ways)]
			do("TRUNCATE activity_log")
			do("DROP TRIGGER IF EXISTS measured")
			if trigger, ok := triggers[way]; ok {
				do(trigger)
			}
			for _, rows := range fresh(batches) {
				ready := readyLoad(rows)
				start := time.Now()
				must(b, loadReady(b.Context(), conn, "measured", ready))
				took[way] += time.Since(start)
			}
		}
	}
	for _, way := range ways[1:] {
		b.ReportMetric(took["none"].Seconds()/took[way].Seconds(), way+"-of-none")
	}
	b.ReportMetric(took["none"].Seconds()*1e6/float64(b.N*batches*batchRows), "µs/row-none")
	b.ReportMetric(0, "ns/op")
}

// ourTrigger is what the trigger for new rows does.
func ourTrigger(b *testing.B) string {
	b.Helper()
	for _, statement := range (dialect.MySQL{}).CountTriggers("activity_log") {
		if _, after, ok := strings.Cut(statement, " AFTER INSERT ON "); ok {
			_, does, _ := strings.Cut(after, " FOR EACH ROW ")
			return does
		}
	}
	b.Fatal("there is no trigger for new rows")
	return ""
}
