package join

import (
	"time"

	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
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
	Window confcheck.Duration `mapstructure:"window"`

	// MaxSpans is the most spans that are remembered; with more, the window is
	// shorter. Default 100,000.
	MaxSpans MaxSpans `mapstructure:"max_spans"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{Enabled: true, Window: confcheck.Duration(10 * time.Second), MaxSpans: 100_000}
}

// MaxSpans is a number of spans, at least 2.
type MaxSpans int

// Validate implements [confmap.Validator].
func (m MaxSpans) Validate() error { return confcheck.AtLeast(m, 2) }

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *Config) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (c *Config) Validate() error { return c.problems.Err() }
