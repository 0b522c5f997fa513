// Package connector_test sends plain spans to the real collector, which keeps
// them as rows by two ways: as spans, and as the log records that the activity
// connector makes of them.
package connector_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strconv"
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

type (
	object = otlpjson.Object
	list   = otlpjson.List
)

// plain are the attributes of a request as any language's instrumentation sets
// them, and of who made it.
func plain(code int) list {
	return list{
		otlpjson.Text("http.request.method", "PATCH"), otlpjson.Text("http.route", "/api/articles/{id}"), otlpjson.Text("url.path", "/api/articles/17"),
		otlpjson.Number("http.response.status_code", code), otlpjson.Text("user.id", "42"), otlpjson.Text("user.name", "alice"),
		otlpjson.Text("client.address", "192.0.2.7"), otlpjson.Text("user_agent.original", "curl/8.5.0"), otlpjson.Text("session.id", "s1"),
	}
}

// declared are those of an activity that a service put on its span alone, with
// attributes of every kind and no id.
func declared() list {
	data := object{"key": activity.DataKey, "value": object{"kvlistValue": object{"values": list{
		object{"key": "changes", "value": object{"kvlistValue": object{"values": list{object{
			"key": "title", "value": object{"arrayValue": object{"values": list{
				object{"stringValue": "old"}, object{"stringValue": "new"}}}}}}}}},
		otlpjson.Number("words", 300),
	}}}}
	return append(plain(200), data,
		otlpjson.Text(activity.ActionTypeKey, "Publish"), otlpjson.Text(activity.ActorIDKey, "42"), otlpjson.Text(activity.ImpersonatorIDKey, "1"),
		otlpjson.Text(activity.TenantIDKey, "acme"), otlpjson.Text(activity.StatusKey, "partial"), otlpjson.Text(activity.RemarksKey, "alice published it"),
		otlpjson.Text(activity.ObjectTypeKey, "article"), otlpjson.Number(activity.ObjectIDKey, 17), otlpjson.Text(activity.ObjectNameKey, "Hello\x00"))
}

// foreign are the attributes of an activity whose id is not a UUIDv7.
func foreign() list {
	return append(declared(), otlpjson.Text(activity.IDKey, "order 4711"))
}

// request is one server span for each of spans.
func request(spans ...list) object {
	all := list{}
	for i, attributes := range spans {
		at := time.Now().Add(time.Duration(i) * time.Millisecond)
		all = append(all, object{
			"traceId": fmt.Sprintf("%032x", 0xabc0+i), "spanId": fmt.Sprintf("%016x", 0xdef0+i), "flags": 0x301,
			"name": "PATCH /api/articles/{id}", "kind": 2,
			"startTimeUnixNano": fmt.Sprint(at.UnixNano()), "endTimeUnixNano": fmt.Sprint(at.Add(time.Millisecond).UnixNano()),
			"attributes": attributes,
		})
	}
	return otlpjson.Traces(all...)
}

func post(t *testing.T, address string, request object) {
	t.Helper()
	if err := otlpjson.Post(t.Context(), address, "traces", request); err != nil {
		t.Fatal(err)
	}
}

func sqlite(t *testing.T) (dsn string, db *sql.DB) {
	t.Helper()
	dsn = "file:" + filepath.Join(t.TempDir(), "activity.db")
	db, err := sql.Open("sqlite", dsn+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return dsn, db
}

// await waits until done is true.
func await(t *testing.T, what string, done func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), arrivalTime)
	defer cancel()
	for !done(ctx) {
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s did not come within %v", what, arrivalTime)
		}
	}
}

// metric returns the value of one of the collector's own counters, 0 without it.
func metric(ctx context.Context, c *collectortest.Collector, name string) (sum float64) {
	all, _ := c.ReadMetrics(ctx)
	for line := range strings.Lines(all) {
		if fields := strings.Fields(line); len(fields) > 1 && strings.HasPrefix(line, name) {
			value, _ := strconv.ParseFloat(fields[len(fields)-1], 64)
			sum += value
		}
	}
	return sum
}

func TestBothWaysAreOneRow(t *testing.T) {
	dsn, db := sqlite(t)
	c := collectortest.Start(t, collectortest.Config{
		Driver: "sqlite", DSN: dsn, Args: []string{"--config=both-ways.yaml"},
	})
	post(t, c.HTTP, request(plain(200)))
	await(t, "the second of the two ways", func(ctx context.Context) bool {
		return metric(ctx, c, "otelcol_exporter_activitylog_rows_written")+metric(ctx, c, "otelcol_exporter_activitylog_rows_duplicate") >= 2
	})
	if n := metric(t.Context(), c, "otelcol_exporter_activitylog_rows_duplicate"); n != 1 {
		t.Errorf("%v rows came twice, want 1: the span and its log record", n)
	}
	c.Stop()
	got, err := rows.Read(t.Context(), db, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0]["source"] != "derived" || got[0]["remarks"] == "" {
		t.Errorf("want one row, derived, with remarks; got %v", got)
	}
}

// apart are two exporters, one for the spans and one for their log records.
const apart = `yaml:
connectors:
  activity:
    sources: [derived, declared]
    attributes: [http.route]
exporters:
  activitylog:
    data_attributes: [http.route, host.name]
  activitylog/records:
    driver: sqlite
    dsn: ${env:RECORDS_DSN}
    data_attributes: [http.route, host.name]
    queue:
      directory: ${env:RECORDS_STORAGE}
service:
  pipelines:
    traces:
      exporters: [activitylog, activity]
    logs:
      receivers: [activity]
      exporters: [activitylog/records]
`

func TestSpanAndRecordAreEqualRows(t *testing.T) {
	dsn, spans := sqlite(t)
	recordsDSN, records := sqlite(t)
	c := collectortest.Start(t, collectortest.Config{
		Driver: "sqlite", DSN: dsn, Args: []string{"--config=" + apart}, Env: []string{"RECORDS_DSN=" + recordsDSN, "RECORDS_STORAGE=" + t.TempDir()},
	})
	const want = 4
	post(t, c.HTTP, request(plain(200), plain(409), declared(), foreign()))
	for name, db := range map[string]*sql.DB{"spans": spans, "records": records} {
		await(t, "the rows of the "+name, func(ctx context.Context) bool {
			n, _ := rows.Count(ctx, db)
			return n >= want
		})
	}
	c.Stop()
	bySpan, err := rows.Read(t.Context(), spans, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	byRecord, err := rows.Read(t.Context(), records, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	if len(bySpan) != want || len(byRecord) != want {
		t.Fatalf("%d rows of spans and %d of records, want %d", len(bySpan), len(byRecord), want)
	}
	for i := range bySpan {
		for _, column := range rows.Columns {
			if s, r := bySpan[i][column], byRecord[i][column]; s != r && column != "recorded_at" {
				t.Errorf("row %d, column %s: %q by the span, %q by the record", i, column, s, r)
			}
		}
	}
}
