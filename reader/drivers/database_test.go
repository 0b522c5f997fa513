package drivers_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/otelactivity/activitylog/internal/schematest"
	"github.com/otelactivity/activitylog/internal/testserver/clickhousetest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
)

// database is a database with the exporter's tables, on a server that ends with the test.
type database struct {
	driver   string // of package drivers
	schema   string // which migrations: see ddl
	dsn      string
	password string // in the DSN; "" if it has none

	writer    *sql.DB // writes
	writerDSN string
	table     string // where it does
}

// databases start each database. The name is that of the subtest.
var databases = map[string]func(*testing.T) *database{
	"SQLite":              sqlite,
	"PostgreSQL":          func(t *testing.T) *database { return postgres(t, "postgres") },
	"PostgreSQL_by_month": func(t *testing.T) *database { return postgres(t, "postgres_by_month") },
	"MariaDB":             mariadb,
	"ClickHouse":          clickhouse,
}

// each runs a test on all databases, with the table empty.
func each(t *testing.T, test func(*testing.T, *database)) {
	for name, start := range databases {
		t.Run(name, func(t *testing.T) {
			db := start(t)
			db.create(t)
			test(t, db)
		})
	}
}

func sqlite(t *testing.T) *database {
	path := filepath.Join(t.TempDir(), "100% of?#.db")
	dsn := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	db := &database{driver: "sqlite", schema: "sqlite", dsn: dsn, table: "activity_log"}
	return db.open(t, "sqlite", dsn+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
}

func postgres(t *testing.T, schema string) *database {
	dsn := pgtest.Start(t).DSN()
	db := &database{driver: "postgres", schema: schema, dsn: dsn, password: pgtest.Password, table: "activity_log"}
	return db.open(t, "pgx", dsn)
}

func mariadb(t *testing.T) *database {
	dsn := mariatest.Start(t).DSN()
	db := &database{driver: "mariadb", schema: "mysql", dsn: dsn, password: mariatest.Password, table: "activity_log"}
	return db.open(t, "mysql", dsn+"?interpolateParams=true&maxAllowedPacket=0&sql_mode='ANSI_QUOTES,STRICT_ALL_TABLES'&time_zone='%2B00:00'")
}

func clickhouse(t *testing.T) *database {
	db := &database{driver: "clickhouse", schema: "clickhouse", dsn: clickhousetest.Start(t).DSN("default"), table: "activity_log_store"}
	return db.open(t, "clickhouse", db.dsn)
}

// open opens the connections that write.
func (db *database) open(t *testing.T, driver, dsn string) *database {
	t.Helper()
	writer, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	if driver == "sqlite" {
		writer.SetMaxOpenConns(1)
	}
	t.Cleanup(func() { _ = writer.Close() })
	_ = mysql.SetLogger(&mysql.NopLogger{})
	db.writer, db.writerDSN = writer, dsn
	return db
}

// create creates the tables.
func (db *database) create(t *testing.T) {
	t.Helper()
	if err := schematest.Create(t.Context(), db.writer, db.schema); err != nil {
		t.Fatal(err)
	}
	if db.schema == "postgres_by_month" { // the default partition has the other rows
		for _, month := range []string{"2026-10-01", "2026-11-01"} {
			begin, _ := time.Parse(time.DateOnly, month)
			db.exec(t, `CREATE TABLE activity_log_p`+begin.Format("20060102")+` PARTITION OF activity_log FOR VALUES FROM ('`+month+
				` 00:00:00+00') TO ('`+begin.AddDate(0, 1, 0).Format(time.DateOnly)+` 00:00:00+00')`)
		}
	}
}

func (db *database) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := db.writer.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%.300s: %v", statement, err)
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

// empty deletes all rows.
func (db *database) empty(t *testing.T) {
	t.Helper()
	if db.driver == "clickhouse" {
		db.exec(t, "TRUNCATE TABLE activity_log_store")
		return
	}
	db.exec(t, "DELETE FROM activity_log")
}
