package chdbtest_test

import (
	"database/sql"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/chdbtest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
)

func TestMain(m *testing.M) {
	chdbtest.Serve()
	dialecttest.Child(dialect.ClickHouse{})
	goleak.VerifyTestMain(m)
}

func TestClickHouse(t *testing.T) {
	server := chdbtest.Start(t)
	var databases atomic.Int32
	dialecttest.Run(t, dialecttest.Harness{
		Dialect: dialect.ClickHouse{},
		New: func(t *testing.T) string {
			name := fmt.Sprintf("test%d", databases.Add(1))
			execute(t, server.DSN("default"), "CREATE DATABASE "+name)
			return server.DSN(name)
		},
		Refuse: `ALTER TABLE activity_log_store ADD CONSTRAINT refuse CHECK actor_id IS NULL OR actor_id <> 'refused'`,
		Repair: `ALTER TABLE activity_log_store DROP CONSTRAINT refuse`,
		InsertOnly: func(_ *testing.T, dsn string) string {
			return strings.Replace(dsn, "http://", "http://"+chdbtest.Inserter+"@", 1)
		},
		Server:  server.Address(),
		Through: func(dsn, address string) string { return strings.Replace(dsn, server.Address(), address, 1) },
		Restart: func() { server.Kill(); server.Start() },
	})
}

func execute(t testing.TB, dsn string, statements ...string) {
	t.Helper()
	db, err := sql.Open("clickhouse", dsn)
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
