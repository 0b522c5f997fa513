package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/otelactivity/activitylog/activity"
)

// setUpTelemetry makes the global providers of spans and log records, as the
// OTEL_* variables say. flush sends what is left and ends them.
func setUpTelemetry(ctx context.Context) (flush func() error, err error) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { slog.Error("telemetry", "error", err) }))
	// Requests that come with a trace stay in it.
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(
		propagation.TraceContext{}, propagation.Baggage{}))

	// OpenTelemetry's default is http; Go's exporters take https unless told.
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" {
		endpoint := "http://localhost:4318"
		if os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc" {
			endpoint = "http://localhost:4317"
		}
		if err := os.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint); err != nil {
			return nil, fmt.Errorf("set the default endpoint: %w", err)
		}
	}

	res, err := resource.New(ctx,
		resource.WithAttributes(attribute.String(activity.ServiceNameKey, "blog")),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv()) // last: OTEL_SERVICE_NAME wins
	if err != nil {
		return nil, fmt.Errorf("describe the service: %w", err)
	}
	spans, err := autoexport.NewSpanExporter(ctx)
	if err != nil {
		return nil, fmt.Errorf("make span exporter: %w", err)
	}
	records, err := autoexport.NewLogExporter(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make log exporter: %w", err), spans.Shutdown(ctx))
	}
	tracing := trace.NewTracerProvider(trace.WithResource(res), trace.WithBatcher(spans))
	logging := sdklog.NewLoggerProvider(sdklog.WithResource(res),
		sdklog.WithProcessor(sdklog.NewBatchProcessor(records)))
	otel.SetTracerProvider(tracing)
	otel.SetLoggerProvider(logging)

	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		return errors.Join(tracing.Shutdown(ctx), logging.Shutdown(ctx))
	}, nil
}
