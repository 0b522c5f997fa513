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
			"traceId": traceID(i), "spanId": fmt.Sprintf("eee19b7e%08x", i+1), "name": r.method, "kind": 2,
			"startTimeUnixNano": fmt.Sprint(start.UnixNano()), "endTimeUnixNano": fmt.Sprint(start.UnixNano() + 1000),
			"attributes": otlpjson.List{
				otlpjson.Text("http.request.method", r.method), otlpjson.Text("http.route", r.route),
				otlpjson.Text("url.path", r.path), otlpjson.Number("http.response.status_code", r.code),
				otlpjson.Text("user.id", "42"),
			},
		})
	}
	if err := otlpjson.Post(t.Context(), address, "traces", otlpjson.Traces(spans...)); err != nil {
		t.Fatal(err)
	}
}

// declare serves a request with the middleware, and returns the act that it
// records. Routes of net/http go through its router, others are set on the
// request as routers do.
func declare(t *testing.T, r *request) act {
	t.Helper()
	var router http.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		req.Pattern = r.route
		w.WriteHeader(r.code)
	})
	if r.framework == "net/http" {
		mux := http.NewServeMux()
		mux.HandleFunc(r.route, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(r.code) })
		router = mux
	}
	recorded := recorder{t: t}
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(&recorded)))
	h := instrument.NewMiddleware(instrument.WithLoggerProvider(lp),
		instrument.WithActor(func(*http.Request) activity.Actor { return activity.Actor{ID: "42"} }))(router)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(r.method, r.path, nil))
	if recorded.records != 1 {
		t.Errorf("the middleware recorded %d activities, want 1", recorded.records)
	}
	return recorded.act
}

// recorder keeps the act of the last record.
type recorder struct {
	t       *testing.T
	records int
	act     act
}

// Export implements [sdklog.Exporter].
func (r *recorder) Export(_ context.Context, records []sdklog.Record) error {
	for _, record := range records {
		r.records++
		record.WalkAttributes(func(kv attribute.KeyValue) bool {
			switch text := kv.Value.String(); string(kv.Key) {
			case activity.ActionTypeKey:
				r.act.action = text
			case activity.ActionNameKey:
				r.act.name = text
			case activity.ObjectTypeKey:
				r.act.objectType = text
			case activity.ObjectIDKey:
				r.act.objectID = text
			case activity.DataKey:
				r.act.addData(r.t, text)
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
