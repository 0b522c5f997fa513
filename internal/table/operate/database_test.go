package operate_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
	"github.com/otelactivity/activitylog/internal/testserver/clickhousetest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a database server, which has a new database for each test.
type server struct {
	driver    string
	dialect   dialect.Dialect // of the exporter
	partition string
	password  string
	create    func(t *testing.T) (dsn string)

	// refuse makes the table reject rows whose actor_id is "refused", and repair ends
	// that. old makes rows, or dead letters, as old as they say.
	refuse, repair, old string
}

var names atomic.Int32

func newName() string { return fmt.Sprintf("test%d", names.Add(1)) }

// servers start each kind of server.
var servers = map[string]func(t *testing.T) *server{
	"SQLite":              func(*testing.T) *server { return sqliteServer() },
	"PostgreSQL":          func(t *testing.T) *server { return postgresServer(t, dialect.PartitionNone) },
	"PostgreSQL_by_month": func(t *testing.T) *server { return postgresServer(t, dialect.PartitionMonth) },
	"MariaDB":             func(t *testing.T) *server { return mariaServer(t) },
	"ClickHouse":          clickhouseServer,
}

// TestDatabases runs all rules on each kind of database.
func TestDatabases(t *testing.T) {
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			for rule, test := range rules {
				t.Run(rule, func(t *testing.T) { test(t, s.open(t)) })
			}
		})
	}
}

func sqliteServer() *server {
	return &server{
		driver: "sqlite", dialect: dialect.SQLite{},
		create: func(t *testing.T) string { return "file:" + filepath.Join(t.TempDir(), "activity.db") },
		refuse: `CREATE TRIGGER refuse BEFORE INSERT ON activity_log WHEN new.actor_id = 'refused'
			BEGIN SELECT RAISE(ABORT, 'the test refuses this row'); END`,
		repair: `DROP TRIGGER refuse`, old: `UPDATE %s SET recorded_at = action_time`,
	}
}

func postgresServer(t *testing.T, partition dialect.Partition) *server {
	main := pgtest.Start(t).DSN()
	return &server{
		driver: "postgres", dialect: dialect.Postgres{Partition: partition}, partition: string(partition), password: pgtest.Password,
		create: func(t *testing.T) string {
			name := newName()
			execute(t, "pgx", main, "CREATE DATABASE "+name)
			u, err := url.Parse(main)
			if err != nil {
				t.Fatal(err)
			}
			u.Path = "/" + name
			return u.String()
		},
		refuse: `ALTER TABLE activity_log ADD CONSTRAINT refuse CHECK (actor_id <> 'refused') NOT VALID`,
		repair: `ALTER TABLE activity_log DROP CONSTRAINT refuse`, old: `UPDATE %s SET recorded_at = action_time`,
	}
}

func mariaServer(t *testing.T, args ...string) *server {
	main := mariatest.Start(t, args...).DSN()
	return &server{
		driver: "mariadb", dialect: dialect.MySQL{}, password: mariatest.Password,
		create: func(t *testing.T) string {
			name := newName()
			execute(t, "mysql", main, "CREATE DATABASE "+name)
			return strings.TrimSuffix(main, "activity") + name
		},
		refuse: `ALTER TABLE activity_log ADD CONSTRAINT refuse CHECK (actor_id <> 'refused')`,
		repair: `ALTER TABLE activity_log DROP CONSTRAINT refuse`, old: `UPDATE %s SET recorded_at = action_time`,
	}
}

func clickhouseServer(t *testing.T) *server {
	running := clickhousetest.Start(t)
	var own atomic.Int32 // the account inserter of chdbtest has rights in test1 to test99
	return &server{
		driver: "clickhouse", dialect: dialect.ClickHouse{},
		create: func(t *testing.T) string {
			name := fmt.Sprintf("test%d", own.Add(1))
			execute(t, "clickhouse", running.DSN("default"), "CREATE DATABASE "+name)
			return running.DSN(name)
		},
		refuse: `ALTER TABLE activity_log_store ADD CONSTRAINT refuse CHECK actor_id IS NULL OR actor_id <> 'refused'`,
		repair: `ALTER TABLE activity_log_store DROP CONSTRAINT refuse`,
		old:    `ALTER TABLE %s_store UPDATE recorded_at = assumeNotNull(action_time) WHERE 1 SETTINGS mutations_sync = 2`,
	}
}

