package activityguardextension

import (
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Config is the configuration of the guard.
type Config struct {
	// MaxDepth is how deep values of attributes may be nested. Default 32.
	MaxDepth MaxDepth `mapstructure:"max_depth"`

	// MaxElements is how many resources, scopes, records, spans, events, links,
	// attributes and members of lists and maps one request may have. Default
	// 250,000, which need at most about 100 MiB when they are decoded.
	MaxElements MaxElements `mapstructure:"max_elements"`

	// MaxInFlightMiB is how much memory, by the guard's estimate, all requests in
	// flight together may need. The first 256 KiB of each request do not count, which
	// is a body of about 20 kB, so that small requests do not wait for large ones. Requests
	// below 8 MiB have 48 MiB more for each signal, once they are complete. Default 192.
	MaxInFlightMiB MaxInFlightMiB `mapstructure:"max_in_flight_mib"`

	// Timeout is how long a request may take, from the end of its header to the answer.
	// The deadline of the sender counts if it is earlier. Default 15s.
	Timeout confcheck.PositiveDuration `mapstructure:"timeout"`

	// Required are values that must not be empty, by the names for the error message.
	// It is for environment variables without which a configuration would be unsafe.
	// Default: empty.
	Required map[string]Required `mapstructure:"required"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// MaxDepth is a number of levels, from 1 to 1000.
type MaxDepth int

// Validate implements [confmap.Validator].
func (m MaxDepth) Validate() error { return confcheck.Between(m, 1, 1000) }

// MaxElements is a number of elements, from 1 to 100 million.
type MaxElements int

// Validate implements [confmap.Validator].
func (m MaxElements) Validate() error { return confcheck.Between(m, 1, 100_000_000) }

// MaxInFlightMiB is a size in MiB, from 1 to 1 TiB.
type MaxInFlightMiB int

// Validate implements [confmap.Validator].
func (m MaxInFlightMiB) Validate() error { return confcheck.Between(m, 1, 1<<20) }

// Required is a value that must not be empty. It may be a secret.
type Required string

// Validate implements [confmap.Validator].
func (r Required) Validate() error {
	if r == "" {
		return errors.New("must not be empty; the configuration is not safe without it")
	}
	return nil
}

// MarshalText implements [encoding.TextMarshaler]. It hides the value.
func (r Required) MarshalText() ([]byte, error) { return configopaque.String(r).MarshalText() }

// String hides the value.
func (r Required) String() string { return configopaque.String(r).String() }

// GoString hides the value.
func (r Required) GoString() string { return configopaque.String(r).GoString() }

var _ confmap.Unmarshaler = (*Config)(nil)

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (cfg *Config) Unmarshal(conf *confmap.Conf) (err error) {
	cfg.problems, err = confcheck.Decode(conf, cfg, nil)
	return err
}

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (cfg *Config) Validate() error { return cfg.problems.Err() }

func createDefaultConfig() component.Config {
	return &Config{
		MaxDepth: 32, MaxElements: 250_000, MaxInFlightMiB: 192,
		Timeout: confcheck.PositiveDuration(15 * time.Second),
	}
}
