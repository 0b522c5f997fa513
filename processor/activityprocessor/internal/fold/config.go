package fold

import (
	"time"

	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Config is the key fold of the activity processor.
type Config struct {
	// Enabled folds derived refusals without an actor. Default true.
	Enabled bool `mapstructure:"enabled"`

	// Window is how long after the first one the further ones add to one row, from 1s to
	// 10m. Default 1m. If the collector is killed, that is what it can lose of the counts.
	Window Window `mapstructure:"window"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// Window is a duration from one second to ten minutes.
type Window time.Duration

// Validate implements [confmap.Validator].
func (w Window) Validate() error {
	return confcheck.DurationBetween(w, Window(time.Second), Window(10*time.Minute))
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (w *Window) UnmarshalText(text []byte) error { return confcheck.ParseDuration(w, text) }

// MarshalText implements [encoding.TextMarshaler].
func (w Window) MarshalText() ([]byte, error) { return []byte(time.Duration(w).String()), nil }

// DefaultConfig returns the defaults.
func DefaultConfig() Config { return Config{Enabled: true, Window: Window(time.Minute)} }

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *Config) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (c *Config) Validate() error { return c.problems.Err() }
