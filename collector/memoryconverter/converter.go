package memoryconverter

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/processor/memorylimiterprocessor"
	"go.uber.org/zap"
)

// NewFactory returns the factory of the converter.
func NewFactory() confmap.ConverterFactory {
	return confmap.NewConverterFactory(func(set confmap.ConverterSettings) confmap.Converter {
		return &converter{
			logger: set.Logger, lookupEnv: os.LookupEnv, totalMemory: memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem),
			setMemoryLimit: debug.SetMemoryLimit,
		}
	})
}

type converter struct {
	logger         *zap.Logger
	lookupEnv      func(string) (string, bool)
	totalMemory    func() (uint64, error)
	setMemoryLimit func(int64) int64
}

// Convert sets Go's memory limit. Without a memory_limiter, or with a wrong one,
// which the Collector itself reports, it sets nothing.
func (c *converter) Convert(_ context.Context, conf *confmap.Conf) error {
	if _, ok := c.lookupEnv("GOMEMLIMIT"); ok {
		return nil
	}
	limit, err := c.limit(conf)
	if err != nil {
		c.logger.Warn("Go's memory limit is not set.", zap.Error(err))
		return nil
	}
	if limit > 0 {
		c.setMemoryLimit(limit)
	}
	return nil
}

// limit returns the bytes from which on the first memory_limiter refuses data, 0
// if there is no memory_limiter.
func (c *converter) limit(conf *confmap.Conf) (int64, error) {
	processors, err := conf.Sub("processors")
	if err != nil {
		return 0, nil //nolint:nilerr // no map: the Collector reports it
	}
	least := int64(0)
	factory := memorylimiterprocessor.NewFactory()
	for name := range processors.ToStringMap() {
		var id component.ID
		if id.UnmarshalText([]byte(name)) != nil || id.Type() != factory.Type() {
			continue
		}
		sub, err := processors.Sub(name)
		if err != nil {
			return 0, nil //nolint:nilerr // no map: the Collector reports it
		}
		cfg := factory.CreateDefaultConfig().(*memorylimiterprocessor.Config)
		if sub.Unmarshal(cfg) != nil || cfg.Validate() != nil {
			return 0, nil //nolint:nilerr // it is wrong, and the Collector reports it
		}
		soft, err := c.softLimit(cfg)
		if err != nil {
			return 0, err
		}
		if least == 0 || soft < least {
			least = soft
		}
	}
	return least, nil
}

// softLimit returns the bytes from which on a memory_limiter refuses data, as its
// documentation has it: the limit without the spike, which is a fifth of the limit
// when it is not set.
func (c *converter) softLimit(cfg *memorylimiterprocessor.Config) (int64, error) {
	limit, spike := uint64(cfg.MemoryLimitMiB)<<20, uint64(cfg.MemorySpikeLimitMiB)<<20
	if limit == 0 {
		total, err := c.totalMemory()
		if err != nil {
			return 0, fmt.Errorf("find out how much memory there is: %w", err)
		}
		limit = total / 100 * uint64(cfg.MemoryLimitPercentage)
		spike = total / 100 * uint64(cfg.MemorySpikePercentage)
	}
	if spike == 0 {
		spike = limit / 5
	}
	return int64(limit - spike), nil
}
