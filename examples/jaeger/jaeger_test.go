// Package jaeger_test sends what the blog tells to the real collector, and from
// there to SQLite and to a real Jaeger: each leads to the other.
package jaeger_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/blogprocess"
	"github.com/otelactivity/activitylog/internal/blogtest"
	"github.com/otelactivity/activitylog/internal/otlpjson"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/visitor"
)

// arrival is how long a request may take to be a row, and a trace.
const arrival = 30 * time.Second

// Alice changes an article. A search for her id finds the request, the row's
// trace id opens it, and the span in it is the row's.
func TestRowAndTrace(t *testing.T) {
	jaeger := startJaeger(t)
	col, database := startCollector(t, jaeger.otlp)
	aliceChangesAnArticle(t, col)
	row := awaitRow(t, database, "action_type = 'Update'")
	if got := row["actor_name"]; got != "alice" {
		t.Fatalf("got %v, want %v", got, "alice")
	}

	var found trace
	testserver.Eventually(t, arrival, func() bool {
		traces := jaeger.search(t, map[string]string{activity.ActorIDKey: row["actor_id"], activity.ActionTypeKey: "Update"})
		if len(traces) > 0 {
			if len(traces) != 1 {
				t.Fatalf("one request, one trace: got %v, want %v of them", traces, 1)
			}
			found = traces[0]
		}
		return found.ID != ""
	}, "no trace with the tag activity.actor.id=%s", row["actor_id"])
	if found.ID != row["trace_id"] {
		t.Fatalf("found.ID: got %v, want %v", found.ID, row["trace_id"])
	}
	if got := jaeger.search(t, map[string]string{activity.ActorIDKey: "4711"}); len(got) != 0 {
		t.Fatalf("an actor who did nothing: got %v, want nothing", got)
	}

	tags := jaeger.open(t, row["trace_id"]).span(t, row["span_id"])
	for key, column := range map[string]string{
		activity.IDKey: "event_id", activity.ActorNameKey: "actor_name", activity.StatusKey: "status",
		activity.ObjectTypeKey: "object_type", activity.ObjectIDKey: "object_id", activity.RemarksKey: "remarks",
	} {
		if got := tags[key]; got != row[column] {
			t.Fatalf("%v: got %v, want %v", key, got, row[column])
		}
	}
}

// A plain span of any language is found by the actor too, with the id of its
// row; a span that is not an activity passes as it is.
func TestPlainSpan(t *testing.T) {
	jaeger := startJaeger(t)
	col, database := startCollector(t, jaeger.otlp)
	now := fmt.Sprint(time.Now().UnixNano())
	server := otlpjson.Object{
		"traceId": fmt.Sprintf("%032x", 7), "spanId": fmt.Sprintf("%016x", 7), "name": "DELETE /articles/{id}", "kind": 2,
		"startTimeUnixNano": now, "endTimeUnixNano": now, "attributes": otlpjson.List{
			otlpjson.Text("http.request.method", "DELETE"), otlpjson.Text("http.route", "/articles/{id}"),
			otlpjson.Text("url.path", "/articles/17"), otlpjson.Number("http.response.status_code", 204), otlpjson.Text("user.id", "42"),
		},
	}
	internal := otlpjson.Object{
		"traceId": fmt.Sprintf("%032x", 7), "spanId": fmt.Sprintf("%016x", 8), "parentSpanId": fmt.Sprintf("%016x", 7), "name": "render", "kind": 1,
		"startTimeUnixNano": now, "endTimeUnixNano": now, "attributes": otlpjson.List{otlpjson.Text("template", "list")},
	}
	if err := otlpjson.Post(t.Context(), col.HTTP, "traces", otlpjson.Traces(server, internal)); err != nil {
		t.Fatal(err)
	}

	row := awaitRow(t, database, "source = 'derived'")
	testserver.Eventually(t, arrival, func() bool {
		return len(jaeger.search(t, map[string]string{activity.ActorIDKey: "42"})) == 1
	}, "no trace with the tag activity.actor.id=42")
	opened := jaeger.open(t, row["trace_id"])
	tags := opened.span(t, row["span_id"])
	if got := tags[activity.IDKey]; got != row["event_id"] {
		t.Fatalf("tags[activity.IDKey]: got %v, want %v", got, row["event_id"])
	}
	if got := tags[activity.ActionTypeKey]; got != "Delete" {
		t.Fatalf("tags[activity.ActionTypeKey]: got %v, want %v", got, "Delete")
	}
	other := opened.span(t, fmt.Sprintf("%016x", 8))
	if got := other["template"]; got != "list" {
		t.Fatalf("got %v, want %v", got, "list")
	}
	if _, ok := other[activity.IDKey]; ok {
		t.Fatalf("%q is in %v", activity.IDKey, other)
	}
}

