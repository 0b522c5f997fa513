// Package limit keeps as much of a record as one activity can need, and drops and
// counts the rest, before anything else looks at it: what comes after it may take
// a time that grows with the number of attributes.
package limit

import (
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Config is the key limits of the activity processor.
type Config struct {
	// Attributes is how many attributes a record, its scope, its resource, an
	// event or a link may have. Those that are columns of activity_log stay
	// before others; of the others the first ones. Default 128, as in SDKs.
	Attributes Attributes `mapstructure:"attributes"`

	// Members is how many members activity.data may have, those of maps and lists
	// within it counted too. The other values of the record together may have as
	// many. Default 1000.
	Members confcheck.PositiveCount `mapstructure:"members"`

	// Text is how many bytes of a text are searched for secrets. A longer one is
	// cut there, since what was not searched must not be stored. Default 65536.
	// Only with privacy::enabled.
	Text Text `mapstructure:"text"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// Attributes is a number of attributes, at least 32.
type Attributes int

// Validate implements [confmap.Validator].
func (a Attributes) Validate() error { return confcheck.AtLeast(a, 32) }

// Text is a number of bytes, at least 4,096, because some of what is searched is cut
// off after it.
type Text int

// Validate implements [confmap.Validator].
func (t Text) Validate() error { return confcheck.AtLeast(t, 4096) }

// DefaultConfig returns the defaults.
func DefaultConfig() Config { return Config{Attributes: 128, Members: 1000, Text: 64 << 10} }

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (cfg *Config) Unmarshal(conf *confmap.Conf) (err error) {
	cfg.problems, err = confcheck.Decode(conf, cfg, nil)
	return err
}

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (cfg *Config) Validate() error { return cfg.problems.Err() }
