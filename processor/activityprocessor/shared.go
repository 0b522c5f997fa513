package activityprocessor

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/join"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/lookup"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/redact"
)

// shared is what the traces and the logs instance of one processor have in common
// besides the index of declared spans: the users of traces, names that were looked
// up, keys.
type shared struct {
	joiner  *join.Joiner
	lookups *lookup.Lookups
	cleaner *redact.Cleaner

	cfg          *Config
	users        int // instances that have not been shut down
	registration metric.Registration
	meter        metric.Meter
}

// sharing are those in use, by the pointer to their configuration, which all
// instances of one processor are made with.
var sharing = struct {
	sync.Mutex
	all map[*Config]*shared
}{all: map[*Config]*shared{}}

// share returns what cfg's instances have in common. Each who asks gives it back.
func share(cfg *Config, set component.TelemetrySettings, t *telemetry) (*shared, error) {
	sharing.Lock()
	defer sharing.Unlock()
	if s := sharing.all[cfg]; s != nil {
		s.users++
		return s, nil
	}
	cleaner, err := redact.New(cfg.Privacy, cfg.Limits.Text)
	if err != nil {
		return nil, fmt.Errorf("privacy: %w", err)
	}
	lookups, err := lookup.New(cfg.Lookups, set.Logger, t)
	if err != nil {
		return nil, err
	}
	s := &shared{
		joiner: join.New(cfg.Join), lookups: lookups, cleaner: cleaner,
		cfg: cfg, users: 1, meter: set.MeterProvider.Meter(metadata.ScopeName),
	}
	sharing.all[cfg] = s
	return s, nil
}

// start may be called by each instance.
func (s *shared) start(ctx context.Context) error {
	if err := s.lookups.Start(ctx); err != nil {
		return err
	}
	sharing.Lock()
	defer sharing.Unlock()
	if s.registration != nil {
		return nil
	}
	return s.observe()
}

// observe registers the gauges.
func (s *shared) observe() error {
	entries, err := s.meter.Int64ObservableGauge("otelcol_processor_activity_lookup_entries", metric.WithUnit("{row}"),
		metric.WithDescription("Rows of lookups in memory; for a query, entries of the cache, keys without a row included."))
	remembered, err2 := s.meter.Int64ObservableGauge("otelcol_processor_activity_users_remembered", metric.WithUnit("{span}"),
		metric.WithDescription("Spans whose user is remembered for later batches."))
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	s.registration, err = s.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		s.lookups.Entries(func(name string, n int) {
			o.ObserveInt64(entries, int64(n), metric.WithAttributes(attribute.String("lookup", name)))
		})
		o.ObserveInt64(remembered, int64(s.joiner.Remembered()))
		return nil
	}, entries, remembered)
	return err
}

// stop is called by each instance that has one, started or not; the last ends the
// gauges.
func (s *shared) stop(ctx context.Context, started bool) error {
	var err error
	if started {
		err = s.lookups.Shutdown(ctx)
	}
	sharing.Lock()
	defer sharing.Unlock()
	if s.users--; s.users > 0 {
		return err
	}
	delete(sharing.all, s.cfg)
	if s.registration != nil {
		err = errors.Join(err, s.registration.Unregister())
	}
	return err
}
