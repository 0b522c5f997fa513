package webtest_test

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/schematest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("os/exec.(*Cmd).watchCtx"), goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// database is a database with the exporter's tables, which ends with the test.
type database struct {
	driver string
	dsn    string
	writer *sql.DB
}

// databases start each database. The name is that of the subtest.
var databases = map[string]func(*testing.T) *database{"SQLite": sqlite, "PostgreSQL": postgres, "MariaDB": mariadb, "ClickHouse": clickhouse}

func sqlite(t *testing.T) *database {
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	return open(t, "sqlite", dsn, "sqlite", dsn+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
}

func postgres(t *testing.T) *database {
	dsn := pgtest.Start(t).DSN()
	return open(t, "postgres", dsn, "pgx", dsn)
}

func mariadb(t *testing.T) *database {
	dsn := mariatest.Start(t).DSN()
	return open(t, "mariadb", dsn, "mysql", dsn+"?interpolateParams=true&maxAllowedPacket=0&sql_mode='ANSI_QUOTES,STRICT_ALL_TABLES'&time_zone='%2B00:00'")
}

// open opens the connections that write, and creates the tables.
func open(t *testing.T, driver, dsn, sqlDriver, writerDSN string) *database {
	t.Helper()
	writer, err := sql.Open(sqlDriver, writerDSN)
	if err != nil {
		t.Fatal(err)
	}
	if driver == "sqlite" {
		writer.SetMaxOpenConns(1)
	}
	t.Cleanup(func() { _ = writer.Close() })
	schema := map[string]string{"mariadb": "mysql"}[driver]
	if err := schematest.Create(t.Context(), writer, cmp.Or(schema, driver)); err != nil {
		t.Fatal(err)
	}
	return &database{driver, dsn, writer}
}

// write writes rows, by way of the names in JSON.
func (db *database) write(t *testing.T, rows ...reader.Row) {
	t.Helper()
	var columns []string
	for _, c := range activity.Columns() {
		if c.Name != "recorded_at" {
			columns = append(columns, c.Name)
		}
	}
	values := make([][]any, len(rows))
	for i, r := range rows {
		text, _ := json.Marshal(r)
		var fields map[string]any
		_ = json.Unmarshal(text, &fields)
		fields["action_time"], fields["data"] = r.ActionTime.Format("2006-01-02 15:04:05.000000"), string(r.Data)
		if db.driver == "postgres" || db.driver == "clickhouse" {
			fields["action_time"] = r.ActionTime
		}
		for _, name := range columns {
			values[i] = append(values[i], fields[name])
		}
	}
	if db.driver == "clickhouse" {
		db.writeBlock(t, columns, values)
		return
	}
	for part := range slices.Chunk(values, 100) {
		var tuples []string
		var args []any
		for _, row := range part {
			var marks []string
			for _, value := range row {
				args = append(args, value)
				marks = append(marks, map[bool]string{true: fmt.Sprintf("$%d", len(args)), false: "?"}[db.driver == "postgres"])
			}
			tuples = append(tuples, "("+strings.Join(marks, ", ")+")")
		}
		insert := "INSERT INTO activity_log (" + strings.Join(columns, ", ") + ") VALUES " + strings.Join(tuples, ", ")
		if _, err := db.writer.ExecContext(t.Context(), insert, args...); err != nil {
			t.Fatal(err)
		}
	}
}

// reader opens the database for reading.
func (db *database) reader(t *testing.T) *reader.Reader {
	t.Helper()
	r, err := drivers.Open(t.Context(), db.driver, db.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}
