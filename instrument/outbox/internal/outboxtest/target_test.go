package outboxtest

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/outbox"
	"github.com/otelactivity/activitylog/instrument/setup"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// difficult are activities whose values are not easy to keep.
func difficult() []activity.Activity {
	long := strings.Repeat("ü", 300)
	list := []activity.Activity{
		{ActionType: activity.ActionDelete},
		{ActionType: activity.ActionUpdate, Time: time.Date(2020, 2, 29, 23, 59, 59, 123456789, time.UTC),
			Actor:      activity.Actor{ID: "7", Name: "alice", ImpersonatorID: "1", TenantID: "acme"},
			ActionName: "article.publish", Status: activity.StatusFailed, ErrorType: "conflict",
			Object:  activity.Object{Type: "comment", ID: "3", Name: "a name", Parent: &activity.Object{Type: "article", ID: "17"}},
			Remarks: "alice's <remark> & \"more\" \\ 日本 🙂\n\u2028", ClientAddress: "192.0.2.9", UserAgent: "curl/8", SessionID: "s1"},
		{ActionType: activity.ActionRead, Data: map[string]any{"n": nil, "yes": true, "int": 1 << 60, "min": int64(math.MinInt64),
			"third": 1.0 / 3, "three": 3.0, "million": 1e6, "huge": 1.2345678901234567e300, "tiny": 5e-324, "zero": math.Copysign(0, -1),
			"nan": math.NaN(), "bytes": []byte{0, 255}, "time": time.Unix(0, 0).UTC(), "error": errors.New("x"),
			"list": []any{1, 2.5, "<&>", map[string]any{"b": 1, "a": []any{}}}, "é\u2029": "\t\x01"}},
		{ActionType: "login_failed", Status: "failure", ClientAddress: "[2001:db8::1]:443", Actor: activity.Actor{Name: " bob\t"}},
		{ActionType: "Import", Actor: activity.Actor{ID: "cron", Type: activity.ActorSystem, Name: "nul \x00 and \xff"},
			Object: activity.Object{Type: "a\x00b", ID: "\xff\xfe"}, Data: map[string]any{"k\x00": "v\x00", "sender": "me", "bad": "\xff"}},
		{ActionType: activity.ActionType(long), Actor: activity.Actor{ID: long + "x", Type: activity.ActorType(long)},
			Object: activity.Object{Type: long, ID: strings.Repeat("x", 5000)}, Status: activity.Status("half"), UserAgent: strings.Repeat("a", 3000)},
	}
	for i := range list {
		if list[i].Time.IsZero() {
			list[i].Time = time.Now()
		}
		list[i].ID = activity.NewIDAt(list[i].Time)
	}
	return list
}

// testTarget compares the rows that Record writes into the table of the log with those
// that the exporter writes for the same activities. What comes by OTLP later adds nothing.
func testTarget(t *testing.T, d database) {
	c, log := startCollector(t, d)
	if d.dialect == outbox.SQLite {
		d.dsn = d.log + "-log?_pragma=busy_timeout(10000)" // the database of the log
	}
	db, ctx := d.open(t), t.Context()
	box := outbox.New(d.dialect, outbox.WithServiceName("shop"), outbox.WithTarget("activity_log"))
	exec(t, db, box.Schema())
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1, 2}, SpanID: trace.SpanID{3}, TraceFlags: trace.FlagsSampled})
	ctx = trace.ContextWithSpanContext(ctx, span)
	all := difficult()
	for _, commit := range []bool{false, true} {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			for range 2 { // the second adds nothing
				if _, err := box.Record(ctx, tx, a); err != nil {
					t.Fatal(err)
				}
			}
		}
		end := tx.Rollback
		if commit {
			end = tx.Commit
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
	}
	written := wholeRows(t, log)
	if len(written) != len(all) {
		t.Fatalf("%d rows for %d activities", len(written), len(all))
	}

	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+c.HTTP)
	exporter, err := setup.NewLogExporter(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = exporter.Shutdown(ctx) }()
	if err := outbox.NewRelay(box, db, exporter).Flush(ctx); err != nil {
		t.Fatal(err)
	}
	last := record(t, db, outbox.New(d.dialect), update("last"))
	if err := outbox.NewRelay(outbox.New(d.dialect), db, exporter).Flush(ctx); err != nil {
		t.Fatal(err)
	}
	testserver.Eventually(t, patience, func() bool { return len(wholeRows(t, log)) == len(all)+1 })
	again := wholeRows(t, log)
	delete(again, last.String())
	compareRows(t, "after the copies came by OTLP", again, written, "")
	if n := count(t, log, "activity_log_dead_letter"); n > 0 {
		t.Errorf("%d dead letters", n)
	}

	exec(t, log, "DELETE FROM activity_log")
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(exporter)),
		sdklog.WithResource(resource.NewSchemaless(attribute.String(activity.ServiceNameKey, "shop"))))
	for _, a := range all {
		instrument.NewRecorder(instrument.WithLoggerProvider(provider)).Record(ctx, a)
	}
	testserver.Eventually(t, patience, func() bool { return len(wholeRows(t, log)) == len(all) })
	compareRows(t, "of the exporter", wholeRows(t, log), written, "recorded_at")
}

// wholeRows returns all columns that the table has, by event_id.
func wholeRows(t *testing.T, log *sql.DB) map[string]map[string]string {
	t.Helper()
	result, err := log.QueryContext(t.Context(), "SELECT * FROM activity_log")
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	columns, err := result.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, c := range activity.Columns() {
		known = append(known, c.Name)
	}
	if !slices.Equal(columns, known) {
		t.Fatalf("the exporter's table has the columns %v, and package activity %v", columns, known)
	}
	all := map[string]map[string]string{}
	for result.Next() {
		values, targets := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := result.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		one := map[string]string{}
		for i, column := range columns {
			one[column] = fmt.Sprint(values[i].Valid, " ", values[i].String)
		}
		all[values[0].String] = one
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func compareRows(t *testing.T, what string, got, want map[string]map[string]string, except string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
	}
	for id, row := range want {
		for column, value := range row {
			other := got[id][column]
			if column == "data" { // the order of its members means nothing
				value, other = canonical(t, value), canonical(t, other)
			}
			if column != except && other != value {
				t.Errorf("%s: %s\n got %.300q\nwant %.300q", what, column, other, value)
			}
		}
	}
}

// canonical returns JSON with its members in order, and numbers as they are written.
func canonical(t *testing.T, text string) string {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "true ")))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Without an outbox, its table need not exist.
func TestTargetOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "activity.db")
	collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + file}).Stop()
	db := database{driver: "sqlite", dsn: "file:" + file}.open(t)
	record(t, db, outbox.New(outbox.SQLite, outbox.WithTargetOnly("activity_log")), update("1"))
	if n := count(t, db, "activity_log"); n != 1 {
		t.Errorf("%d rows", n)
	}
}
