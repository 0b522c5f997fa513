package chdbtest_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/chdbtest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
)

// TestNative runs what of the conformance suite 18.16 can, by the native protocol: the
// guarantees when something goes wrong on the way. It has no constraints, and takes no
// dead letters, whose values are in the statement.
func TestNative(t *testing.T) {
	server := chdbtest.StartDebian(t)[0]
	var databases atomic.Int32
	harness := dialecttest.Harness{
		Dialect:    reduced{},
		Resolution: time.Second,
		New: func(t *testing.T) string {
			name := fmt.Sprintf("test%d", databases.Add(1))
			execute(t, server.DSN(), "CREATE DATABASE "+name)
			return strings.Replace(server.DSN(), "/default", "/"+name, 1)
		},
		Schema:  func(t *testing.T, dsn, _ string) { execute(t, dsn, single()...) },
		Server:  server.Address(),
		Through: func(dsn, address string) string { return strings.Replace(dsn, server.Address(), address, 1) },
		Restart: func() { server.Kill(); server.Start() },
	}
	for _, rule := range []string{
		"every column comes back as it was written",
		"numbers in data keep each digit",
		"a row that is there is neither doubled nor changed",
		"writers of the same rows leave each once",
		"a connection that is cut leaves nothing half done",
		"a database that says nothing holds nobody up",
		"on a slow line smaller parts get through",
		"a server that crashes has what it acknowledged",
		"a batch of any size is written whole",
	} {
		dialecttest.RunRule(t, harness, rule)
	}
}

// single has the tables of a single server, with the types of 18.16.
func single() []string {
	local := strings.Replace(strings.Replace(reducedSchema()[0], "CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1), "activity_log_local", "activity_log_store", 1)
	return []string{
		local,
		"CREATE VIEW IF NOT EXISTS activity_log AS SELECT * FROM activity_log_store FINAL",
		"CREATE TABLE IF NOT EXISTS activity_log_dead_letter_store (event_id UUID, reason String, record String, recorded_at DateTime DEFAULT now())" +
			" ENGINE = ReplacingMergeTree() ORDER BY event_id",
		"CREATE VIEW IF NOT EXISTS activity_log_dead_letter AS SELECT * FROM activity_log_dead_letter_store FINAL",
	}
}
