package dialecttest_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
)

func TestMain(m *testing.M) {
	dialecttest.Child(dialect.SQLite{}, dialect.MySQL{}, dialect.Postgres{},
		dialect.Postgres{Partition: dialect.PartitionMonth}, dialect.Postgres{Partition: dialect.PartitionDay},
		genericPostgres, genericPostgresTyped, genericSQLite)
	goleak.VerifyTestMain(m)
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	dialecttest.Run(t, sqliteHarness())
}

func sqliteHarness() dialecttest.Harness {
	return dialecttest.Harness{
		Dialect: dialect.SQLite{},
		New:     func(t *testing.T) string { return "file:" + filepath.Join(t.TempDir(), "activity.db") },
		Refuse: `CREATE TRIGGER refuse BEFORE INSERT ON activity_log WHEN new.actor_id = 'refused'
			BEGIN SELECT RAISE(ABORT, 'the test refuses this row'); END`,
		Repair: `DROP TRIGGER refuse`,
		RefuseAll: `CREATE TRIGGER refuse_all BEFORE INSERT ON activity_log
			BEGIN SELECT RAISE(ABORT, 'the test refuses each row'); END`,
		RepairAll: `DROP TRIGGER refuse_all`,
	}
}

func sqliteExecute(t *testing.T, dsn string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}
