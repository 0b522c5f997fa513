package drivers_test

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/sqldsntest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
)

// readOnly tries to write on the connections of a reader.
func readOnly(t *testing.T, db *database, r *reader.Reader, rows []reader.Row) {
	conn, _, err := drivers.OpenDB(db.driver, db.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{
		"INSERT INTO " + db.table + " (event_id, action_time, action_type, status, source) VALUES ('01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a', '2026-11-01 00:00:00', 'Read', 'Success', 'declared')",
		map[bool]string{true: "TRUNCATE TABLE activity_log_store", false: "DELETE FROM activity_log"}[db.driver == "clickhouse"],
		map[bool]string{true: "UPDATE activity_log SET remarks = 'changed'", false: "DROP TABLE activity_log_store"}[db.driver != "clickhouse"],
	} {
		if _, err := conn.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s: no error", statement)
		} else if text := strings.ToLower(err.Error()); !strings.Contains(text, "read-only") && !strings.Contains(text, "readonly") && !strings.Contains(text, "read only") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	counts, err := r.Count(t.Context(), reader.Query{}, reader.By{})
	if err != nil || counts.Groups[0].Rows != int64(len(rows)) {
		t.Errorf("got %+v, %v, want %d rows", counts, err, len(rows))
	}
}

// failures are errors of [drivers.Open]; the last ones leave the database without a table.
func failures(t *testing.T, db *database) {
	open := func(dsn string, want error, texts ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		r, err := drivers.Open(ctx, db.driver, dsn)
		if err == nil {
			_ = r.Close()
			t.Errorf("no error, want one with %q", texts)
			return
		}
		if want != nil && !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
		for _, text := range texts {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("got %v, want an error with %q", err, text)
			}
		}
		if db.password != "" && strings.Contains(err.Error(), db.password) || strings.Contains(err.Error(), sqldsntest.Password) {
			t.Errorf("the error has the password: %v", err)
		}
	}
	if db.password != "" {
		open(strings.Replace(db.dsn, db.password, sqldsntest.Password, 1), nil, "activity_log")
		_, rest, _ := strings.Cut(db.dsn, "127.0.0.1:")
		port := rest[:strings.IndexAny(rest, "/)")]
		_, free, _ := strings.Cut(testserver.FreeAddr(t), ":")
		open(strings.Replace(db.dsn, ":"+port, ":"+free, 1), nil, "refused")
	}
	if db.driver == "sqlite" {
		open(filepath.Join(t.TempDir(), "none.db"), nil, "none.db", "does not exist", "collector")
		open(":memory:", drivers.ErrDSN, "must be a file")
		open("sqlite:a.db", drivers.ErrDSN, `"file:activity.db"`)
		folder := t.TempDir()
		text := filepath.Join(folder, "text.db")
		if err := os.WriteFile(text, []byte(strings.Repeat("text", 1000)), 0o600); err != nil {
			t.Fatal(err)
		}
		open(text, nil, "not a database", text+" is not a file of SQLite")
		open("file:"+folder, nil, folder+" is a folder")
		t.Chdir(folder)
		open("none.db", fs.ErrNotExist, "the file "+filepath.Join(folder, "none.db"))
	}
	if db.driver != "clickhouse" {
		views := []string{"activity_log_daily", "activity_log_logins", "activity_log_object_history", "activity_log_objects"}
		for _, view := range views {
			db.exec(t, "DROP VIEW "+view)
		}
		db.exec(t, "ALTER TABLE activity_log DROP COLUMN user_agent")
		open(db.dsn, reader.ErrOldSchema, "user_agent", "no version", "start a collector")
		db.exec(t, "CREATE TABLE activity_log_schema (version_id bigint)")
		db.exec(t, "INSERT INTO activity_log_schema VALUES (0), (3)")
		open(db.dsn, reader.ErrOldSchema, "schema version 3")
		db.exec(t, "DROP TABLE activity_log")
	} else {
		db.exec(t, "CREATE TABLE activity_log_schema (version_id Int64) ENGINE = Memory")
		db.exec(t, "INSERT INTO activity_log_schema VALUES (3)")
		db.exec(t, "DROP TABLE activity_log")
	}
	open(db.dsn, reader.ErrNoTable, "activity_log_schema says that it was created", "restore it")
	db.exec(t, "DROP TABLE activity_log_schema")
	open(db.dsn, reader.ErrNoTable, "activity_log", "start the collector")
}

// TestDSN opens what the exporter takes, and refuses what it refuses.
func TestDSN(t *testing.T) {
	for _, c := range sqldsntest.Cases {
		if c.Driver == "sqlite" && c.OK {
			continue // files that do not exist
		}
		db, _, err := drivers.OpenDB(c.Driver, c.DSN)
		if db != nil {
			_ = db.Close()
		}
		if (err == nil) != c.OK {
			t.Errorf("%s: got %v, want no error: %v", c.DSN, err, c.OK)
		}
		if err != nil && strings.Contains(err.Error(), sqldsntest.Password) {
			t.Errorf("%s: the error has the password: %v", c.DSN, err)
		}
	}
	for driver, dsn := range map[string]string{"": "s3cret", "oracle": "s3cret", "clickhouse": "s3cret", "mysql": "u:s3cret@tcp(h:3306)/"} {
		if _, _, err := drivers.OpenDB(driver, dsn); !errors.Is(err, drivers.ErrDSN) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s, %s: got %v", driver, dsn, err)
		}
	}
	if db, kind, err := drivers.OpenDB("", "clickhouse://u:p@h/db?dial_timeout=1s"); err != nil || kind != reader.ClickHouse {
		t.Errorf("got %s, %v", kind, err)
	} else {
		_ = db.Close()
	}
	if got := strings.Join(drivers.Drivers(), " "); got != "clickhouse mariadb mysql postgres sqlite" {
		t.Errorf("drivers: %s", got)
	}
}

// TestFailoverDSN: the data source name of a collector whose database fails over reads from the
// primary, although the reader's own connections are read-only.
func TestFailoverDSN(t *testing.T) {
	primary := pgtest.Start(t)
	standby := primary.Standby()
	hosts := func(dsn string) string {
		u, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		return u.Host
	}
	both := strings.Replace(primary.DSN(), hosts(primary.DSN()), hosts(standby.DSN())+","+hosts(primary.DSN()), 1) + "&target_session_attrs=read-write"
	for _, dsn := range []string{both, primary.DSN() + "&target_session_attrs=read-write"} {
		db, _, err := drivers.OpenDB("postgres", dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var standby bool
		var readOnly string
		err = db.QueryRowContext(t.Context(), "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')").Scan(&standby, &readOnly)
		if err != nil || standby || readOnly != "on" {
			t.Errorf("got the standby: %v, read-only: %q, %v; want the primary, read-only", standby, readOnly, err)
		}
	}
}

// TestPgBouncer: the error says what to do.
func TestPgBouncer(t *testing.T) {
	server := pgtest.Start(t)
	r, err := drivers.Open(t.Context(), "postgres", server.Pooler(t).DSN())
	if err == nil {
		_ = r.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "ignore_startup_parameters") || strings.Contains(err.Error(), pgtest.Password) {
		t.Errorf("got %v", err)
	}
}
