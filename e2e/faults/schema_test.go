package faults_test

import (
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// logs waits until the log of a collector has these words.
func logs(t *testing.T, c *collectortest.Collector, words ...string) {
	t.Helper()
	for _, word := range words {
		for deadline := time.Now().Add(20 * time.Second); !strings.Contains(c.Log(), word); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the log does not say %q", word)
			}
		}
	}
}

// TestEncodings has a database that cannot hold each character, and a connection
// that would change them. What was sent meanwhile is in the queue, and comes out
// as it was written once the DSN is right.
func TestEncodings(t *testing.T) {
	for name, c := range map[string]struct {
		dsn  func(dsn string) string
		says []string
	}{
		"LATIN1 database": {func(dsn string) string { return strings.Replace(dsn, "/postgres?", "/latin?", 1) }, []string{"server_encoding", "LATIN1", "CREATE DATABASE", "UTF8"}},
		"client_encoding": {func(dsn string) string { return dsn + "&client_encoding=LATIN1" }, []string{"client_encoding", "LATIN1"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := fault(t, inDatabase, "names with ü and 🙂, and PostgreSQL with "+name)
			server := pgtest.Start(t)
			db := load.Open(t, "pgx", server.DSN())
			execute(t, db, "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
			storage := t.TempDir()
			wrong := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: c.dsn(server.DSN()), Storage: storage})
			named := func(object, name string) load.List {
				return load.List{load.Text(activity.ActionTypeKey, "Update"), load.Text(activity.ObjectTypeKey, "article"),
					load.Text(activity.ObjectIDKey, object), load.Text(activity.ActorNameKey, name), load.Text("user_agent.original", name)}
			}
			mustPost(t, wrong, "logs", records(named("1", "Ann"), named("2", "Ann 🙂"), named("3", "Müller"), named("4", "Ann")))
			logs(t, wrong, c.says...)
			wrong.Stop()
			right := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN(), Storage: storage})
			o.Over()
			o.Count(expectRange(t, "pgx", server.DSN(), 1, 5))
			o.Say("the error at the start says what to do")
			if n := number(t, db, "SELECT count(*) FROM activity_log WHERE actor_name IN ('Ann 🙂', 'Müller') AND user_agent = actor_name"); n != 2 {
				t.Errorf("%d of 2 names came out as they were written", n)
			}
			right.Stop()
		})
	}
}

// TestSchemas has tables that somebody changed. The collector says what is wrong;
// rows wait until it is right, or are written where that changes no value.
func TestSchemas(t *testing.T) {
	const views = "DROP VIEW activity_log_logins, activity_log_object_history, activity_log_daily, activity_log_objects"
	const indexes = "DROP INDEX activity_log_objects_idx, activity_log_with_objects_idx"
	for name, c := range map[string]struct {
		wrong  []string // statements
		says   []string
		repair []string // statements; none: rows are written all the same
		create string
	}{
		"table dropped, version table left": {[]string{"DROP TABLE activity_log CASCADE"},
			[]string{"activity_log_schema", "it was dropped or renamed", "restore it from a backup"}, []string{"DROP TABLE activity_log_schema"}, "true"},
		"object_id is an integer": {[]string{views, "ALTER TABLE activity_log ALTER object_id TYPE integer USING NULL"},
			[]string{"the column object_id of activity_log has the type integer; it must be text"}, []string{"ALTER TABLE activity_log ALTER object_id TYPE text"}, "true"},
		"column missing": {[]string{"ALTER TABLE activity_log DROP session_id CASCADE"},
			[]string{"has no column session_id"}, []string{"ALTER TABLE activity_log ADD session_id text"}, "true"},
		"data is json": {[]string{views, indexes, "ALTER TABLE activity_log ALTER data DROP DEFAULT, ALTER data TYPE json"},
			[]string{"data (json instead of jsonb)", "inserted by statements"}, nil, "true"},
		"newer schema": {[]string{"INSERT INTO activity_log_schema (version_id, is_applied) VALUES (99, true)"},
			[]string{"is version 99 and this collector knows version"}, nil, "true"},
		"older schema": {[]string{"DELETE FROM activity_log_schema WHERE version_id > 1"},
			[]string{"is version 1 and this collector has version"}, nil, "false"},
	} {
		t.Run(name, func(t *testing.T) {
			o := fault(t, inDatabase, "changed by hand: "+name)
			server := pgtest.Start(t)
			db := load.Open(t, "pgx", server.DSN())
			first := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
			eventually(t, db, "SELECT count(*) FROM pg_views WHERE viewname = 'activity_log_objects'", 1, 20*time.Second) // the last that it makes
			first.Stop()
			execute(t, db, c.wrong...)
			col := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN(), Args: []string{setting("create_schema", c.create)}})
			mustPost(t, col, "logs", load.LogsRequest(1000, 1000))
			logs(t, col, c.says...)
			execute(t, db, c.repair...)
			o.Over()
			o.Count(expectRange(t, "pgx", server.DSN(), 1000, 2000))
			if c.repair != nil {
				o.Say("the error says what is wrong; rows wait until it is corrected")
			} else {
				o.Say("logged; rows are written")
			}
		})
	}
}

// TestTableDroppedWhileRunning: here too the log says what is wrong.
func TestTableDroppedWhileRunning(t *testing.T) {
	o := fault(t, inDatabase, "the table dropped while the collector runs, its version table left and then dropped too; counted is what came after")
	server := pgtest.Start(t)
	db := load.Open(t, "pgx", server.DSN())
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
	mustPost(t, c, "logs", load.LogsRequest(0, 1000))
	expectRange(t, "pgx", server.DSN(), 0, 1000)
	execute(t, db, "DROP TABLE activity_log CASCADE")
	mustPost(t, c, "logs", load.LogsRequest(1000, 1000))
	logs(t, c, "it was dropped or renamed")
	execute(t, db, "DROP TABLE activity_log_schema")
	o.Over()
	o.Count(expectRange(t, "pgx", server.DSN(), 1000, 2000))
}

// TestPasswordIsInNoLine has passwords that the database refuses and hosts that are
// not there, at the level debug.
func TestPasswordIsInNoLine(t *testing.T) {
	const password = "hunter2-the-secret"
	for name, dsn := range map[string]func() (driver, dsn string){
		"postgres": func() (string, string) {
			return "postgres", strings.Replace(pgtest.Start(t).DSN(), pgtest.Password, password, 1)
		},
		"mysql": func() (string, string) {
			return "mysql", strings.Replace(mariatest.Start(t).DSN(), mariatest.Password, password, 1)
		},
		"postgres, nobody listens": func() (string, string) { return "postgres", "postgres://u:" + password + "@127.0.0.1:1/db" },
		"mysql, nobody listens":    func() (string, string) { return "mysql", "u:" + password + "@tcp(127.0.0.1:1)/db" },
	} {
		t.Run(name, func(t *testing.T) {
			o := fault(t, inDatabase, "wrong password or address: "+name)
			driver, dsn := dsn()
			c := collectortest.Start(t, collectortest.Config{Driver: driver, DSN: dsn, Args: []string{"--set=service.telemetry.logs.level=debug"}})
			mustPost(t, c, "logs", load.LogsRequest(0, 10))
			logs(t, c, "The database is not ready")
			time.Sleep(time.Second)
			c.Stop()
			if strings.Contains(c.Log(), password) {
				t.Error("the log shows the password")
			}
			o.Say("records wait in the queue; the password is in no line of the log")
		})
	}
}
