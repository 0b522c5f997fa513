package dialecttest_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/pgtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSQLite(t *testing.T) {
	dialecttest.Run(t, dialecttest.Harness{
		Dialect: dialect.SQLite{},
		New:     func(t *testing.T) string { return "file:" + filepath.Join(t.TempDir(), "activity.db") },
		Refuse: `CREATE TRIGGER refuse BEFORE INSERT ON activity_log WHEN new.actor_id = 'refused'
			BEGIN SELECT RAISE(ABORT, 'the test refuses this row'); END`,
	})
}

func TestPostgres(t *testing.T) {
	server := pgtest.Start(t)
	var databases atomic.Int32
	dialecttest.Run(t, dialecttest.Harness{
		Dialect: dialect.Postgres{},
		New: func(t *testing.T) string {
			name := fmt.Sprintf("test%d", databases.Add(1))
			db, err := sql.Open("pgx", server.DSN())
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
				t.Fatal(err)
			}
			return strings.Replace(server.DSN(), "/postgres?", "/"+name+"?", 1)
		},
		Refuse: `ALTER TABLE activity_log ADD CONSTRAINT refuse CHECK (actor_id <> 'refused')`,
	})
}
