package guide_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// TestAccounts makes the accounts of the pages about PostgreSQL and evidence, and tries
// what they may do: a collector writes with its rights, an auditor can only read.
func TestAccounts(t *testing.T) {
	server := pgtest.Start(t)
	collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
	owner, err := sql.Open("pgx", server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	testserver.Eventually(t, 20*time.Second, func() bool {
		_, err := owner.ExecContext(t.Context(), "SELECT 1 FROM activity_log_counts_state LIMIT 1") // the last that it makes
		return err == nil
	}, "the collector makes the schema")

	_, err = owner.ExecContext(t.Context(), "CREATE ROLE collector LOGIN PASSWORD 'change-me'")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"docs/databases/postgres.md", "docs/audit/evidence.md"} {
		for _, statements := range blocks(contents(t, page), "sql") {
			_, err := owner.ExecContext(t.Context(), strings.ReplaceAll(statements, "…", "change-me"))
			if err != nil {
				t.Fatalf("%v: %v", statements, err)
			}
		}
	}
	const insert = `INSERT INTO activity_log (event_id, action_time, action_type, status, source)
		VALUES ('01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a', now(), 'Update', 'Success', 'declared') ON CONFLICT (event_id) DO NOTHING`
	collector := as(t, server.DSN(), "collector")
	_, err = collector.ExecContext(t.Context(), insert)
	if err != nil {
		t.Fatal(err)
	}
	_, err = collector.ExecContext(t.Context(), "SELECT remarks FROM activity_log")
	if err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Fatalf("got %v, want an error with %q", err, "permission denied")
	}

	auditor := as(t, server.DSN(), "auditor")
	for _, table := range []string{"activity_log", "activity_log_dead_letter", "activity_log_logins", "activity_log_object_history", "activity_log_objects", "activity_log_daily", "activity_log_counts", "activity_log_counts_state"} {
		_, err = auditor.ExecContext(t.Context(), "SELECT * FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, statement := range []string{insert, "UPDATE activity_log SET remarks = ''", "DELETE FROM activity_log"} {
		_, err = auditor.ExecContext(t.Context(), statement)
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Fatalf("%v: got %v, want an error with %q", statement, err, "permission denied")
		}
	}
}

// as connects as a role of the pages.
func as(t *testing.T, dsn, role string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", strings.Replace(dsn, "activity:"+pgtest.Password, role+":change-me", 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	})
	return db
}
