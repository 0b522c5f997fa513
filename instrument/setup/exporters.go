package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
)

// OpenTelemetry's default is http. Go's exporters use https by default.
const (
	defaultHTTP = "http://localhost:4318"
	defaultGRPC = "http://localhost:4317"
)

// reconnect is the longest backoff of a gRPC connection. gRPC's default is two minutes.
const reconnect = 5 * time.Second

// signal is the configuration of "LOGS" or "TRACES" by the variables.
func signal(name string) (exporter, protocol string, endpointSet bool) {
	exporter = first("OTEL_"+name+"_EXPORTER", "")
	protocol = first("OTEL_EXPORTER_OTLP_"+name+"_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
	if protocol == "" {
		protocol = "http/protobuf"
	}
	endpoint := first("OTEL_EXPORTER_OTLP_"+name+"_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
	return exporter, protocol, endpoint != ""
}

func first(names ...string) string {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}

func connectParams() grpc.DialOption {
	pauses := backoff.DefaultConfig
	pauses.MaxDelay = reconnect
	return grpc.WithConnectParams(grpc.ConnectParams{Backoff: pauses, MinConnectTimeout: reconnect})
}

// NewLogExporter returns an exporter for log records that the OTEL_* variables configure,
// such as the one that [Start] gives to the spool. It does not retry, because the relay
// of package outbox, which it is for, does. It fails if OTEL_LOGS_EXPORTER is none: that
// exporter acknowledges what it does not send.
func NewLogExporter(ctx context.Context) (sdklog.Exporter, error) {
	exporter, err := logExporter(ctx, true)
	if err != nil {
		return nil, fmt.Errorf("create log exporter: %w", err)
	}
	if autoexport.IsNoneLogExporter(exporter) {
		return nil, errNone
	}
	return exporter, nil
}

var errNone = errors.New(`create log exporter: OTEL_LOGS_EXPORTER must not be "none", which acknowledges what it does not send`)

// logExporter returns the exporter that the variables choose. The one for the spool
// does not retry, because the spool does.
func logExporter(ctx context.Context, forSpool bool) (sdklog.Exporter, error) {
	exporter, protocol, endpointSet := signal("LOGS")
	switch {
	case exporter != "" && exporter != "otlp":
		return autoexport.NewLogExporter(ctx)
	case protocol == "grpc":
		opts := []otlploggrpc.Option{otlploggrpc.WithDialOption(connectParams())}
		if forSpool {
			opts = append(opts, otlploggrpc.WithRetry(otlploggrpc.RetryConfig{}))
		}
		if !endpointSet {
			opts = append(opts, otlploggrpc.WithEndpointURL(defaultGRPC))
		}
		return otlploggrpc.New(ctx, opts...)
	case protocol == "http/protobuf":
		var opts []otlploghttp.Option
		if forSpool {
			opts = append(opts, otlploghttp.WithRetry(otlploghttp.RetryConfig{}))
		}
		if !endpointSet {
			opts = append(opts, otlploghttp.WithEndpointURL(defaultHTTP+"/v1/logs"))
		}
		return otlploghttp.New(ctx, opts...)
	}
	return autoexport.NewLogExporter(ctx)
}

func spanExporter(ctx context.Context) (sdktrace.SpanExporter, error) {
	exporter, protocol, endpointSet := signal("TRACES")
	switch {
	case exporter != "" && exporter != "otlp":
		return autoexport.NewSpanExporter(ctx)
	case protocol == "grpc":
		opts := []otlptracegrpc.Option{otlptracegrpc.WithDialOption(connectParams())}
		if !endpointSet {
			opts = append(opts, otlptracegrpc.WithEndpointURL(defaultGRPC))
		}
		return otlptracegrpc.New(ctx, opts...)
	case protocol == "http/protobuf":
		var opts []otlptracehttp.Option
		if !endpointSet {
			opts = append(opts, otlptracehttp.WithEndpointURL(defaultHTTP+"/v1/traces"))
		}
		return otlptracehttp.New(ctx, opts...)
	}
	return autoexport.NewSpanExporter(ctx)
}
