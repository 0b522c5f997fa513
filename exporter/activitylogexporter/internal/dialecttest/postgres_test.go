package dialecttest_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

func TestPostgres(t *testing.T) {
	t.Parallel()
	dialecttest.Run(t, postgresHarness(pgtest.Start(t)))
}

func TestPostgresPartitioned(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	h.Dialect = dialect.Postgres{Partition: dialect.PartitionMonth}
	dialecttest.Run(t, h)
	h.Dialect = dialect.Postgres{Partition: dialect.PartitionDay}
	t.Run("day", func(t *testing.T) {
		dialecttest.RunRule(t, h, "partitions are made ahead and dropped whole")
		dialecttest.RunRule(t, h, "what is older than the retention goes")
	})
}

// TestPostgresInsert is for databases that speak the protocol but have neither
// COPY nor temporary tables.
func TestPostgresInsert(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	h.Config = func(cfg *store.Config) { cfg.InsertOnly = true }
	dialecttest.Run(t, h)
}

func postgresHarness(server *pgtest.Server) dialecttest.Harness {
	var databases atomic.Int32
	address, err := url.Parse(server.DSN())
	if err != nil {
		panic(err)
	}
	return dialecttest.Harness{
		Dialect: dialect.Postgres{},
		New: func(t *testing.T) string {
			name := fmt.Sprintf("test%d", databases.Add(1))
			execute(t, server.DSN(), "CREATE DATABASE "+name)
			return strings.Replace(server.DSN(), "/postgres?", "/"+name+"?", 1)
		},
		Refuse:    `ALTER TABLE activity_log ADD CONSTRAINT refuse CHECK (actor_id <> 'refused') NOT VALID`,
		Repair:    `ALTER TABLE activity_log DROP CONSTRAINT refuse`,
		RefuseAll: `ALTER TABLE activity_log ADD CONSTRAINT refuse_all CHECK (event_id IS NULL)`,
		RepairAll: `ALTER TABLE activity_log DROP CONSTRAINT refuse_all`,
		InsertOnly: func(t *testing.T, dsn string) string {
			role := fmt.Sprintf("inserter%d", databases.Add(1))
			execute(t, dsn, "CREATE ROLE "+role+" LOGIN PASSWORD '"+pgtest.Password+"'",
				"GRANT INSERT, SELECT (event_id, action_time) ON activity_log, activity_log_dead_letter TO "+role)
			return strings.Replace(dsn, "activity:", role+":", 1)
		},
		Server:  address.Host,
		Through: func(dsn, proxy string) string { return strings.Replace(dsn, address.Host, proxy, 1) },
		Restart: func() { server.Kill(); server.Start() },
	}
}

func execute(t *testing.T, dsn string, statements ...string) {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
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

// TestPostgresSerializable has what databases that know no other isolation do all
// the time: transactions that fail with 40001 because of another one.
func TestPostgresSerializable(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	h.Config = func(cfg *store.Config) { cfg.InsertOnly = true }
	database := h.New
	h.New = func(t *testing.T) string { return database(t) + "&default_transaction_isolation=serializable" }
	dialecttest.Contend(t, h)
}
