package activityconnector

import (
	"errors"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Config is the configuration of the activity connector.
type Config struct {
	// Sources says of which activities log records are made: "derived" ones,
	// which the activity processor made of plain spans, "declared" ones, which
	// the service recorded on its span, or both. Default: derived, since a
	// service sends its declared activities as log records itself.
	Sources Sources `mapstructure:"sources"`

	// Attributes are the keys of further span attributes that the log record
	// gets, in addition to those that are columns. Default: empty.
	Attributes confcheck.Texts `mapstructure:"attributes"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// Sources is a list of at least one source.
type Sources []Source

// Validate implements [confmap.Validator].
func (s Sources) Validate() error {
	if len(s) == 0 {
		return errors.New(`must have one of "derived", "declared"; got an empty list`)
	}
	return nil
}

// UnmarshalText implements [encoding.TextUnmarshaler], for one source without a list.
func (s *Sources) UnmarshalText(text []byte) error {
	*s = Sources{Source(text)}
	return nil
}

// Source is an [activity.Source] in a configuration.
type Source activity.Source

var sources = Sources{Source(activity.SourceDerived), Source(activity.SourceDeclared)}

// Validate implements [confmap.Validator].
func (s Source) Validate() error { return confcheck.OneOf(s, sources...) }

var _ confmap.Unmarshaler = (*Config)(nil)

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (cfg *Config) Unmarshal(conf *confmap.Conf) (err error) {
	cfg.problems, err = confcheck.Decode(conf, cfg, nil)
	return err
}

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (cfg *Config) Validate() error { return cfg.problems.Err() }

func createDefaultConfig() component.Config {
	return &Config{Sources: Sources{Source(activity.SourceDerived)}}
}
