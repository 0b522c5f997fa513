package join

import (
	"errors"
	"fmt"
	"time"
)

// Config says whether and how users are joined; docs/develop/enrichment.md has it as YAML.
type Config struct {
	// Enabled joins users within a trace. Default true.
	Enabled bool `mapstructure:"enabled"`

	// AcrossServices also believes a user that a span of another service, or of
	// the caller, names. Default false.
	AcrossServices bool `mapstructure:"across_services"`

	// Window is for how long at least the users of spans are remembered, for the
	// spans and log records that come later; 0 is not at all. Default 10 s.
	Window time.Duration `mapstructure:"window"`

	// MaxSpans is the most spans that are remembered; with more, the window is
	// shorter. Default 100,000.
	MaxSpans int `mapstructure:"max_spans"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{Enabled: true, Window: 10 * time.Second, MaxSpans: 100_000}
}

// Check reports everything that is wrong, each with its YAML key. It is
// not called Validate, which the Collector would call by itself as well.
func (c *Config) Check() error {
	var errs []error
	if c.Window < 0 {
		errs = append(errs, fmt.Errorf("join.window: must not be negative, is %s; 0 is within a batch alone", c.Window))
	}
	if c.MaxSpans < 2 {
		errs = append(errs, fmt.Errorf("join.max_spans: must be 2 at least, is %d", c.MaxSpans))
	}
	return errors.Join(errs...)
}
