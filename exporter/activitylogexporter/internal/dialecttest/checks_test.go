package dialecttest_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// noted keeps what is logged for an operator.
type noted struct {
	observed
	sentences []string
}

func (n *noted) Noted(_ context.Context, sentence string, _ error) {
	n.sentences = append(n.sentences, sentence)
}

func openWith(t *testing.T, d dialect.Dialect, dsn string, create bool) (*store.Store, *noted) {
	t.Helper()
	seen := &noted{}
	s, err := store.Open(store.Config{Dialect: d, DSN: dsn, Table: "activity_log", CreateSchema: create}, seen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, seen
}

// refuses checks that a store does not start, and that the error has each word.
func refuses(t *testing.T, s *store.Store, words ...string) {
	t.Helper()
	err := s.Prepare(t.Context())
	if err == nil {
		t.Fatalf("prepare: no error, want one with %q", words)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("prepare: got %q, want %q in it", err, word)
		}
	}
}

// A database that cannot hold each character, and a connection that would change
// them, are refused at the start with what to do.
func TestPostgresEncodings(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	execute(t, server.DSN(), "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
	s, _ := openWith(t, dialect.Postgres{}, strings.Replace(server.DSN(), "/postgres?", "/latin?", 1), true)
	refuses(t, s, "server_encoding", "LATIN1", "CREATE DATABASE", "UTF8")
	s, _ = openWith(t, dialect.Postgres{}, server.DSN()+"&client_encoding=LATIN1", true)
	refuses(t, s, "client_encoding", "LATIN1", "dsn")
	// What the account has for a default does not matter.
	execute(t, server.DSN(), "ALTER ROLE activity SET client_encoding = 'LATIN1'")
	s, _ = openWith(t, dialect.Postgres{}, server.DSN(), true)
	rows := dialecttest.Rows(1)
	rows[0].Text[row.ActorName] = "Jürgen 🙂"
	if err := s.Write(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	if n := count(t, server.DSN()+"&client_encoding=UTF8", "activity_log WHERE actor_name = 'Jürgen 🙂'"); n != 1 {
		t.Error("the name came out otherwise")
	}
}

// Types that would change values are refused; those that a statement converts are
// written by statements.
func TestPostgresColumnTypes(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	harness := postgresHarness(server)
	for name, c := range map[string]struct {
		change  string
		refused []string // words of the error; none: rows are written
		noted   string
	}{
		"integer":      {`DROP VIEW activity_log_logins, activity_log_object_history, activity_log_daily, activity_log_objects; ALTER TABLE activity_log ALTER object_id TYPE integer USING NULL`, []string{"object_id", "integer", "text"}, ""},
		"without zone": {`DROP VIEW activity_log_logins, activity_log_object_history, activity_log_daily, activity_log_objects; ALTER TABLE activity_log ALTER action_time TYPE timestamp`, []string{"action_time", "without time zone"}, ""},
		"no column":    {`ALTER TABLE activity_log DROP session_id CASCADE`, []string{"no column session_id"}, ""},
		"json":         {`ALTER TABLE activity_log ALTER data DROP DEFAULT, ALTER data TYPE json`, nil, "data (json"},
		"varchar":      {`ALTER TABLE activity_log ALTER tenant_id TYPE varchar(50)`, nil, ""},
		"newer":        {`INSERT INTO activity_log_schema (version_id, is_applied) VALUES (99, true)`, nil, "version 99"},
		"dropped":      {`DROP TABLE activity_log CASCADE`, []string{"activity_log does not exist", "activity_log_schema", "dropped", "backup"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := harness.New(t)
			first, _ := openWith(t, dialect.Postgres{}, dsn, true)
			if err := first.Prepare(t.Context()); err != nil {
				t.Fatal(err)
			}
			if name == "json" || name == "varchar" { // views depend on the columns
				execute(t, dsn, "DROP VIEW IF EXISTS activity_log_logins, activity_log_object_history, activity_log_daily, activity_log_objects",
					"DROP INDEX activity_log_objects_idx, activity_log_with_objects_idx")
			}
			execute(t, dsn, strings.Split(c.change, "; ")...)
			s, seen := openWith(t, dialect.Postgres{}, dsn, true)
			if c.refused != nil {
				refuses(t, s, c.refused...)
				return
			}
			rows := dialecttest.Rows(20)
			for range 2 {
				if err := s.Write(t.Context(), append([]row.Row(nil), rows...)); err != nil {
					t.Fatal(err)
				}
			}
			if n := count(t, dsn, "activity_log WHERE data::text LIKE '%changes%'"); n != 20 {
				t.Errorf("%d rows, want 20", n)
			}
			if !strings.Contains(strings.Join(seen.sentences, "\n"), c.noted) {
				t.Errorf("the log says %q, want %q in it", seen.sentences, c.noted)
			}
		})
	}
}

// The message of a table that is dropped while the collector runs says what to do, too.
func TestPostgresTableDroppedLater(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	s, _ := openWith(t, dialect.Postgres{}, server.DSN(), true)
	if err := s.Write(t.Context(), dialecttest.Rows(1)); err != nil {
		t.Fatal(err)
	}
	execute(t, server.DSN(), "DROP TABLE activity_log CASCADE")
	var err error
	for range 3 {
		err = s.Write(t.Context(), dialecttest.Rows(1))
	}
	if err == nil || !strings.Contains(err.Error(), "it was dropped or renamed") {
		t.Errorf("write: got %v", err)
	}
	execute(t, server.DSN(), "DROP TABLE activity_log_schema")
	if err := s.Write(t.Context(), dialecttest.Rows(1)); err != nil {
		t.Errorf("write after the version table was dropped as well: %v", err)
	}
}

func TestMySQLColumnTypes(t *testing.T) {
	t.Parallel()
	harness := mysqlHarness(mariatest.Start(t))
	dsn := harness.New(t)
	s, _ := openWith(t, dialect.MySQL{}, dsn, true)
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	mysqlExecute(t, dsn, "ALTER TABLE activity_log MODIFY object_id INT")
	s, _ = openWith(t, dialect.MySQL{}, dsn, true)
	refuses(t, s, "object_id", "int", "varchar(255)")
	mysqlExecute(t, dsn, "DROP TABLE activity_log")
	s, _ = openWith(t, dialect.MySQL{}, dsn, true)
	refuses(t, s, "activity_log does not exist", "activity_log_schema")
}

func TestSQLiteColumnTypes(t *testing.T) {
	t.Parallel()
	for kind, fits := range map[string]bool{"TEXT": true, "VARCHAR(20)": true, "": true, "INTEGER": false, "NUMERIC": false, "REAL": false} {
		file := "file:" + filepath.Join(t.TempDir(), "activity.db")
		s, _ := openWith(t, dialect.SQLite{}, file, true)
		if err := s.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
		sqliteExecute(t, file, "DROP VIEW activity_log_object_history", "DROP VIEW activity_log_daily", "DROP VIEW activity_log_logins",
			"DROP VIEW activity_log_objects", "DROP INDEX activity_log_object_idx", "ALTER TABLE activity_log DROP COLUMN object_id", "ALTER TABLE activity_log ADD COLUMN object_id "+kind)
		s, _ = openWith(t, dialect.SQLite{}, file, true)
		if !fits { // "007" would become 7
			refuses(t, s, "object_id", kind, "TEXT")
		} else if err := s.Prepare(t.Context()); err != nil {
			t.Errorf("%q: %v", kind, err)
		}
	}
}
