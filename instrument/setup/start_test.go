package setup_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/setup"
	"github.com/otelactivity/activitylog/instrument/spool"
)

func TestServiceName(t *testing.T) {
	quiet := setup.WithLogger(slog.New(slog.DiscardHandler))
	for name, tt := range map[string]struct {
		argument, serviceName, attributes string
		opts                              []setup.Option
		want                              string // "" is an error
	}{
		"none":                         {},
		"the argument":                 {argument: "shop", want: "shop"},
		"OTEL_SERVICE_NAME alone":      {serviceName: "env", want: "env"},
		"OTEL_SERVICE_NAME goes first": {argument: "shop", serviceName: "env", attributes: "service.name=attr", want: "env"},
		"OTEL_RESOURCE_ATTRIBUTES":     {argument: "shop", attributes: "service.name=attr", want: "attr"},
		"WithAttributes":               {opts: []setup.Option{setup.WithAttributes(attribute.String(activity.ServiceNameKey, "option"))}, want: "option"},
	} {
		t.Run(name, func(t *testing.T) {
			got := &receiver{}
			srv := httptest.NewServer(got)
			defer srv.Close()
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", srv.URL)
			t.Setenv("OTEL_SERVICE_NAME", tt.serviceName)
			t.Setenv("OTEL_RESOURCE_ATTRIBUTES", tt.attributes)
			telemetry, err := setup.Start(t.Context(), tt.argument, append(tt.opts, quiet)...)
			if tt.want == "" {
				if err == nil || !strings.Contains(err.Error(), "OTEL_SERVICE_NAME") {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			emit("one")
			if err := stop(t, telemetry, 5*time.Second); err != nil || got.service != tt.want {
				t.Errorf("service.name is %q, want %q; %v", got.service, tt.want, err)
			}
		})
	}
}

func TestPropagators(t *testing.T) {
	for names, want := range map[string][]string{
		"": {"baggage", "traceparent", "tracestate"}, "b3": {"b3"}, "tracecontext, jaeger": {"traceparent", "tracestate", "uber-trace-id"}, "none": {},
	} {
		t.Run(names, func(t *testing.T) {
			t.Setenv("OTEL_PROPAGATORS", names)
			telemetry := start(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
			defer func() { _ = stop(t, telemetry, time.Second) }()
			if got := otel.GetTextMapPropagator().Fields(); !equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	t.Setenv("OTEL_PROPAGATORS", "b4")
	if _, err := setup.Start(t.Context(), "shop"); err == nil || !strings.Contains(err.Error(), "read OTEL_PROPAGATORS: ") {
		t.Errorf("got %v", err)
	}
	otel.SetTextMapPropagator(propagation.TraceContext{})
}

func equal(a, b []string) bool {
	slices.Sort(a)
	return slices.Equal(slices.Compact(a), b)
}

// Shutdown waits for requests in flight, whose activities are sent.
func TestShutdownStopsServersFirst(t *testing.T) {
	got := &receiver{}
	collector := httptest.NewServer(got)
	defer collector.Close()
	telemetry := start(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL})
	started := make(chan struct{})
	slow := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(started)
		time.Sleep(100 * time.Millisecond)
	})
	server := httptest.NewServer(instrument.NewHandler(slow, "shop", instrument.WithAnonymous()))
	answered := make(chan error, 1)
	go func() {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodDelete, server.URL+"/articles/17", http.NoBody)
		if err == nil {
			var res *http.Response
			if res, err = server.Client().Do(r); err == nil {
				err = res.Body.Close()
			}
		}
		answered <- err
	}()
	<-started
	if err := telemetry.Shutdown(context.Background(), server.Config); err != nil {
		t.Error(err)
	}
	if err := <-answered; err != nil || len(got.records) != 1 {
		t.Errorf("%v; %d records, want 1", err, len(got.records))
	}
	server.Close()
}

// endless is a server with a request that does not end.
type endless struct{}

func (endless) Shutdown(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// A request that does not end costs no activity of others.
func TestServerThatDoesNotStop(t *testing.T) {
	got := &receiver{}
	collector := httptest.NewServer(got)
	defer collector.Close()
	telemetry := start(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL})
	emit("one")
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	err := telemetry.Shutdown(ctx, endless{})
	if want := "stop server: context deadline exceeded"; fmt.Sprint(err) != want || len(got.records) != 1 {
		t.Errorf("got %v and %d records, want %s and 1", err, len(got.records), want)
	}
}

// The folder and the size of the spool come from variables.
func TestSpoolThatCannotBeOpened(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		dir, bytes, option, want string
	}{
		"no folder": {dir: file + "/spool", want: "open activity spool in " + file + "/spool: create folder: mkdir " + file +
			": not a directory; ACTIVITYLOG_SPOOL_DIR is \"" + file + "/spool\""},
		"too small": {dir: t.TempDir(), bytes: "1KiB", want: `got 1024; ACTIVITYLOG_SPOOL_DIR is "`},
		"option":    {option: file, want: "open activity spool in " + file + ": create folder: mkdir " + file + ": not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
			t.Setenv("ACTIVITYLOG_SPOOL_DIR", tt.dir)
			t.Setenv("ACTIVITYLOG_SPOOL_BYTES", tt.bytes)
			opts := []setup.Option{setup.WithLogger(slog.New(slog.DiscardHandler))}
			if tt.option != "" {
				opts = append(opts, setup.WithSpool(spool.WithDir(tt.option)))
			}
			_, err := setup.Start(t.Context(), "shop", opts...)
			if text := fmt.Sprint(err); !strings.Contains(text, tt.want) || strings.Contains(text, "open log") ||
				strings.Contains(text, "ACTIVITYLOG_SPOOL_BYTES") != (tt.bytes != "") {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// The SDK for Go does not read it either. An audit log does not end by a variable that is meant for traces.
func TestSDKDisabledIsNotRead(t *testing.T) {
	for value, want := range map[string]bool{"": false, "false": false, "True": true} {
		got := &receiver{}
		collector := httptest.NewServer(got)
		defer collector.Close()
		var out bytes.Buffer
		t.Setenv("OTEL_SDK_DISABLED", value)
		telemetry := start(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL}, setup.WithLogger(slog.New(slog.NewTextHandler(&out, nil))))
		emit("one")
		if err := stop(t, telemetry, 5*time.Second); err != nil || len(got.records) != 1 {
			t.Errorf("%q: %v; %d records, want 1", value, err, len(got.records))
		}
		if warned := strings.Contains(out.String(), "level=WARN") && strings.Contains(out.String(), "OTEL_LOGS_EXPORTER=none"); warned != want {
			t.Errorf("%q: logged %s", value, &out)
		}
	}
}
