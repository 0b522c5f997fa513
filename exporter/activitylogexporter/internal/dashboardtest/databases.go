package dashboardtest

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/chdbtest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// Databases are the folders of dashboards, and how to start a database for each.
var Databases = map[string]func(testing.TB) Database{
	"postgres": func(tb testing.TB) Database { return open(tb, dialect.Postgres{}, pgtest.Start(tb).DSN(), "") },
	"mysql": func(tb testing.TB) Database {
		// A server whose time is not UTC, and a session that does not say so
		// either, which is how Grafana opens it by default.
		dsn := mariatest.Start(tb, "--default-time-zone=+05:45").DSN()
		return open(tb, dialect.MySQL{}, dsn, dsn+"?parseTime=true&loc=UTC&collation=utf8mb4_unicode_ci")
	},
	"sqlite": func(tb testing.TB) Database {
		return open(tb, dialect.SQLite{}, "file:"+filepath.Join(tb.TempDir(), "activity.db"), "")
	},
	"clickhouse": func(tb testing.TB) Database {
		return open(tb, dialect.ClickHouse{}, chdbtest.Start(tb).DSN("default"), "")
	},
}

// Database is one with the exporter's schema.
type Database struct {
	Store *store.Store
	DB    *sql.DB // Grafana's connection
	DSN   string  // the exporter's
}

// open makes the schema, as the exporter does. reader is the DSN for Grafana, if
// it is another.
func open(tb testing.TB, d dialect.Dialect, dsn, reader string) Database {
	tb.Helper()
	s, err := store.Open(store.Config{Dialect: d, DSN: dsn, Table: "activity_log", CreateSchema: true, MaxIdleConns: 4}, nobody{})
	if err != nil {
		tb.Fatal(err)
	}
	if reader == "" {
		if reader, err = d.DSN(dsn); err != nil {
			tb.Fatal(err)
		}
	}
	db, err := sql.Open(d.Driver(), reader)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close(); _ = s.Close() })
	if err := s.Prepare(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return Database{s, db, dsn}
}

// Write writes a batch of rows as the exporter does.
func (d Database) Write(tb testing.TB, rows []row.Row) {
	tb.Helper()
	if err := d.Store.Write(tb.Context(), rows); err != nil {
		tb.Fatal(err)
	}
}

// Exec runs a statement.
func (d Database) Exec(tb testing.TB, statement string) {
	tb.Helper()
	if _, err := d.DB.ExecContext(tb.Context(), statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

// nobody observes a store.
type nobody struct{}

func (nobody) Wrote(context.Context, int, int, time.Duration)  {}
func (nobody) Accepted(context.Context, int, time.Duration)    {}
func (nobody) DeadLettered(context.Context, []store.Rejection) {}
func (nobody) Conflicting(context.Context, []*row.Row)         {}
func (nobody) Unsupported(context.Context, error)              {}
func (nobody) Did(context.Context, string)                     {}
func (nobody) Noted(context.Context, string, error)            {}
func (nobody) Expired(context.Context, int)                    {}
func (nobody) Dropped(context.Context, string)                 {}

// Optimize does at once what the database does by itself some time after an insert:
// it gathers statistics, and ClickHouse merges parts.
func (d Database) Optimize(tb testing.TB, name string) {
	tb.Helper()
	statement := map[string]string{
		"postgres": "VACUUM (ANALYZE) activity_log", "sqlite": "ANALYZE", "mysql": "ANALYZE TABLE activity_log",
		"clickhouse": "OPTIMIZE TABLE activity_log_store",
	}[name]
	if _, err := d.DB.ExecContext(tb.Context(), statement); err != nil {
		tb.Fatal(err)
	}
}
