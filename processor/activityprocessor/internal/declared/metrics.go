package declared

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/metric"
)

// Register makes the counters of covered and uncovered requests, unless it was
// called before: an index has one pair of them, however many components use it.
func (x *Index) Register(meter metric.Meter) error {
	if x == nil {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.registration != nil {
		return nil
	}
	covered, errCovered := counter(meter, "covered", "Requests that changed something and have a declared activity.")
	uncovered, errUncovered := counter(meter, "uncovered", "Requests that changed something and that their service, which declares others, declared no activity for.")
	if err := errors.Join(errCovered, errUncovered); err != nil {
		return err
	}
	registration, err := meter.RegisterCallback(x.observer(covered, uncovered), covered, uncovered)
	x.registration = registration
	return err
}

func counter(meter metric.Meter, name, description string) (metric.Int64ObservableCounter, error) {
	return meter.Int64ObservableCounter("otelcol_processor_activity_requests_"+name,
		metric.WithUnit("{requests}"), metric.WithDescription(description))
}

// observer reports the counts of x whenever the collector's metrics are read.
func (x *Index) observer(covered, uncovered metric.Int64ObservableCounter) metric.Callback {
	return func(_ context.Context, observer metric.Observer) error {
		c, u := x.Counts()
		observer.ObserveInt64(covered, c)
		observer.ObserveInt64(uncovered, u)
		return nil
	}
}
