package setup_test

import (
	"bytes"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/instrument/setup"
)

// OpenTelemetry's exporters send to https://localhost:4318 if they cannot read the endpoint.
func TestStartRefusesWhatIsWrong(t *testing.T) {
	const (
		endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
		logs     = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"
		traces   = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
		good     = "http://127.0.0.1:1"
		form     = ": must be a URL with http:// or https:// and a host, such as http://localhost:431"
	)
	for name, tt := range map[string]struct {
		env  map[string]string
		want string
	}{
		"address":             {map[string]string{endpoint: "127.0.0.1:24318"}, endpoint + form + `8; got "127.0.0.1:24318"`},
		"host":                {map[string]string{endpoint: "localhost"}, endpoint + form + `8; got "localhost"`},
		"host and port":       {map[string]string{endpoint: "localhost:4318"}, endpoint + form + `8; got "localhost:4318"`},
		"no host":             {map[string]string{endpoint: "http://"}, endpoint + form + `8; got "http://"`},
		"no port after colon": {map[string]string{endpoint: "http://localhost:x"}, endpoint + form + `8; got "http://localhost:x"`},
		"spaces":              {map[string]string{endpoint: "  "}, endpoint + form + `8; got "  "`},
		"socket":              {map[string]string{endpoint: "unix:///run/otel.sock"}, endpoint + form + `8; got "unix:///run/otel.sock"`},
		"address, gRPC":       {map[string]string{endpoint: "127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, endpoint + form + `7; got "127.0.0.1:4317"`},
		"host and port, gRPC": {map[string]string{endpoint: "localhost:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, endpoint + form + `7; got "localhost:4317"`},
		"socket, gRPC":        {map[string]string{endpoint: "unix:///run/otel.sock", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, endpoint + form + `7; got "unix:///run/otel.sock"`},
		"no host, gRPC":       {map[string]string{endpoint: "https:", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "create span exporter: read " + endpoint + form + `7; got "https:"`},
		"logs":                {map[string]string{endpoint: good, logs: "localhost"}, "create log exporter: read " + logs + form + `8; got "localhost"`},
		"traces":              {map[string]string{endpoint: good, traces: "localhost"}, "create span exporter: read " + traces + form + `8; got "localhost"`},
		"metrics":             {map[string]string{endpoint: "localhost", traces: good, logs: good, "OTEL_METRICS_EXPORTER": "otlp"}, "create metric reader: read " + endpoint + form + `8; got "localhost"`},
		"password":            {map[string]string{endpoint: "shop:se@cret@localhost:4318"}, `got "****@localhost:4318"`},
		"password in a URL":   {map[string]string{endpoint: "http://shop:se/cret@localhost:x/?token=secret"}, `got "http://****@localhost:x/?****"`},
		"exporter of logs":    {map[string]string{endpoint: good, "OTEL_LOGS_EXPORTER": "foo"}, `create log exporter: read OTEL_LOGS_EXPORTER: must be one of "otlp", "console", "none"; got "foo"`},
		"exporter of traces":  {map[string]string{endpoint: good, "OTEL_TRACES_EXPORTER": "foo"}, `create span exporter: read OTEL_TRACES_EXPORTER: must be one of "otlp", "console", "none"; got "foo"`},
		"exporter of metrics": {map[string]string{endpoint: good, "OTEL_METRICS_EXPORTER": "foo"}, `create metric reader: read OTEL_METRICS_EXPORTER: must be one of "otlp", "prometheus", "console", "none"; got "foo"`},
		"producer of metrics": {map[string]string{endpoint: good, "OTEL_METRICS_EXPORTER": "console", "OTEL_METRICS_PRODUCERS": "foo"}, `create metric reader: OTEL_METRICS_EXPORTER is "console": unknown exporter or metrics producer`},
		"protocol":            {map[string]string{endpoint: good, "OTEL_EXPORTER_OTLP_PROTOCOL": "soap"}, `read OTEL_EXPORTER_OTLP_PROTOCOL: must be one of "http/protobuf", "grpc"; got "soap"`},
		"protocol of logs":    {map[string]string{endpoint: good, "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "http/json"}, `create log exporter: read OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: must be one of "http/protobuf", "grpc"; got "http/json"`},
		"protocol of traces":  {map[string]string{endpoint: good, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http"}, `create span exporter: read OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: must be one of "http/protobuf", "grpc"; got "http"`},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range tt.env {
				t.Setenv(variable, value)
			}
			if exporter, err := setup.NewLogExporter(t.Context()); strings.HasPrefix(tt.want, "create log exporter: ") && (err == nil || !strings.HasPrefix(err.Error(), tt.want)) {
				t.Errorf("NewLogExporter: %v, %v", exporter, err)
			}
			var out bytes.Buffer
			telemetry, err := setup.Start(t.Context(), "shop", setup.WithLogger(slog.New(slog.NewTextHandler(&out, nil))))
			if err == nil {
				_ = stop(t, telemetry, time.Second)
				t.Fatal("it starts")
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "cret") {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if out.Len() > 0 {
				t.Errorf("it also logs: %s", &out)
			}
		})
	}
}

// What an exporter takes is not refused, though the message does not name it.
func TestStartTakesWhatWorks(t *testing.T) {
	for name, tt := range map[string]struct {
		scheme, protocol, insecure string
	}{
		"http": {"http://", "http/protobuf", ""}, "capitals": {"HTTP://", "http/protobuf", ""}, "user": {"http://u:p@", "http/protobuf", ""},
		"unix": {"unix://", "http/protobuf", ""}, "no scheme": {"//", "http/protobuf", "true"},
		"http, gRPC": {"http://", "grpc", ""}, "no scheme, gRPC": {"//", "grpc", "true"}, "grpc, gRPC": {"grpc://", "grpc", ""},
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			got := &receiver{}
			got.serve(t, listener, tt.protocol)
			t.Setenv("OTEL_EXPORTER_OTLP_INSECURE", tt.insecure)
			telemetry := start(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": tt.scheme + listener.Addr().String(), "OTEL_EXPORTER_OTLP_PROTOCOL": tt.protocol})
			emit("one")
			if err := stop(t, telemetry, 5*time.Second); err != nil || len(got.records) != 1 {
				t.Errorf("%v; %d records, want 1", err, len(got.records))
			}
		})
	}
}

// Targets of gRPC, which the exporter of spans takes; an endpoint that nothing uses.
func TestStartTakesOtherEndpoints(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"socket":    {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "unix://" + filepath.Join(t.TempDir(), "sock"), "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"},
		"target":    {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "localhost:4317", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"},
		"trimmed":   {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": " http://127.0.0.1:1 "},
		"not used":  {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "localhost", "OTEL_TRACES_EXPORTER": "none"},
		"two other": {"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://127.0.0.1:1")
			for variable, value := range env {
				t.Setenv(variable, value)
			}
			telemetry, err := setup.Start(t.Context(), "shop", setup.WithLogger(slog.New(slog.DiscardHandler)))
			if err != nil {
				t.Fatal(err)
			}
			_ = stop(t, telemetry, time.Second)
		})
	}
}
