package outboxtest

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument/outbox"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

func TestMain(m *testing.M) {
	if os.Getenv(serviceVariable) != "" {
		serviceProcess()
		return
	}
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// patience bounds a wait for what must happen. It says nothing about how soon.
const patience = time.Minute

// database is one that a test may use.
type database struct {
	dialect outbox.Dialect
	driver  string // of database/sql
	kind    string // ACTIVITYLOG_DRIVER
	dsn     string // of the service
	log     string // of the collector
}

func (d database) open(tb testing.TB) *sql.DB {
	tb.Helper()
	db, err := sql.Open(d.driver, d.dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// exec executes a statement that must not fail.
func exec(tb testing.TB, db *sql.DB, query string, args ...any) {
	tb.Helper()
	if _, err := db.ExecContext(context.Background(), query, args...); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
}

// suite is what is tested on each database.
var suite = []struct {
	name string
	test func(*testing.T, database)
}{
	{"Transactions", testTransactions},
	{"RecordErrors", testRecordErrors},
	{"TwoRelays", testTwoRelays},
	{"Order", testOrder},
	{"RowsThatFail", testRowsThatFail},
	{"Outage", testOutage},
	{"Wake", testWake},
	{"Stop", testStop},
	{"RecordWhileSending", testRecordWhileSending},
	{"Target", testTarget},
}

func TestPostgreSQL(t *testing.T) { runSuite(t, postgres(t)) }
func TestMariaDB(t *testing.T)    { runSuite(t, mariadb(t)) }
func TestSQLite(t *testing.T)     { runSuite(t, sqlite) }

func runSuite(t *testing.T, open func(*testing.T) database) {
	t.Helper()
	for _, s := range suite {
		t.Run(s.name, func(t *testing.T) { s.test(t, open(t)) })
	}
}

// postgres starts a server, and returns a function that creates a database on it.
func postgres(tb testing.TB) func(*testing.T) database {
	tb.Helper()
	dsn := pgtest.Start(tb).DSN()
	return func(t *testing.T) database {
		t.Helper()
		own := strings.Replace(dsn, "/postgres?", "/"+create(t, "pgx", dsn)+"?", 1)
		return database{outbox.PostgreSQL, "pgx", "postgres", own, own}
	}
}

// mariadb is the same for MariaDB.
func mariadb(tb testing.TB) func(*testing.T) database {
	tb.Helper()
	dsn := mariatest.Start(tb).DSN()
	return func(t *testing.T) database {
		t.Helper()
		own := strings.TrimSuffix(dsn, "activity") + create(t, "mysql", dsn)
		return database{outbox.MySQL, "mysql", "mysql", own, own}
	}
}

func sqlite(t *testing.T) database {
	t.Helper()
	file := "file:" + filepath.Join(t.TempDir(), "shop.db")
	return database{outbox.SQLite, "sqlite", "sqlite",
		file + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_txlock=immediate", file}
}

var databases atomic.Int64

// create creates an empty database on a server, and returns its name.
func create(t *testing.T, driver, dsn string) string {
	t.Helper()
	name := fmt.Sprint("test", databases.Add(1))
	exec(t, database{driver: driver, dsn: dsn}.open(t), "CREATE DATABASE "+name)
	return name
}

var quiet = slog.New(slog.DiscardHandler)

// exporter keeps what it accepts. refuse returns an error for a batch.
type exporter struct {
	mu      sync.Mutex
	records []sdklog.Record
	refuse  func([]sdklog.Record) error
	slow    time.Duration // the most that a call takes: those of two relays overlap
}

func (e *exporter) Export(ctx context.Context, records []sdklog.Record) error {
	time.Sleep(rand.N(e.slow + 1))
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if e.refuse != nil {
		if err := e.refuse(records); err != nil {
			return err
		}
	}
	e.records = append(e.records, records...)
	return nil
}

func (e *exporter) ForceFlush(context.Context) error { return nil }
func (e *exporter) Shutdown(context.Context) error   { return nil }

// got returns the value of an attribute of each record, in the order of arrival.
func (e *exporter) got(key string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	values := make([]string, len(e.records))
	for i := range e.records {
		values[i] = attributeOf(&e.records[i], key)
	}
	return values
}

// update is an activity about an article.
func update(id string) activity.Activity {
	return activity.Activity{ActionType: activity.ActionUpdate, Actor: activity.Actor{ID: "7", Name: "alice"},
		Object: activity.Object{Type: "article", ID: id}}
}

// record records an activity in a transaction of its own.
func record(tb testing.TB, db *sql.DB, box *outbox.Outbox, a activity.Activity) activity.ID {
	tb.Helper()
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	id, err := box.Record(context.Background(), tx, a)
	if err != nil {
		tb.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		tb.Fatal(err)
	}
	return id
}

// waiting returns how many rows are in the outbox.
func waiting(tb testing.TB, db *sql.DB, box *outbox.Outbox) outbox.Stats {
	tb.Helper()
	s, err := box.Stats(context.Background(), db)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// run runs relays until the function that it returns is called.
func run(relays ...*outbox.Relay) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, r := range relays {
		wg.Go(func() { r.Run(ctx) })
	}
	return func() { cancel(); wg.Wait() }
}

func sorted(texts []string) []string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	return texts
}

func within(tb testing.TB, limit time.Duration, began time.Time, what string) {
	tb.Helper()
	if took := time.Since(began); took > limit {
		tb.Errorf("%s took %v", what, took)
	}
}

func join(texts []string) string { return strings.Join(texts, " ") }
