package setup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/contrib/propagators/autoprop"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument/spool"
)

// Telemetry is the result of [Start]. Its providers are also the global ones.
type Telemetry struct {
	TracerProvider *sdktrace.TracerProvider
	LoggerProvider *sdklog.LoggerProvider
	MeterProvider  *sdkmetric.MeterProvider // nil unless OTEL_METRICS_EXPORTER is set
	Spool          *spool.Spool             // nil if OTEL_LOGS_EXPORTER is none
}

type config struct {
	attributes []attribute.KeyValue
	spool      []spool.Option
	logger     *slog.Logger
}

// Option configures [Start].
type Option func(*config)

// WithAttributes adds attributes of the resource. OTEL_RESOURCE_ATTRIBUTES overrides
// them.
func WithAttributes(attrs ...attribute.KeyValue) Option {
	return func(c *config) { c.attributes = append(c.attributes, attrs...) }
}

// WithSpool adds options of the spool, which override the variables.
func WithSpool(opts ...spool.Option) Option {
	return func(c *config) { c.spool = append(c.spool, opts...) }
}

// WithLogger sets the logger for errors of telemetry and messages of the spool. The
// default is [slog.Default].
func WithLogger(l *slog.Logger) Option { return func(c *config) { c.logger = l } }

var errNoService = errors.New("start telemetry: the name of the service is missing: pass it to Start, or set OTEL_SERVICE_NAME")

// Start sets up the global tracer provider, logger provider, propagator and
// error handler, and, if OTEL_METRICS_EXPORTER is set, the meter provider.
//
// serviceName is the service.name of all telemetry, unless OTEL_SERVICE_NAME or
// OTEL_RESOURCE_ATTRIBUTES set it. It may be "" if they do, or if [WithAttributes] does.
// Without any name Start fails: rows that do not tell their service are of little use.
func Start(ctx context.Context, serviceName string, opts ...Option) (*Telemetry, error) {
	c := config{logger: slog.Default()}
	for _, o := range opts {
		o(&c)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { c.logger.Error("telemetry", "error", err) }))
	propagator, err := propagator()
	if err != nil {
		return nil, err
	}
	otel.SetTextMapPropagator(propagator)
	res, err := resourceOf(ctx, serviceName, c.attributes)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		c.logger.Warn("OTEL_SDK_DISABLED is not read: activities are recorded. To record none, set OTEL_LOGS_EXPORTER=none and OTEL_TRACES_EXPORTER=none")
	}
	t := &Telemetry{}
	for _, step := range []func(context.Context, *config, *resource.Resource) error{t.startMeters, t.startTracers, t.startLoggers} {
		if err := step(ctx, &c, res); err != nil {
			return nil, errors.Join(err, t.Shutdown(ctx))
		}
	}
	return t, nil
}

// propagator returns what reads the trace of the caller from incoming requests, and passes it on.
func propagator() (propagation.TextMapPropagator, error) {
	names := os.Getenv("OTEL_PROPAGATORS")
	if names == "" {
		names = "tracecontext,baggage"
	}
	propagator, err := autoprop.TextMapPropagator(strings.Split(strings.ReplaceAll(names, " ", ""), ",")...)
	if err != nil {
		return nil, fmt.Errorf("read OTEL_PROPAGATORS: %w", err)
	}
	return propagator, nil
}

// resourceOf returns the resource. The environment overrides what the service says.
func resourceOf(ctx context.Context, serviceName string, attrs []attribute.KeyValue) (*resource.Resource, error) {
	if serviceName != "" {
		attrs = append([]attribute.KeyValue{attribute.String(activity.ServiceNameKey, serviceName)}, attrs...)
	}
	res, err := resource.New(ctx, resource.WithAttributes(attrs...), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("create resource: %w", err)
	}
	if name, _ := res.Set().Value(activity.ServiceNameKey); name.AsString() == "" {
		return nil, errNoService
	}
	return res, nil
}

func (t *Telemetry) startMeters(ctx context.Context, _ *config, res *resource.Resource) error {
	if os.Getenv("OTEL_METRICS_EXPORTER") == "" {
		return nil
	}
	s, err := readSignal("METRICS")
	if err != nil {
		return fmt.Errorf("create metric reader: %w", err)
	}
	reader, err := autoexport.NewMetricReader(ctx)
	if err != nil {
		return fmt.Errorf("create metric reader: %w", s.failed(err, "otlp", "prometheus", "console", "none"))
	}
	t.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithResource(res), sdkmetric.WithReader(reader))
	otel.SetMeterProvider(t.MeterProvider)
	return nil
}

func (t *Telemetry) startTracers(ctx context.Context, _ *config, res *resource.Resource) error {
	exporter, err := spanExporter(ctx)
	if err != nil {
		return fmt.Errorf("create span exporter: %w", err)
	}
	t.TracerProvider = sdktrace.NewTracerProvider(sdktrace.WithResource(res), sdktrace.WithBatcher(validSpans{exporter}))
	otel.SetTracerProvider(t.TracerProvider)
	return nil
}

func (t *Telemetry) startLoggers(ctx context.Context, c *config, res *resource.Resource) error {
	opts, err := spoolOptions(os.Getenv)
	if err != nil {
		return err
	}
	exporter, err := logExporter(ctx, true)
	if err != nil {
		return fmt.Errorf("create log exporter: %w", err)
	}
	if autoexport.IsNoneLogExporter(exporter) {
		t.LoggerProvider = sdklog.NewLoggerProvider(sdklog.WithResource(res))
		otel.SetLoggerProvider(t.LoggerProvider)
		return nil
	}
	// Records that are not activities must not wait for those that are.
	others, err := logExporter(ctx, false)
	if err != nil {
		return fmt.Errorf("create log exporter: %w", err)
	}
	next := sdklog.NewBatchProcessor(others)
	opts = append(opts, spool.WithNext(next), spool.WithLogger(c.logger))
	if t.Spool, err = spool.New(exporter, append(opts, c.spool...)...); err != nil {
		return errors.Join(withSpoolVariables(err), exporter.Shutdown(ctx), next.Shutdown(ctx))
	}
	t.LoggerProvider = sdklog.NewLoggerProvider(sdklog.WithResource(res), sdklog.WithProcessor(t.Spool))
	otel.SetLoggerProvider(t.LoggerProvider)
	return nil
}
