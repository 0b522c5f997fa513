package setup_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/trace"
	collogpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/setup"
	"github.com/otelactivity/activitylog/instrument/spool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver is a collector's door that remembers what came.
type receiver struct {
	collogpb.UnimplementedLogsServiceServer
	mu      sync.Mutex
	records []string // event name, or body
	spans   []map[string]string
	names   []string // of spans
	service string
}

// serve takes activities on a listener until the test ends.
func (r *receiver) serve(t *testing.T, listener net.Listener, protocol string) {
	t.Helper()
	if protocol == "grpc" {
		srv := grpc.NewServer()
		collogpb.RegisterLogsServiceServer(srv, r)
		go func() { _ = srv.Serve(listener) }()
		t.Cleanup(srv.Stop)
		return
	}
	srv := httptest.NewUnstartedServer(r)
	_ = srv.Listener.Close()
	srv.Listener = listener
	srv.Start()
	t.Cleanup(srv.Close)
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body := io.Reader(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(req.Body)
	}
	b, _ := io.ReadAll(body)
	switch req.URL.Path {
	case "/v1/logs":
		var msg collogpb.ExportLogsServiceRequest
		if proto.Unmarshal(b, &msg) == nil {
			_, _ = r.Export(req.Context(), &msg)
		}
	case "/v1/traces":
		var msg coltracepb.ExportTraceServiceRequest
		if proto.Unmarshal(b, &msg) == nil {
			r.traces(&msg)
		}
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// Export is the gRPC door for logs.
func (r *receiver) Export(_ context.Context, msg *collogpb.ExportLogsServiceRequest) (*collogpb.ExportLogsServiceResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rl := range msg.GetResourceLogs() {
		r.service = flat(rl.GetResource().GetAttributes())["service.name"]
		for _, sl := range rl.GetScopeLogs() {
			for _, rec := range sl.GetLogRecords() {
				r.records = append(r.records, rec.GetEventName()+rec.GetBody().GetStringValue())
			}
		}
	}
	return &collogpb.ExportLogsServiceResponse{}, nil
}

func (r *receiver) traces(msg *coltracepb.ExportTraceServiceRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rs := range msg.GetResourceSpans() {
		for _, ss := range rs.GetScopeSpans() {
			for _, span := range ss.GetSpans() {
				r.spans = append(r.spans, flat(span.GetAttributes()))
				r.names = append(r.names, span.GetName())
			}
		}
	}
}

func flat(attrs []*commonpb.KeyValue) map[string]string {
	m := make(map[string]string)
	for _, kv := range attrs {
		m[kv.GetKey()] = kv.GetValue().GetStringValue()
	}
	return m
}

func start(t *testing.T, env map[string]string, opts ...setup.Option) *setup.Telemetry {
	t.Helper()
	for _, name := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "ACTIVITYLOG_SPOOL_DIR", "OTEL_SERVICE_NAME"} {
		t.Setenv(name, env[name])
	}
	t.Setenv("OTEL_BLRP_SCHEDULE_DELAY", "10")
	telemetry, err := setup.Start(t.Context(), "shop", append([]setup.Option{setup.WithLogger(slog.New(slog.DiscardHandler))}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return telemetry
}

func emit(name string) {
	var r log.Record
	r.SetEventName(activity.EventName)
	r.SetBody(attribute.StringValue(name))
	otel.GetLoggerProvider().Logger("test").Emit(context.Background(), r)
}

func stop(t *testing.T, telemetry *setup.Telemetry, within time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	return telemetry.Shutdown(ctx)
}

// One request whose path is not UTF-8 lost the batch of spans that it was in.
func TestRequestThatIsNotUTF8LosesNoBatch(t *testing.T) {
	got := &receiver{}
	srv := httptest.NewServer(got)
	defer srv.Close()
	telemetry := start(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": srv.URL})
	h := instrument.NewHandler(http.NewServeMux(), "test", instrument.WithAnonymous())
	for _, path := range []string{"/before", "/%ff", "/after"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("User-Agent", "agent\xff")
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	// Nor does a span of somebody else's.
	_, span := otel.Tracer("other").Start(t.Context(), "name \xff", trace.WithAttributes(attribute.StringSlice("list\xff", []string{"\xfe"})))
	span.AddEvent("event \xff", trace.WithAttributes(attribute.String("k", "\xff")))
	span.SetStatus(codes.Error, "\xff")
	span.End()
	if err := stop(t, telemetry, 5*time.Second); err != nil {
		t.Error(err)
	}
	var paths []string
	for _, s := range got.spans {
		paths = append(paths, s["url.path"])
	}
	if !slices.Equal(paths, []string{"/before", "/\uFFFD", "/after", ""}) || got.names[3] != "name \uFFFD" || len(got.records) != 3 {
		t.Errorf("spans %q, names %q, records %q", paths, got.names, got.records)
	}
	if got.service != "shop" {
		t.Errorf("service.name is %q", got.service)
	}
}

func TestActivitiesWaitOnDisk(t *testing.T) {
	for _, protocol := range []string{"http/protobuf", "grpc"} {
		t.Run(protocol, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			addr := listener.Addr().String()
			_ = listener.Close()
			env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://" + addr, "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
				"ACTIVITYLOG_SPOOL_DIR": t.TempDir(), "OTEL_SERVICE_NAME": "by environment"}
			first := start(t, env)
			emit("one")
			emit("two")
			if err := stop(t, first, 200*time.Millisecond); err != nil {
				t.Errorf("nothing is lost, but: %v", err)
			}

			if listener, err = net.Listen("tcp", addr); err != nil {
				t.Fatal(err)
			}
			got := &receiver{}
			got.serve(t, listener, protocol)
			second := start(t, env)
			emit("three")
			if err := stop(t, second, 10*time.Second); err != nil {
				t.Error(err)
			}
			want := []string{"activity.recordedone", "activity.recordedtwo", "activity.recordedthree"}
			if !slices.Equal(got.records, want) || got.service != "by environment" {
				t.Errorf("records %q of service %q", got.records, got.service)
			}
		})
	}
}

func TestMemoryModeSaysWhatIsLost(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	var lost int
	var out bytes.Buffer
	telemetry := start(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": srv.URL},
		setup.WithSpool(spool.WithDropped(func(d spool.Drop) { lost += d.Count })),
		setup.WithLogger(slog.New(slog.NewTextHandler(&out, nil))))
	emit("one")
	err := stop(t, telemetry, 100*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "1 activities were not sent") || lost != 1 {
		t.Errorf("%v, %d lost", err, lost)
	}
	if want := `msg="activity spool: activities are lost: 1 when the service ended before they were sent" shutdown=1`; !strings.Contains(out.String(), want) {
		t.Errorf("got %s, want %s", &out, want)
	}
}

// A relay deletes what its exporter has acknowledged.
func TestNewLogExporter(t *testing.T) {
	got := &receiver{}
	srv := httptest.NewServer(got)
	defer srv.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", srv.URL)
	exporter, err := setup.NewLogExporter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(exporter)))
	var r log.Record
	r.SetEventName(activity.EventName)
	provider.Logger("test").Emit(t.Context(), r)
	srv.Config.Handler = http.NotFoundHandler() // no retries: the error comes at once
	if err := exporter.Export(t.Context(), make([]sdklog.Record, 1)); err == nil {
		t.Error("a record that was refused is acknowledged")
	}
	if err := provider.Shutdown(t.Context()); err != nil || !slices.Equal(got.records, []string{activity.EventName}) {
		t.Errorf("got %q, %v", got.records, err)
	}
	t.Setenv("OTEL_LOGS_EXPORTER", "none")
	if _, err := setup.NewLogExporter(t.Context()); err == nil || !strings.Contains(err.Error(), "OTEL_LOGS_EXPORTER") {
		t.Errorf("none: %v", err)
	}
}
