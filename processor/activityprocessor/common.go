package activityprocessor

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/internal/shared"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/credential"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/declared"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/join"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/lookup"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/nested"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/redact"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/throttle"
)

// common is what the instances of one processor share: the index of declared spans,
// the users of traces, the acts of inner spans, the lookups, the identity rules, the keys, and what each service has sent.
type common struct {
	declared *declared.Index
	joiner   *join.Joiner
	nested   *nested.Memory
	lookups  *lookup.Lookups
	finder   *credential.Finder
	cleaner  *redact.Cleaner
	throttle *throttle.Throttle
	advice   *advice
	logger   *zap.Logger
	rules    []string // their names

	observers *metadata.TelemetryBuilder // of the gauges, which no single instance may end
	counting  sync.Once
}

// processors has one common for each processor.
var processors shared.Map[*Config, *common]

func newCommon(cfg *Config, rules []string, set component.TelemetrySettings, t *telemetry) (*common, error) {
	cleaner, err := redact.New(cfg.Privacy, int(cfg.Limits.Text))
	if err != nil {
		return nil, fmt.Errorf("prepare privacy: %w", err)
	}
	lookups, err := lookup.New(cfg.Lookups, set.Logger, t)
	if err != nil {
		return nil, err
	}
	finder, err := credential.New(cfg.Identity, lookups, cfg.trustedProxies(), set.Logger)
	if err != nil {
		return nil, err
	}
	warnUnreachable(cfg.rules(), set.Logger)
	observers, err := metadata.NewTelemetryBuilder(set)
	if err != nil {
		return nil, fmt.Errorf("create metrics: %w", err)
	}
	return &common{
		declared: declared.New(cfg.Coverage), joiner: join.New(cfg.Join), nested: nested.NewMemory(), lookups: lookups, finder: finder, cleaner: cleaner,
		throttle:  throttle.New(cfg.Throttle),
		observers: observers, advice: newAdvice(), logger: set.Logger, rules: rules,
	}, nil
}

// Start implements [shared.Component]: it starts the lookups, the keys of tokens and the
// gauges.
func (c *common) Start(ctx context.Context) error {
	if err := c.lookups.Start(ctx); err != nil {
		return err
	}
	if err := c.finder.Start(ctx); err != nil {
		return errors.Join(err, c.lookups.Shutdown(ctx))
	}
	err := errors.Join(
		c.observers.RegisterProcessorActivityLookupEntriesCallback(func(_ context.Context, o metric.Int64Observer) error {
			c.lookups.Entries(func(name string, n int) {
				o.Observe(int64(n), metric.WithAttributes(attribute.String("lookup", name)))
			})
			return nil
		}),
		c.observers.RegisterProcessorActivityUsersRememberedCallback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(int64(c.joiner.Remembered()))
			return nil
		}),
	)
	if err != nil {
		return errors.Join(err, c.Shutdown(ctx))
	}
	c.logger.Info("The rules for activities are in use. The first that matches a record applies.", zap.Strings("rules", c.rules))
	return nil
}

// countRequests starts the counters of requests with and without a declared
// activity, once for all instances.
func (c *common) countRequests() (err error) {
	c.counting.Do(func() {
		err = errors.Join(
			c.observers.RegisterProcessorActivityRequestsCoveredCallback(func(_ context.Context, o metric.Int64Observer) error {
				covered, _ := c.declared.Counts()
				o.Observe(covered)
				return nil
			}),
			c.observers.RegisterProcessorActivityRequestsUncoveredCallback(func(_ context.Context, o metric.Int64Observer) error {
				_, uncovered := c.declared.Counts()
				o.Observe(uncovered)
				return nil
			}),
		)
	})
	return err
}

// Shutdown implements [shared.Component]: it stops what Start has started.
func (c *common) Shutdown(ctx context.Context) error {
	c.observers.Shutdown()
	return errors.Join(c.finder.Shutdown(ctx), c.lookups.Shutdown(ctx))
}
