package activityconnector

import (
	"errors"
	"fmt"
	"slices"

	"go.opentelemetry.io/collector/component"

	"github.com/otelactivity/activitylog/activity"
)

// Config is the configuration of the activity connector.
type Config struct {
	// Sources says of which activities log records are made: "derived" ones,
	// which the activity processor made of plain spans, "declared" ones, which
	// the service recorded on its span, or both. Default: derived, since a
	// service sends its declared activities as log records itself.
	Sources []activity.Source `mapstructure:"sources"`

	// Attributes are the keys of further span attributes that the log record
	// gets, in addition to those that are columns. Default: empty.
	Attributes []string `mapstructure:"attributes"`

	// prevent unkeyed literal initialization
	_ struct{}
}

var sources = []activity.Source{activity.SourceDerived, activity.SourceDeclared}

// Validate checks the configuration.
func (cfg *Config) Validate() error {
	var errs []error
	if len(cfg.Sources) == 0 {
		errs = append(errs, fmt.Errorf("sources: must name one of %q at least", sources))
	}
	for _, source := range cfg.Sources {
		if !slices.Contains(sources, source) {
			errs = append(errs, fmt.Errorf("sources: must be some of %q, got %q", sources, source))
		}
	}
	if slices.Contains(cfg.Attributes, "") {
		errs = append(errs, errors.New("attributes: a key is empty; remove it"))
	}
	return errors.Join(errs...)
}

func createDefaultConfig() component.Config {
	return &Config{Sources: []activity.Source{activity.SourceDerived}}
}
