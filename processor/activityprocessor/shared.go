package activityprocessor

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/declared"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/join"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/lookup"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/redact"
)

// shared is what the instances of one processor have in common, except the index of
// declared spans: the users of traces, lookups, and keys.
type shared struct {
	joiner  *join.Joiner
	lookups *lookup.Lookups
	cleaner *redact.Cleaner

	cfg       *Config
	users     int                        // instances that have not been shut down
	observers *metadata.TelemetryBuilder // of the gauges, which no single instance may end
	observed  bool
	counted   bool
}

// sharing holds what is in use, by the pointer to the configuration, which is the
// same for all instances of one processor.
var sharing = struct {
	sync.Mutex
	all map[*Config]*shared
}{all: map[*Config]*shared{}}

// share returns what the instances of cfg have in common. Each instance must call
// stop.
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
	observers, err := metadata.NewTelemetryBuilder(set)
	if err != nil {
		return nil, fmt.Errorf("create metrics: %w", err)
	}
	s := &shared{joiner: join.New(cfg.Join), lookups: lookups, cleaner: cleaner, cfg: cfg, users: 1, observers: observers}
	sharing.all[cfg] = s
	return s, nil
}

// start may be called by each instance. It begins the gauges.
func (s *shared) start(ctx context.Context) error {
	if err := s.lookups.Start(ctx); err != nil {
		return err
	}
	sharing.Lock()
	defer sharing.Unlock()
	if s.observed {
		return nil
	}
	s.observed = true
	return errors.Join(
		s.observers.RegisterProcessorActivityLookupEntriesCallback(func(_ context.Context, o metric.Int64Observer) error {
			s.lookups.Entries(func(name string, n int) {
				o.Observe(int64(n), metric.WithAttributes(attribute.String("lookup", name)))
			})
			return nil
		}),
		s.observers.RegisterProcessorActivityUsersRememberedCallback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(int64(s.joiner.Remembered()))
			return nil
		}),
	)
}

// countRequests begins the counters of requests with and without a declared
// activity, once for all instances.
func (s *shared) countRequests(index *declared.Index) error {
	sharing.Lock()
	defer sharing.Unlock()
	if s.counted {
		return nil
	}
	s.counted = true
	return errors.Join(
		s.observers.RegisterProcessorActivityRequestsCoveredCallback(func(_ context.Context, o metric.Int64Observer) error {
			covered, _ := index.Counts()
			o.Observe(covered)
			return nil
		}),
		s.observers.RegisterProcessorActivityRequestsUncoveredCallback(func(_ context.Context, o metric.Int64Observer) error {
			_, uncovered := index.Counts()
			o.Observe(uncovered)
			return nil
		}),
	)
}

// stop is called by each instance, started or not. The last ends the gauges.
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
	s.observers.Shutdown()
	return err
}
