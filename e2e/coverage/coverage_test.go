// Package coverage_test sends log records that declare activities, and plain
// spans, to the real collector: what both tell is one row, and what neither
// tells shows.
package coverage_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/otlpjson"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

const arrivalTime = 30 * time.Second

// With a ttl of a second the metrics know soon.
const config = `yaml:
processors:
  activity:
    coverage:
      rows: true
      ttl: 1s
`

// span is the plain server span n of a request that changed something.
func span(n int, more ...any) otlpjson.Object {
	now := time.Now()
	return otlpjson.Object{
		"traceId": fmt.Sprintf("%032x", n), "spanId": fmt.Sprintf("%016x", n), "name": "PUT /articles/{id}", "kind": 2,
		"startTimeUnixNano": fmt.Sprint(now.Add(-time.Millisecond).UnixNano()), "endTimeUnixNano": fmt.Sprint(now.UnixNano()),
		"attributes": append(otlpjson.List{
			otlpjson.Text("http.request.method", "PUT"), otlpjson.Text("http.route", "/articles/{id}"),
			otlpjson.Text("url.path", fmt.Sprint("/articles/", n)), otlpjson.Number("http.response.status_code", 204),
		}, more...),
	}
}

// record declares the activity of span n. It has no id.
func record(n int) otlpjson.Object {
	return otlpjson.Object{
		"traceId": fmt.Sprintf("%032x", n), "spanId": fmt.Sprintf("%016x", n),
		"timeUnixNano": fmt.Sprint(time.Now().UnixNano()), "eventName": activity.EventName,
		"attributes": otlpjson.List{
			otlpjson.Text(activity.ActionTypeKey, "Publish"), otlpjson.Text(activity.ActorIDKey, "42"),
			otlpjson.Text(activity.ObjectTypeKey, "article"), otlpjson.Text(activity.ObjectIDKey, fmt.Sprint(n)),
		},
	}
}

func TestCoverage(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	db, err := sql.Open("sqlite", dsn+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn, Args: []string{"--config=" + config}})
	send := func(signal string, request otlpjson.Object) {
		t.Helper()
		if err := otlpjson.Post(t.Context(), c.HTTP, signal, request); err != nil {
			t.Fatal(err)
		}
	}
	send("logs", otlpjson.Logs(record(1)))
	send("traces", otlpjson.Traces(
		span(1, otlpjson.Text("user.id", "42")), // declared by the record: it would be derived otherwise
		span(2, otlpjson.Text("user.id", "42")), // derived, and a gap
		span(3),                                 // a gap, and nobody's
	))
	awaitMetrics(t, c, "otelcol_processor_activity_requests_covered", 1)
	awaitMetrics(t, c, "otelcol_processor_activity_requests_uncovered", 2)
	c.Stop()

	got, err := rows.Read(t.Context(), db, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"1": "Publish 42 user declared",
		"2": "Update 42 user derived",
		"3": "Update  anonymous derived",
	}
	for _, row := range got {
		is := fmt.Sprint(row["action_type"], " ", row["actor_id"], " ", row["actor_type"], " ", row["source"])
		if id := row["object_id"]; want[id] != is {
			t.Errorf("a row of article %s says %q, want %q", id, is, want[id])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

// awaitMetrics waits until a counter of the collector has the value.
func awaitMetrics(t *testing.T, c *collectortest.Collector, name string, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), arrivalTime)
	defer cancel()
	line := ""
	for {
		all, _ := c.ReadMetrics(ctx)
		for l := range strings.Lines(all) {
			if strings.HasPrefix(l, name) {
				line = strings.TrimSpace(l)
			}
		}
		if strings.HasSuffix(line, fmt.Sprint(" ", want)) {
			return
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s did not become %d: %q", name, want, line)
		}
	}
}
