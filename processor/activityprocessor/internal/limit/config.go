// Package limit keeps as much of a record as one activity can need, and drops and
// counts the rest, before anything else looks at it: what comes after it may take
// a time that grows with the number of attributes.
package limit

import (
	"errors"
	"fmt"
)

// Config is what the activity processor's key limits says.
type Config struct {
	// Attributes is how many attributes a record, its scope, its resource, an
	// event or a link may have. Those that are columns of activity_log stay
	// before others; of the others the first ones. Default 128, as in SDKs.
	Attributes int `mapstructure:"attributes"`

	// Members is how many members activity.data may have, those of maps and lists
	// within it counted too. The other values of the record together may have as
	// many. Default 1000.
	Members int `mapstructure:"members"`

	// Text is how many bytes of a text are searched for secrets. A longer one is
	// cut there, since what was not searched must not be stored. Default 65536.
	// Only with privacy::enabled.
	Text int `mapstructure:"text"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// minText is the least value of text: some of what is searched is cut off after it.
const minText = 4096

// DefaultConfig returns the defaults.
func DefaultConfig() Config { return Config{Attributes: 128, Members: 1000, Text: 64 << 10} }

// Validate checks the configuration.
func (cfg *Config) Validate() error {
	var errs []error
	for _, setting := range []struct {
		name         string
		value, least int
	}{{"attributes", cfg.Attributes, 32}, {"members", cfg.Members, 1}, {"text", cfg.Text, minText}} {
		if setting.value < setting.least {
			errs = append(errs, fmt.Errorf("%s: must be at least %d; got %d", setting.name, setting.least, setting.value))
		}
	}
	return errors.Join(errs...)
}
