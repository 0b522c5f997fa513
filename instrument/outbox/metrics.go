package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// scope is the name of the relay's meter.
const scope = "github.com/otelactivity/activitylog/instrument/outbox"

// observeTime limits the query for the figures of the table.
const observeTime = 5 * time.Second

// metrics are the relay's instruments. The methods of a nil *metrics do nothing.
type metrics struct {
	sentCount, failedCount metric.Int64Counter
	observing              metric.Registration
}

func newMetrics(r *Relay) *metrics {
	meter := r.meters.Meter(scope)
	count := metric.WithUnit("{activity}")
	sent, e1 := meter.Int64Counter("activity.outbox.sent", count,
		metric.WithDescription("Activities that were acknowledged."))
	failed, e2 := meter.Int64Counter("activity.outbox.failed", count,
		metric.WithDescription("Attempts that failed because of the row, by reason."))
	waiting, e3 := meter.Int64ObservableGauge("activity.outbox.waiting", count,
		metric.WithDescription("Rows in the table, counted up to 100,000."))
	failing, e4 := meter.Int64ObservableGauge("activity.outbox.failing", count,
		metric.WithDescription("Rows in the table that have failed."))
	oldest, e5 := meter.Float64ObservableGauge("activity.outbox.oldest_age", metric.WithUnit("s"),
		metric.WithDescription("Age of the oldest row."))
	err := errors.Join(e1, e2, e3, e4, e5)
	if err == nil {
		m := &metrics{sentCount: sent, failedCount: failed}
		m.observing, err = meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
			ctx, cancel := context.WithTimeout(ctx, observeTime)
			defer cancel()
			s, err := r.box.Stats(ctx, r.db)
			if err != nil {
				return err
			}
			o.ObserveInt64(waiting, s.Waiting)
			o.ObserveInt64(failing, s.Failing)
			o.ObserveFloat64(oldest, s.OldestAge.Seconds())
			return nil
		}, waiting, failing, oldest)
		if err == nil {
			return m
		}
	}
	otel.Handle(fmt.Errorf("create metrics of the outbox: %w", err))
	return nil
}

func (m *metrics) sent(n int) {
	if m != nil && n > 0 {
		m.sentCount.Add(context.Background(), int64(n))
	}
}

func (m *metrics) failed(reason string) {
	if m != nil {
		m.failedCount.Add(context.Background(), 1, metric.WithAttributes(attribute.String("reason", reason)))
	}
}

func (m *metrics) unregister() {
	if m != nil {
		_ = m.observing.Unregister()
	}
}
