package declared

import (
	"errors"
	"fmt"
	"time"
)

// Config is the key coverage of the activity processor.
type Config struct {
	// Metrics counts the requests that changed something, by whether their
	// service declared an activity for them. Default true.
	Metrics bool `mapstructure:"metrics"`

	// Rows derives an activity from each request that changed something without a
	// declared activity, even if the span has no actor. Only for services that
	// declare activities. Default false.
	Rows bool `mapstructure:"rows"`

	// Wait is how long after the end of a request the processor waits for the log
	// record that declares its activity, before it answers the sender of the span:
	// at most 5s. Default 0, which does not wait.
	Wait time.Duration `mapstructure:"wait"`

	// MaxSpans limits the spans that are remembered, with at most 60 bytes each.
	// Default 100,000, at least 1,000.
	MaxSpans int `mapstructure:"max_spans"`

	// TTL is how long a span is remembered: at least so long, unless more than half
	// of MaxSpans come in that time, and at most twice as long. Default 1m.
	TTL time.Duration `mapstructure:"ttl"`

	// prevent unkeyed literal initialization
	_ struct{}
}

const (
	minSpans = 1000
	maxWait  = 5 * time.Second
)

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{Metrics: true, MaxSpans: 100_000, TTL: time.Minute}
}

// Validate checks the configuration.
func (cfg *Config) Validate() error {
	var errs []error
	if cfg.Wait < 0 || cfg.Wait > maxWait {
		errs = append(errs, fmt.Errorf("wait: must be from 0s to %v, since senders give up after 10s, got %v", maxWait, cfg.Wait))
	}
	if cfg.MaxSpans < minSpans {
		errs = append(errs, fmt.Errorf("max_spans: must be at least %d, got %d", minSpans, cfg.MaxSpans))
	}
	if cfg.TTL < time.Second {
		errs = append(errs, fmt.Errorf("ttl: must be at least 1s, got %v", cfg.TTL))
	} else if cfg.TTL <= cfg.Wait {
		errs = append(errs, fmt.Errorf("ttl: must be longer than wait, got %v and %v", cfg.TTL, cfg.Wait))
	}
	return errors.Join(errs...)
}
