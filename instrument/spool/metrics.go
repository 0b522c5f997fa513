package spool

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// scope is the name of the spool's meter.
const scope = "github.com/otelactivity/activitylog/instrument/spool"

// metrics are the spool's instruments. The methods of a nil *metrics do nothing.
type metrics struct {
	sentCount    metric.Int64Counter
	droppedCount metric.Int64Counter
	observing    metric.Registration
}

func newMetrics(s *Spool, provider metric.MeterProvider) (*metrics, error) {
	meter := provider.Meter(scope)
	var m metrics
	var err error
	counter := func(name, what string) metric.Int64Counter {
		c, e := meter.Int64Counter(name, metric.WithUnit("{activity}"), metric.WithDescription(what))
		if e != nil {
			err = e
		}
		return c
	}
	m.sentCount = counter("activity.spool.sent", "Activities that the collector accepted.")
	m.droppedCount = counter("activity.spool.dropped", "Activities that are lost, by reason.")
	queued, e1 := meter.Int64ObservableUpDownCounter("activity.spool.queued", metric.WithUnit("{activity}"),
		metric.WithDescription("Activities that wait or are being sent."))
	bytes, e2 := meter.Int64ObservableUpDownCounter("activity.spool.bytes", metric.WithUnit("By"),
		metric.WithDescription("Bytes of memory and files that the spool uses."))
	oldest, e3 := meter.Float64ObservableGauge("activity.spool.oldest_age", metric.WithUnit("s"),
		metric.WithDescription("Age of the oldest activity that was not sent yet."))
	for _, e := range []error{e1, e2, e3, err} {
		if e != nil {
			return nil, e
		}
	}
	m.observing, err = meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		st := s.Stats()
		o.ObserveInt64(queued, st.Queued)
		o.ObserveInt64(bytes, st.Bytes)
		o.ObserveFloat64(oldest, st.OldestAge.Seconds())
		return nil
	}, queued, bytes, oldest)
	return &m, err
}

func (m *metrics) sent(n int) {
	if m != nil && n > 0 {
		m.sentCount.Add(context.Background(), int64(n))
	}
}

func (m *metrics) dropped(d Drop) {
	if m != nil {
		m.droppedCount.Add(context.Background(), int64(d.Count),
			metric.WithAttributes(attribute.String("reason", string(d.Reason))))
	}
}

func (m *metrics) unregister() error {
	if m == nil || m.observing == nil {
		return nil
	}
	return m.observing.Unregister()
}

// Stats are the current figures of a [Spool], the same as in its metrics.
type Stats struct {
	Queued    int64         // activities that wait or are being sent
	Bytes     int64         // of memory and files
	OldestAge time.Duration // age of the oldest activity that was not sent yet
}

// Stats returns the current figures.
func (s *Spool) Stats() Stats {
	count, bytes, oldest := s.memory.stats()
	st := Stats{Queued: int64(count), Bytes: bytes}
	if !oldest.IsZero() {
		st.OldestAge = time.Since(oldest)
	}
	if s.disk != nil {
		d := s.disk.log.Stats()
		st.Queued += int64(d.Records)
		st.Bytes += d.Bytes
		st.OldestAge = max(st.OldestAge, d.Oldest)
	}
	return st
}
