package golden_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/internal/rows"
)

// TestInstrument checks that a request that instrument declares is one row,
// whichever of its span and its log record comes first, and that nothing is
// derived from the span, although it is an HTTP server span with a user.
func TestInstrument(t *testing.T) {
	c := start(t)
	for i, order := range [][]string{{"traces", "logs"}, {"logs", "traces"}} {
		t.Run(order[0]+" first", func(t *testing.T) {
			traceID := c.instrumented(t, order)
			got := ofTrace(c.awaitRows(t, 2*(i+1)), traceID)
			if len(got) != 1 {
				t.Fatalf("there are %d rows, want 1: %v", len(got), got)
			}
			check(t, got[0], rows.Row{
				"actor_id": "alice", "action_type": "Update", "action_name": "PUT /articles/{id}", "status": "Success",
				"object_type": "article", "object_id": "17", "object_name": "Tea", "source": "declared",
			})
		})
	}
}

// instrumented serves one request with instrument, whose signals the collector
// gets in that order, and returns its trace.
func (c *collector) instrumented(t *testing.T, order []string) (traceID string) {
	t.Helper()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+c.HTTP)
	spans, err := autoexport.NewSpanExporter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	records, err := autoexport.NewLogExporter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans, sdktrace.WithBatchTimeout(time.Hour)))
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(
		sdklog.NewBatchProcessor(records, sdklog.WithExportInterval(time.Hour))))

	mux := http.NewServeMux()
	mux.HandleFunc("PUT /articles/{id}", func(_ http.ResponseWriter, r *http.Request) {
		span := trace.SpanFromContext(r.Context())
		span.SetAttributes(attribute.String("user.id", "somebody else"))
		traceID = span.SpanContext().TraceID().String()
		instrument.FromContext(r.Context()).SetObject(activity.Object{Name: "Tea"})
	})
	h := instrument.NewHandler(mux, "blog",
		instrument.WithTracerProvider(tp), instrument.WithLoggerProvider(lp),
		instrument.WithActor(func(*http.Request) activity.Actor { return activity.Actor{ID: "alice"} }))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPut, "/articles/17", nil))

	for _, signal := range order {
		shutdown := tp.Shutdown
		if signal == "logs" {
			shutdown = lp.Shutdown
		}
		if err := shutdown(t.Context()); err != nil {
			t.Fatalf("send %s: %v", signal, err)
		}
	}
	return traceID
}

// TestDeclaredWins checks that a plain server span gives no second row when the
// log record of its request is an activity already: a service that declares,
// and whose span is made by another instrumentation.
func TestDeclaredWins(t *testing.T) {
	const traceID, spanID = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
	c := start(t)
	c.send(t, "logs", fmt.Appendf(nil, declaredRecord, traceID, spanID))
	c.awaitRows(t, 1)
	c.send(t, "traces", fmt.Appendf(nil, plainSpan, traceID, spanID))
	// The next span of the trace is another request: it shows that the one
	// before was left out, not late.
	c.send(t, "traces", fmt.Appendf(nil, plainSpan, traceID, "eee19b7ec3c1b175"))

	got := ofTrace(c.awaitRows(t, 2), traceID)
	if len(got) != 2 {
		t.Fatalf("there are %d rows, want 2: %v", len(got), got)
	}
	for _, row := range got {
		source := "derived"
		if row["span_id"] == spanID {
			source = "declared"
		}
		check(t, row, rows.Row{"source": source, "actor_id": "alice", "action_type": "Update"})
	}
}

// What a service sends that declares its activities as log records, within
// spans of a plain HTTP instrumentation: trace and span id are to be filled in.
const (
	declaredRecord = `{"resourceLogs": [{
  "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "blog"}}]},
  "scopeLogs": [{"scope": {"name": "github.com/otelactivity/activitylog/instrument"}, "logRecords": [{
    "timeUnixNano": "1790856000000000000", "severityNumber": 9, "eventName": "activity.recorded",
    "body": {"stringValue": "alice updated article 17"}, "traceId": "%s", "spanId": "%s",
    "attributes": [
      {"key": "activity.id", "value": {"stringValue": "019a0000-0000-7000-8000-000000000001"}},
      {"key": "activity.action.type", "value": {"stringValue": "Update"}},
      {"key": "activity.actor.id", "value": {"stringValue": "alice"}},
      {"key": "activity.object.type", "value": {"stringValue": "article"}},
      {"key": "activity.object.id", "value": {"stringValue": "17"}}]}]}]}]}`

	plainSpan = `{"resourceSpans": [{
  "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "blog"}}]},
  "scopeSpans": [{"scope": {"name": "io.opentelemetry.tomcat-10.0"}, "spans": [{
    "traceId": "%s", "spanId": "%s", "name": "PUT /articles/{id}", "kind": 2,
    "startTimeUnixNano": "1790856000000000000", "endTimeUnixNano": "1790856000012000000",
    "attributes": [
      {"key": "http.request.method", "value": {"stringValue": "PUT"}},
      {"key": "http.route", "value": {"stringValue": "/articles/{id}"}},
      {"key": "url.path", "value": {"stringValue": "/articles/17"}},
      {"key": "http.response.status_code", "value": {"intValue": "200"}},
      {"key": "user.id", "value": {"stringValue": "alice"}}]}]}]}]}`
)

func ofTrace(all []rows.Row, traceID string) (own []rows.Row) {
	for _, row := range all {
		if row["trace_id"] == traceID {
			own = append(own, row)
		}
	}
	return own
}

// check compares the columns that want has.
func check(t *testing.T, row, want rows.Row) {
	t.Helper()
	for column, value := range want {
		if row[column] != value {
			t.Errorf("%s is %q, want %q", column, row[column], value)
		}
	}
}
