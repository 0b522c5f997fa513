package dialecttest_test

import (
	"os"
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

func TestSQLiteCounted(t *testing.T) {
	t.Parallel()
	dialecttest.RunCounted(t, sqliteHarness())
}

func TestMariaDBCounted(t *testing.T) {
	t.Parallel()
	dialecttest.RunCounted(t, mysqlHarness(mariatest.Start(t)))
}

func TestPostgresCounted(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	dialecttest.RunCounted(t, h)
	if os.Getenv("ACTIVITYLOG_SCALE") != "full" {
		return
	}
	h.Config = func(cfg *store.Config) { cfg.InsertOnly = true }
	t.Run("by statements", func(t *testing.T) {
		dialecttest.RunCounted(t, h)
	})
}

func TestPostgresPartitionedCounted(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	h.Dialect = dialect.Postgres{Partition: dialect.PartitionMonth}
	dialecttest.RunCounted(t, h)
}

// Counts may be turned on while a partition is dropped that had none. So the drop locks
// them, and replaces what they have of its time, also while they are off.
func TestPostgresDropsWithCounts(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	h.Dialect = dialect.Postgres{Partition: dialect.PartitionMonth}
	dialecttest.DropsWithCounts(t, h)
}