func execute(t *testing.T, driver, dsn string, statements ...string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%.200s: %v", statement, err)
		}
	}
}

// database is an empty database.
type database struct {
	*server
	dsn string
	sql *sql.DB
}

func (s *server) open(t *testing.T) *database {
	db := &database{server: s, dsn: s.create(t)}
	full, err := s.dialect.DSN(db.dsn)
	if err != nil {
		t.Fatal(err)
	}
	if db.sql, err = sql.Open(s.dialect.Driver(), full); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.sql.Close() })
	return db
}

func (db *database) config() operate.Config { return operate.Config{Driver: db.driver, DSN: db.dsn} }

// table opens the table without creating it.
func (db *database) table(t *testing.T) *operate.Table {
	t.Helper()
	cfg := db.config()
	cfg.Create = true
	return db.open(t, cfg)
}

func (db *database) open(t *testing.T, cfg operate.Config) *operate.Table {
	t.Helper()
	table, err := operate.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = table.Close() })
	return table
}

// created returns the table, created by the command.
func (db *database) created(t *testing.T) *operate.Table {
	t.Helper()
	cfg := db.config()
	cfg.Create, cfg.Partition = true, db.partition
	table := db.open(t, cfg)
	if _, err := table.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	return table
}

// exporter writes rows as the exporter does, with create_schema: true.
func (db *database) exporter(t *testing.T, rows ...row.Row) {
	t.Helper()
	s, err := store.Open(store.Config{Dialect: db.dialect, DSN: db.dsn, Table: "activity_log", CreateSchema: true}, silent{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), slices.Clone(rows)); err != nil {
		t.Fatal(err)
	}
}

// silent is a [store.Observer] that says nothing.
type silent struct{ store.Observer }

func (silent) Wrote(context.Context, int, int, time.Duration)  {}
func (silent) Accepted(context.Context, int, time.Duration)    {}
func (silent) DeadLettered(context.Context, []store.Rejection) {}
func (silent) Conflicting(context.Context, []*row.Row)         {}
func (silent) Unsupported(context.Context, error)              {}
func (silent) Noted(context.Context, string, error)            {}

func (db *database) exec(t *testing.T, statement string) {
	t.Helper()
	if _, err := db.sql.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%.200s: %v", statement, err)
	}
}

// number expects the result of a query for a number.
func (db *database) number(t *testing.T, want int, query string) {
	t.Helper()
	var got int
	if err := db.sql.QueryRowContext(t.Context(), query).Scan(&got); err != nil || got != want {
		t.Errorf("%s: got %d, %v, want %d", query, got, err, want)
	}
}

// count expects numbers of rows and dead letters.
func (db *database) count(t *testing.T, rows, letters int) {
	t.Helper()
	db.number(t, rows, "SELECT count(*) FROM activity_log")
	db.number(t, letters, "SELECT count(*) FROM activity_log_dead_letter")
}

// makeRows returns n rows with all columns, one each minute until now.
func makeRows(n int) []row.Row {
	now := time.Now()
	rows := make([]row.Row, n)
	for i := range rows {
		rows[i] = rowAt(now.Add(-time.Duration(n-i)*time.Minute), fmt.Sprint("row ", i))
	}
	return rows
}

func rowAt(at time.Time, remarks string) (r row.Row) {
	r.ID = activity.NewIDAt(at)
	for i, name := range row.Names {
		r.Text[i] = name + " 😀 \"quoted\" \\ '" + remarks
	}
	r.Text[row.ActionType], r.Text[row.Status], r.Text[row.Source] = "Update", "Success", "declared"
	r.Text[row.TraceID], r.Text[row.SpanID] = strings.Repeat("0a", 16), strings.Repeat("0a", 8)
	r.Text[row.ErrorType] = "" // NULL
	r.Text[row.Remarks] = remarks
	r.Text[row.Data] = `{"n":12345678901234567890,"changes":{"title":["<Ä>",null]},"list":[1,1.5,true,{}]}`
	return r
}
