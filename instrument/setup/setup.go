package setup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/contrib/exporters/autoexport"
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

// WithServiceName sets service.name, unless OTEL_SERVICE_NAME does.
func WithServiceName(name string) Option {
	return WithAttributes(attribute.String(activity.ServiceNameKey, name))
}

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

// Start sets up the global tracer provider, logger provider, propagator and
// error handler, and, if OTEL_METRICS_EXPORTER is set, the meter provider.
func Start(ctx context.Context, opts ...Option) (*Telemetry, error) {
	c := config{logger: slog.Default()}
	for _, o := range opts {
		o(&c)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { c.logger.Error("telemetry", "error", err) }))
	// Incoming requests continue the trace of their caller.
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))

	res, err := resource.New(ctx, resource.WithAttributes(c.attributes...),
		resource.WithTelemetrySDK(), resource.WithFromEnv()) // last, so that the environment overrides the options
	if err != nil {
		return nil, fmt.Errorf("create resource: %w", err)
	}
	t := &Telemetry{}
	for _, step := range []func(context.Context, *config, *resource.Resource) error{t.startMeters, t.startTracers, t.startLoggers} {
		if err := step(ctx, &c, res); err != nil {
			return nil, errors.Join(err, t.Shutdown(ctx))
		}
	}
	return t, nil
}

func (t *Telemetry) startMeters(ctx context.Context, _ *config, res *resource.Resource) error {
	if os.Getenv("OTEL_METRICS_EXPORTER") == "" {
		return nil
	}
	reader, err := autoexport.NewMetricReader(ctx)
	if err != nil {
		return fmt.Errorf("create metric reader: %w", err)
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
	opts = append(opts, spool.WithNext(sdklog.NewBatchProcessor(others)), spool.WithLogger(c.logger))
	if t.Spool, err = spool.New(exporter, append(opts, c.spool...)...); err != nil {
		return errors.Join(err, exporter.Shutdown(ctx), others.Shutdown(ctx))
	}
	t.LoggerProvider = sdklog.NewLoggerProvider(sdklog.WithResource(res), sdklog.WithProcessor(t.Spool))
	otel.SetLoggerProvider(t.LoggerProvider)
	return nil
}

// Shutdown sends the remaining spans and activities at the same time, then metrics, and
// shuts down the providers. It returns when that is done, or shortly after ctx ends.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	var errs [3]error
	var wg sync.WaitGroup
	if t.LoggerProvider != nil {
		wg.Go(func() { errs[0] = t.LoggerProvider.Shutdown(ctx) })
	}
	if t.TracerProvider != nil {
		wg.Go(func() { errs[1] = t.TracerProvider.Shutdown(ctx) })
	}
	wg.Wait()
	if t.MeterProvider != nil { // last, because it sends the spool's figures
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		errs[2] = t.MeterProvider.Shutdown(ctx)
	}
	return errors.Join(errs[:]...)
}
