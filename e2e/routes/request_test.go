package routes_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/internal/otlpjson"
)

// traceID is the trace of the request with that index.
func traceID(i int) string { return fmt.Sprintf("5b8efff798038103d269b633%08x", i+1) }

// send sends a span for each request, as a plain HTTP instrumentation makes it.
func send(t *testing.T, address string, table []request) {
	t.Helper()
	var spans otlpjson.List
	start := time.Now()
	for i, r := range table {
		spans = append(spans, otlpjson.Object{
			"traceId": traceID(i), "spanId": fmt.Sprintf("eee19b7e%08x", i+1), "name": http.MethodPut, "kind": 2,
			"startTimeUnixNano": fmt.Sprint(start.UnixNano()), "endTimeUnixNano": fmt.Sprint(start.UnixNano() + 1000),
			"attributes": otlpjson.List{
				otlpjson.Text("http.request.method", http.MethodPut), otlpjson.Text("http.route", r.route),
				otlpjson.Text("url.path", r.path), otlpjson.Number("http.response.status_code", http.StatusOK),
				otlpjson.Text("user.id", "42"),
			},
		})
	}
	if err := otlpjson.Post(t.Context(), address, "traces", otlpjson.Traces(spans...)); err != nil {
		t.Fatal(err)
	}
}

// declare serves a request with the middleware, and returns the object that it
// records. Routes of net/http go through its router, others are set on the
// request as routers do.
func declare(t *testing.T, r *request) activity.Object {
	t.Helper()
	method := http.MethodPut
	var router http.Handler = http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { req.Pattern = r.route })
	if r.framework == "net/http" {
		mux := http.NewServeMux()
		mux.HandleFunc(r.route, func(http.ResponseWriter, *http.Request) {})
		router = mux
		if pattern, ok := cutMethod(r.route); ok {
			method = pattern
		}
	}
	var recorded recorder
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(&recorded)))
	h := instrument.NewMiddleware(instrument.WithLoggerProvider(lp),
		instrument.WithActor(func(*http.Request) activity.Actor { return activity.Actor{ID: "42"} }))(router)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, r.path, nil))
	if recorded.records != 1 {
		t.Errorf("the middleware recorded %d activities, want 1", recorded.records)
	}
	return recorded.object
}

func cutMethod(pattern string) (method string, ok bool) {
	for i, c := range pattern {
		if c == ' ' {
			return pattern[:i], true
		}
	}
	return "", false
}

// recorder keeps the object of the last record.
type recorder struct {
	records int
	object  activity.Object
}

// Export implements [sdklog.Exporter].
func (r *recorder) Export(_ context.Context, records []sdklog.Record) error {
	for _, record := range records {
		r.records++
		record.WalkAttributes(func(kv attribute.KeyValue) bool {
			switch string(kv.Key) {
			case activity.ObjectTypeKey:
				r.object.Type = kv.Value.AsString()
			case activity.ObjectIDKey:
				r.object.ID = kv.Value.AsString()
			}
			return true
		})
	}
	return nil
}

// Shutdown implements [sdklog.Exporter].
func (*recorder) Shutdown(context.Context) error { return nil }

// ForceFlush implements [sdklog.Exporter].
func (*recorder) ForceFlush(context.Context) error { return nil }