// Without its Jaeger the collector takes everything in, and writes the rows. The
// queue for Jaeger is so short here that retries would fill it.
func TestJaegerIsAway(t *testing.T) {
	col, database := startCollector(t, "127.0.0.1:1", "--config=yaml:exporters::otlp_grpc/jaeger::sending_queue::queue_size: 50")
	const sent = 200
	for n := range sent {
		now := fmt.Sprint(time.Now().UnixNano())
		if err := otlpjson.Post(t.Context(), col.HTTP, "traces", otlpjson.Traces(otlpjson.Object{
			"traceId": fmt.Sprintf("%032x", n+1), "spanId": fmt.Sprintf("%016x", n+1), "name": "GET", "kind": 2,
			"startTimeUnixNano": now, "endTimeUnixNano": now, "attributes": otlpjson.List{
				otlpjson.Text("http.request.method", "GET"), otlpjson.Text("http.route", "/"), otlpjson.Text("user.id", "42")},
		})); err != nil {
			t.Fatal(err)
		}
	}
	testserver.Eventually(t, arrival, func() bool { return len(read(t, database)) == sent })
}

// startCollector starts a collector as the documentation says, with SQLite.
func startCollector(t *testing.T, jaeger string, args ...string) (*collectortest.Collector, *sql.DB) {
	t.Helper()
	file := "file:" + filepath.Join(t.TempDir(), "activity.db")
	col := collectortest.Start(t, collectortest.Config{
		Driver: "sqlite", DSN: file, Env: []string{"JAEGER_OTLP_ENDPOINT=" + jaeger}, Args: append([]string{"--config=jaeger.yaml"}, args...),
	})
	db, err := sql.Open("sqlite", file+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return col, db
}

func aliceChangesAnArticle(t *testing.T, col *collectortest.Collector) {
	t.Helper()
	blog, err := blogprocess.Start(t.Context(), blogtest.Build(t), t.TempDir(), col.OTLPEnv())
	if err != nil {
		t.Fatal(err)
	}
	defer blog.Kill() // does nothing more after Stop
	alice := visitor.New(blog.URL, "jaeger test")
	for _, request := range []struct {
		method, path string
		body         map[string]string
		status       int
	}{
		{"POST", "/api/login", map[string]string{"username": "alice", "password": "wonderland"}, 200},
		{"POST", "/api/articles", map[string]string{"title": "A mad tea party", "body": "No room!"}, 201},
		{"PATCH", "/api/articles/3", map[string]string{"title": "A very mad tea party"}, 200},
	} {
		res, err := alice.Do(t.Context(), request.method, request.path, request.body)
		if err != nil {
			t.Fatal(err)
		}
		if res.Status != request.status {
			t.Fatalf("%v: got %v, want %v", res.Body, res.Status, request.status)
		}
	}
	if err := blog.Stop(); err != nil {
		t.Fatal(err)
	}
}

// awaitRow waits for the one row with the condition.
func awaitRow(t *testing.T, db *sql.DB, condition string) rows.Row {
	t.Helper()
	var id string
	testserver.Eventually(t, arrival, func() bool {
		return db.QueryRowContext(context.Background(), "SELECT event_id FROM activity_log WHERE "+condition).Scan(&id) == nil
	}, "no row with %s", condition)
	for _, row := range read(t, db) {
		if row["event_id"] == id {
			return row
		}
	}
	t.Fatalf("no row with the id %s", id)
	return nil
}

func read(t *testing.T, db *sql.DB) []rows.Row {
	t.Helper()
	all, err := rows.Read(t.Context(), db, "sqlite")
	if err != nil {
		return nil // the collector has not made the table yet
	}
	return all
}
