package declared

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
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
	Wait Wait `mapstructure:"wait"`

	// MaxSpans limits the spans that are remembered, with at most 60 bytes each.
	// Default 100,000, at least 1,000.
	MaxSpans MaxSpans `mapstructure:"max_spans"`

	// TTL is how long a span is remembered: at least so long, unless more than half
	// of MaxSpans come in that time, and at most twice as long. Default 1m.
	TTL TTL `mapstructure:"ttl"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// Wait is a duration of at most 5 s, because senders give up after 10 s.
type Wait time.Duration

// Validate implements [confmap.Validator].
func (w Wait) Validate() error { return confcheck.DurationBetween(w, 0, Wait(5*time.Second)) }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (w *Wait) UnmarshalText(text []byte) error { return confcheck.ParseDuration(w, text) }

// MarshalText implements [encoding.TextMarshaler].
func (w Wait) MarshalText() ([]byte, error) { return []byte(time.Duration(w).String()), nil }

// MaxSpans is a number of spans, at least 1,000.
type MaxSpans int

const minSpans = 1000

// Validate implements [confmap.Validator].
func (m MaxSpans) Validate() error { return confcheck.AtLeast(m, minSpans) }

// TTL is a duration of at least 1 s.
type TTL time.Duration

// Validate implements [confmap.Validator].
func (t TTL) Validate() error { return confcheck.DurationAtLeast(t, TTL(time.Second)) }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (t *TTL) UnmarshalText(text []byte) error { return confcheck.ParseDuration(t, text) }

// MarshalText implements [encoding.TextMarshaler].
func (t TTL) MarshalText() ([]byte, error) { return []byte(time.Duration(t).String()), nil }

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{Metrics: true, MaxSpans: 100_000, TTL: TTL(time.Minute)}
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (cfg *Config) Unmarshal(conf *confmap.Conf) (err error) {
	cfg.problems, err = confcheck.Decode(conf, cfg, nil)
	return err
}

// Validate implements [confmap.Validator]. It checks what depends on two fields; the
// types of the fields check the rest.
func (cfg *Config) Validate() error {
	var err error
	wait, ttl := time.Duration(cfg.Wait), time.Duration(cfg.TTL)
	if cfg.Wait.Validate() == nil && cfg.TTL.Validate() == nil && ttl <= wait {
		err = fmt.Errorf("ttl must be longer than wait, %v; got %v", wait, ttl)
	}
	return confcheck.Line(cfg.problems.Err(), err)
}
