package instrument_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorded is what one service sends: its log records and its ended spans.
type recorded struct {
	t       *testing.T
	spans   *tracetest.SpanRecorder
	mu      sync.Mutex
	records []sdklog.Record
	// contextErrs are the errors of the contexts that records came with.
	contextErrs []error
}

func newRecorded(t *testing.T) (*recorded, []instrument.Option) {
	t.Helper()
	rec := &recorded{t: t, spans: tracetest.NewSpanRecorder()}
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec.spans))
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(rec))
	t.Cleanup(func() {
		_ = tp.Shutdown(context.Background())
		_ = lp.Shutdown(context.Background())
	})
	return rec, []instrument.Option{
		instrument.WithTracerProvider(tp),
		instrument.WithLoggerProvider(lp),
	}
}

func (rec *recorded) OnEmit(ctx context.Context, r *sdklog.Record) error {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.records = append(rec.records, r.Clone())
	rec.contextErrs = append(rec.contextErrs, ctx.Err())
	return nil
}
func (*recorded) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }
func (*recorded) Shutdown(context.Context) error                         { return nil }
func (*recorded) ForceFlush(context.Context) error                       { return nil }

// one returns the attributes of the only record, with its body as remarks.
func (rec *recorded) one() map[string]string {
	rec.t.Helper()
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if len(rec.records) != 1 {
		rec.t.Fatalf("%d log records, want 1", len(rec.records))
	}
	return recordMap(&rec.records[0])
}

// none fails the test when anything was recorded.
func (rec *recorded) none() {
	rec.t.Helper()
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if len(rec.records) != 0 {
		rec.t.Fatalf("%d log records, want none: %v", len(rec.records), recordMap(&rec.records[0]))
	}
	for _, span := range rec.spans.Ended() {
		if got := spanMap(span); got[activity.ActionTypeKey] != "" {
			rec.t.Fatalf("a span has an activity, want none: %v", got)
		}
	}
}

func recordMap(r *sdklog.Record) map[string]string {
	m := map[string]string{activity.RemarksKey: r.Body().AsString()}
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		m[string(kv.Key)] = kv.Value.String()
		return true
	})
	return m
}

// spanMap returns the attributes of a span that an activity can have.
func spanMap(span sdktrace.ReadOnlySpan) map[string]string {
	m := map[string]string{}
	for _, kv := range span.Attributes() {
		switch key := string(kv.Key); {
		case strings.HasPrefix(key, "activity."),
			key == activity.ErrorTypeKey, key == activity.ClientAddressKey,
			key == activity.UserAgentKey, key == activity.SessionIDKey:
			m[key] = kv.Value.String()
		}
	}
	return m
}

// check compares some attributes; "" wants none.
func check(t *testing.T, got, want map[string]string) {
	t.Helper()
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s = %q, want %q", key, got[key], value)
		}
	}
}

var alice = activity.Actor{ID: "42", Name: "alice", TenantID: "acme", ImpersonatorID: "7"}

func asAlice(*http.Request) activity.Actor { return alice }

// serve serves one request without a network.
func serve(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func answer(code int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
}
