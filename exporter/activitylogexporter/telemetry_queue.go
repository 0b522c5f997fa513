package activitylogexporter

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelactivity/activitylog/internal/seglog"
)

// queueStats is the part of the queue that its gauges read.
type queueStats interface{ Stats() seglog.Stats }

// watchQueue makes the gauges report the figures of q until Shutdown.
func (t *telemetry) watchQueue(q queueStats) error {
	exporter := metric.WithAttributes(t.exporter)
	number := func(of func(seglog.Stats) int64) metric.Int64Callback {
		return func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(of(q.Stats()), exporter)
			return nil
		}
	}
	return errors.Join(
		t.RegisterExporterActivitylogQueueCapacityCallback(number(func(st seglog.Stats) int64 { return st.MaxBytes })),
		t.RegisterExporterActivitylogQueueBytesCallback(number(func(st seglog.Stats) int64 { return st.Bytes })),
		t.RegisterExporterActivitylogQueueRequestsCallback(number(func(st seglog.Stats) int64 { return int64(st.Records) })),
		t.RegisterExporterActivitylogQueueOldestAgeCallback(func(_ context.Context, o metric.Float64Observer) error {
			o.Observe(q.Stats().Oldest.Seconds(), exporter)
			return nil
		}),
	)
}

// add adds n to a counter of the queue, with the exporter as an attribute.
func (t *telemetry) add(counter metric.Int64Counter, n int64, more ...attribute.KeyValue) {
	counter.Add(context.Background(), n, metric.WithAttributes(append(more, t.exporter)...))
}

func (t *telemetry) queued(signal string, records int) {
	t.add(t.ExporterActivitylogQueueAccepted, int64(records), attribute.String("signal", signal))
}

func (t *telemetry) rejected(signal string, records int, reason string) {
	t.add(t.ExporterActivitylogQueueRejected, int64(records), attribute.String("signal", signal), attribute.String("reason", reason))
}

func (t *telemetry) event(e seglog.Event) {
	if e.Kind != seglog.KindDamaged && e.Kind != seglog.KindMissing {
		return
	}
	t.add(t.ExporterActivitylogQueueDamaged, e.Bytes)
	t.add(t.ExporterActivitylogQueueLost, int64(e.Records))
}
