package activitylogexporter

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelactivity/activitylog/internal/seglog"
)

// queueMetrics are the metrics of the queue.
type queueMetrics struct {
	meter    metric.Meter
	exporter attribute.KeyValue  // its component ID, as exporterhelper has it
	accepted metric.Int64Counter // records that are on disk
	rejected metric.Int64Counter // records that were not taken
	stored   metric.Int64Counter // rows that left the queue
	retried  metric.Int64Counter // rows of batches that failed
	setAside metric.Int64Counter // requests that cannot be read
	damaged  metric.Int64Counter // bytes that cannot be read
	lost     metric.Int64Counter // requests in these bytes

	capacity, bytes, requests metric.Int64ObservableGauge
	oldest                    metric.Float64ObservableGauge
	watched                   metric.Registration
}

// queueStats is the queue, as far as it is watched.
type queueStats interface{ Stats() seglog.Stats }

func (m *queueMetrics) create(id component.ID, meter metric.Meter) error {
	m.meter, m.exporter = meter, attribute.String("exporter", id.String())
	var errs []error
	for _, c := range []struct {
		to                      *metric.Int64Counter
		name, unit, description string
	}{
		{&m.accepted, "accepted", "{records}", "Records that are on disk and were acknowledged, by signal."},
		{&m.rejected, "rejected", "{records}", "Records that were not taken, by signal and reason; their senders were told."},
		{&m.stored, "stored", "{rows}", "Rows that the database has, so that they left the queue."},
		{&m.retried, "retried", "{rows}", "Rows of batches that could not be written and are tried again."},
		{&m.setAside, "set_aside", "{requests}", "Requests that could not be read and were moved to a file in damaged/."},
		{&m.damaged, "damaged", "By", "Bytes of the queue's files that could not be read."},
		{&m.lost, "lost", "{requests}", "Requests that were in damaged or missing files."},
	} {
		var err error
		*c.to, err = meter.Int64Counter("otelcol_activitylog_queue_"+c.name, metric.WithUnit(c.unit), metric.WithDescription(c.description))
		errs = append(errs, err)
	}
	for _, g := range []struct {
		to                      *metric.Int64ObservableGauge
		name, unit, description string
	}{
		{&m.capacity, "capacity", "By", "Bytes that the files of the queue may have."},
		{&m.bytes, "bytes", "By", "Bytes that the files of the queue have."},
		{&m.requests, "requests", "{requests}", "Requests in the queue, including those that are being written."},
	} {
		var err error
		*g.to, err = meter.Int64ObservableGauge("otelcol_activitylog_queue_"+g.name, metric.WithUnit(g.unit), metric.WithDescription(g.description))
		errs = append(errs, err)
	}
	var err error
	m.oldest, err = meter.Float64ObservableGauge("otelcol_activitylog_queue_oldest_age", metric.WithUnit("s"),
		metric.WithDescription("Age of the oldest request in the queue."))
	return errors.Join(append(errs, err)...)
}

// watchQueue makes the gauges those of a queue.
func (t *telemetry) watchQueue(q queueStats) error {
	m := &t.queue
	var err error
	m.watched, err = m.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		st, exporter := q.Stats(), metric.WithAttributes(m.exporter)
		o.ObserveInt64(m.capacity, st.MaxBytes, exporter)
		o.ObserveInt64(m.bytes, st.Bytes, exporter)
		o.ObserveInt64(m.requests, int64(st.Records), exporter)
		o.ObserveFloat64(m.oldest, st.Oldest.Seconds(), exporter)
		return nil
	}, m.capacity, m.bytes, m.requests, m.oldest)
	return err
}

// add adds to a counter that has no other attribute than the exporter.
func (m *queueMetrics) add(ctx context.Context, to metric.Int64Counter, n int64) {
	to.Add(ctx, n, metric.WithAttributes(m.exporter))
}

func (t *telemetry) stopWatching() error { return t.queue.watched.Unregister() }

func (t *telemetry) queued(ctx context.Context, signal string, records int) {
	t.queue.accepted.Add(ctx, int64(records), metric.WithAttributes(t.queue.exporter, attribute.String("signal", signal)))
}

func (t *telemetry) rejected(ctx context.Context, signal string, records int, reason string) {
	t.queue.rejected.Add(ctx, int64(records),
		metric.WithAttributes(t.queue.exporter, attribute.String("signal", signal), attribute.String("reason", reason)))
}

func (t *telemetry) event(ctx context.Context, e seglog.Event) {
	if e.Kind != seglog.KindDamaged && e.Kind != seglog.KindMissing {
		return
	}
	t.queue.add(ctx, t.queue.damaged, e.Bytes)
	t.queue.add(ctx, t.queue.lost, int64(e.Records))
}
