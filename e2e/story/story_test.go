// Package story_test tells the story of the blog to the whole system: real
// requests to the blog's program, its telemetry to the collector's program, rows
// in real databases. Each request must give exactly the row that the steps
// say, in every column, and nothing else may give one.
package story_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/blogprocess"
	"github.com/otelactivity/activitylog/internal/blogtest"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/storytest"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// secrets are what no row may hold: the passwords, also the one that was wrong.
var secrets = []string{"wonderlamp", "wonderland", "builder", "looking-glass"}

// variant is a way from the blog to a database.
type variant struct {
	name    string
	driver  string
	dsn     func(*testing.T) (collector, reader string)
	open    string   // name of the database/sql driver
	env     []string // of the blog
	signals []string // that must come
}

var (
	bothSignals = []string{"otelcol_receiver_accepted_spans", "otelcol_receiver_accepted_log_records"}

	// With both signals, one row for each activity means that what comes twice
	// is kept once; with one, that this one carries all of it.
	variants = []variant{
		{"sqlite", "sqlite", sqliteDSN, "sqlite", nil, bothSignals},
		{"postgres", "postgres", postgresDSN, "pgx", nil, bothSignals},
		{"spans only", "sqlite", sqliteDSN, "sqlite", []string{"OTEL_LOGS_EXPORTER=none"}, bothSignals[:1]},
		{"log records only", "sqlite", sqliteDSN, "sqlite", []string{"OTEL_TRACES_EXPORTER=none"}, bothSignals[1:]},
		{"spans sampled away", "sqlite", sqliteDSN, "sqlite", []string{"OTEL_TRACES_SAMPLER=always_off"}, bothSignals[1:]},
		{"grpc", "sqlite", sqliteDSN, "sqlite", []string{"OTEL_EXPORTER_OTLP_PROTOCOL=grpc"}, bothSignals},
	}
)

func sqliteDSN(t *testing.T) (collector, reader string) {
	file := "file:" + filepath.Join(t.TempDir(), "activity.db")
	return file, file + "?mode=ro&_pragma=busy_timeout(5000)"
}

func postgresDSN(t *testing.T) (collector, reader string) {
	dsn := pgtest.Start(t).DSN()
	return dsn, dsn
}

func TestStory(t *testing.T) {
	collectortest.Binary(t) // skips before anything is built
	program := blogtest.Build(t)
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) { testVariant(t, v, program) })
	}
}

func testVariant(t *testing.T, v variant, program string) {
	collectorDSN, readerDSN := v.dsn(t)
	col := collectortest.Start(t, collectortest.Config{Driver: v.driver, DSN: collectorDSN})
	env := append(col.OTLPEnv(), v.env...)
	if strings.Contains(strings.Join(v.env, " "), "grpc") {
		env = append(env, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+col.GRPC)
	}

	blog, err := blogprocess.Start(t.Context(), program, t.TempDir(), env, "-debug")
	if err != nil {
		t.Fatal(err)
	}
	defer blog.Kill() // does nothing more after Stop
	service := storytest.Service{
		URL:     blog.URL,
		Login:   "/api/login",
		Cookie:  "blog_session",
		Common:  rows.Row{"client_address": "127.0.0.1", "service_name": "blog", "source": "declared"},
		Secrets: secrets,
	}.Tell(t, story)
	if err := blog.Stop(); err != nil {
		t.Errorf("stop the blog: %v", err)
	}

	db, err := sql.Open(v.open, readerDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	storytest.Await(t, db, service.Tracked())
	checkSignals(t, col, v.signals)
	col.Stop()

	got, err := rows.Read(t.Context(), db, v.driver)
	if err != nil {
		t.Fatal(err)
	}
	service.Compare(t, got)
	if strings.Contains(col.Log(), pgtest.Password) {
		t.Error("the collector's log holds the password of its database")
	}
	checkDeadLetters(t, db)
}

// checkSignals checks that the collector got what this variant is to send it,
// and nothing of the other signal.
func checkSignals(t *testing.T, col *collectortest.Collector, want []string) {
	t.Helper()
	metrics, err := col.ReadMetrics(t.Context())
	if err != nil {
		t.Errorf("read the collector's metrics: %v", err)
		return
	}
	for _, signal := range bothSignals {
		wanted := strings.Contains(strings.Join(want, " "), signal)
		if came := accepted(metrics, signal); came != wanted {
			t.Errorf("the collector's metric %s is there: %v, want %v", signal, came, wanted)
		}
	}
}

// accepted reports whether the counter is there with a value other than 0.
func accepted(metrics, name string) bool {
	for line := range strings.Lines(metrics) {
		if strings.HasPrefix(line, name) && !strings.HasSuffix(line, " 0\n") {
			return true
		}
	}
	return false
}

func checkDeadLetters(t *testing.T, db *sql.DB) {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM activity_log_dead_letter").Scan(&n); err != nil {
		t.Error(err)
	}
	if n != 0 {
		t.Errorf("%d rows were refused", n)
	}
}
