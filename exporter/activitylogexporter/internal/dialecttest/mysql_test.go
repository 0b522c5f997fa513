package dialecttest_test

import (
	"database/sql"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
)

// TestMySQL is also for servers between us and the database that know no LOAD
// DATA. The large batch has a row of 40 MB, more than a packet is by default.
func TestMySQL(t *testing.T) {
	t.Parallel()
	server := mariatest.Start(t, "--max-allowed-packet=128M")
	t.Run("load", func(t *testing.T) { dialecttest.Run(t, mysqlHarness(server)) })
	t.Run("insert", func(t *testing.T) {
		h := mysqlHarness(server)
		h.Config = func(cfg *store.Config) { cfg.InsertOnly = true }
		dialecttest.Run(t, h)
	})
}

// TestMySQLWithoutLocal is a server that does not allow LOAD DATA LOCAL, as
// MySQL 8 by default. It has no strict mode either, which is to make no difference.
func TestMySQLWithoutLocal(t *testing.T) {
	t.Parallel()
	dialecttest.Run(t, mysqlHarness(mariatest.Start(t, "--local-infile=0", "--sql-mode=", "--max-allowed-packet=128M")))
}

var mysqlNames atomic.Int32

func mysqlHarness(server *mariatest.Server) dialecttest.Harness {
	return dialecttest.Harness{
		Dialect: dialect.MySQL{},
		New: func(t *testing.T) string {
			name := fmt.Sprintf("test%d", mysqlNames.Add(1))
			mysqlExecute(t, server.DSN(), "CREATE DATABASE "+name)
			return strings.Replace(server.DSN(), "/activity", "/"+name, 1)
		},
		Refuse:    `ALTER TABLE activity_log ADD CONSTRAINT refuse CHECK (actor_id <> 'refused')`,
		Repair:    `ALTER TABLE activity_log DROP CONSTRAINT refuse`,
		RefuseAll: `ALTER TABLE activity_log ADD CONSTRAINT refuse_all CHECK (event_id = '')`,
		RepairAll: `ALTER TABLE activity_log DROP CONSTRAINT refuse_all`,
		InsertOnly: func(t *testing.T, dsn string) string {
			name := fmt.Sprintf("inserter%d", mysqlNames.Add(1))
			account := name + "@'127.0.0.1'"
			mysqlExecute(t, dsn, "CREATE USER "+account+" IDENTIFIED BY '"+mariatest.Password+"'",
				"GRANT INSERT, SELECT (event_id) ON activity_log TO "+account,
				"GRANT INSERT, SELECT (event_id) ON activity_log_dead_letter TO "+account,
				"GRANT CREATE TEMPORARY TABLES ON * TO "+account)
			return strings.Replace(dsn, "activity:", name+":", 1)
		},
		Server:  server.Address(),
		Through: func(dsn, proxy string) string { return strings.Replace(dsn, server.Address(), proxy, 1) },
		Restart: func() { server.Kill(); server.Start() },
	}
}

func mysqlExecute(t *testing.T, dsn string, statements ...string) {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
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
