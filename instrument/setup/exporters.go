package setup

import (
	"context"
	"errors"
	"fmt"
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
	s, err := readSignal("LOGS")
	switch {
	case err != nil:
		return nil, err
	case !s.otlp():
		exporter, err := autoexport.NewLogExporter(ctx)
		return exporter, s.failed(err, "otlp", "console", "none")
	case s.protocol == "grpc":
		opts := []otlploggrpc.Option{otlploggrpc.WithDialOption(connectParams())}
		if forSpool {
			opts = append(opts, otlploggrpc.WithRetry(otlploggrpc.RetryConfig{}))
		}
		if !s.endpointSet {
			opts = append(opts, otlploggrpc.WithEndpointURL(defaultGRPC))
		}
		return otlploggrpc.New(ctx, opts...)
	default:
		var opts []otlploghttp.Option
		if forSpool {
			opts = append(opts, otlploghttp.WithRetry(otlploghttp.RetryConfig{}))
		}
		if !s.endpointSet {
			opts = append(opts, otlploghttp.WithEndpointURL(defaultHTTP+"/v1/logs"))
		}
		return otlploghttp.New(ctx, opts...)
	}
}

func spanExporter(ctx context.Context) (sdktrace.SpanExporter, error) {
	s, err := readSignal("TRACES")
	switch {
	case err != nil:
		return nil, err
	case !s.otlp():
		exporter, err := autoexport.NewSpanExporter(ctx)
		return exporter, s.failed(err, "otlp", "console", "none")
	case s.protocol == "grpc":
		opts := []otlptracegrpc.Option{otlptracegrpc.WithDialOption(connectParams())}
		if !s.endpointSet {
			opts = append(opts, otlptracegrpc.WithEndpointURL(defaultGRPC))
		}
		return otlptracegrpc.New(ctx, opts...)
	default:
		var opts []otlptracehttp.Option
		if !s.endpointSet {
			opts = append(opts, otlptracehttp.WithEndpointURL(defaultHTTP+"/v1/traces"))
		}
		return otlptracehttp.New(ctx, opts...)
	}
}
