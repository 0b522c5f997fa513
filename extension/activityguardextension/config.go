package activityguardextension

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
)

// Config is the configuration of the guard.
type Config struct {
	// MaxDepth is how deep values of attributes may be nested. Default 32.
	MaxDepth int `mapstructure:"max_depth"`

	// MaxElements is how many resources, scopes, records, spans, events, links,
	// attributes and members of lists and maps one request may have. Default
	// 250,000, which need at most about 100 MiB when they are decoded.
	MaxElements int `mapstructure:"max_elements"`

	// MaxInFlightMiB is how much memory, by the guard's estimate, all requests in
	// flight together may need. The first 256 KiB of each request do not count, which
	// is a body of about 20 kB, so that small requests do not wait for large ones.
	// Default 192.
	MaxInFlightMiB int `mapstructure:"max_in_flight_mib"`

	// Timeout is how long a request may take, from its first byte to the answer.
	// The deadline of the sender counts if it is earlier. Default 15s.
	Timeout time.Duration `mapstructure:"timeout"`

	// Required are values that must not be empty, by the names for the error message.
	// It is for environment variables without which a configuration would be unsafe.
	// Default: empty.
	Required map[string]configopaque.String `mapstructure:"required"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// Validate checks the configuration.
func (cfg *Config) Validate() error {
	var errs []error
	for _, setting := range []struct {
		name        string
		value, most int
	}{
		{"max_depth", cfg.MaxDepth, 1000},
		{"max_elements", cfg.MaxElements, 100_000_000},
		{"max_in_flight_mib", cfg.MaxInFlightMiB, 1 << 20},
	} {
		if setting.value < 1 || setting.value > setting.most {
			errs = append(errs, fmt.Errorf("%s: must be from 1 to %d; got %d", setting.name, setting.most, setting.value))
		}
	}
	if cfg.Timeout <= 0 {
		errs = append(errs, fmt.Errorf("timeout: must be above 0; got %s", cfg.Timeout))
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Required)) {
		if cfg.Required[name] == "" {
			errs = append(errs, fmt.Errorf("required: %s is empty; set it, the configuration is not safe without it", name))
		}
	}
	return errors.Join(errs...)
}

func createDefaultConfig() component.Config {
	return &Config{MaxDepth: 32, MaxElements: 250_000, MaxInFlightMiB: 192, Timeout: 15 * time.Second}
}
