// Package sender says who may write as which service and for which tenant. It
// goes by what the receiver has authenticated, never by what a record says.
package sender

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/config/configopaque"
)

// Config is what the activity processor's key senders says.
type Config struct {
	// OnOther says what becomes of what a sender may not write: "refuse"
	// (default) refuses the request for good, "mark" lets it through and names the
	// columns under activity.forged in data.
	OnOther string `mapstructure:"on_other"`

	// List are the senders. Without any, everybody may write everything.
	List []Binding `mapstructure:"list"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// Binding is one sender. A request is from the first whose token, certificate
// and attributes it has; one of them at least is set.
type Binding struct {
	// Name stands in data, under sender.
	Name string `mapstructure:"name"`

	// Token is the bearer token of the request's authorization header. The receiver
	// needs include_metadata: true.
	Token configopaque.String `mapstructure:"token"`

	// Certificate is the common name of the client certificate. The receiver needs
	// tls::client_ca_file, and the middleware activity_guard.
	Certificate string `mapstructure:"certificate"`

	// Attributes are what the authenticator of the receiver says, such as subject
	// of oidc. A list has to hold the value.
	Attributes map[string]string `mapstructure:"attributes"`

	// Services are the names of services that the sender may write as. "shop-*"
	// is every name that begins so, "*" every name.
	Services []string `mapstructure:"services"`

	// Tenants are the tenants that it may write for, likewise. Default: all. An
	// activity without a tenant is for none of them and may be written.
	Tenants []string `mapstructure:"tenants"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// The values of on_other.
const (
	refuse = "refuse"
	mark   = "mark"
)

// DefaultConfig returns the defaults.
func DefaultConfig() Config { return Config{OnOther: refuse} }

// Validate checks the configuration.
func (cfg *Config) Validate() error {
	var errs []error
	if cfg.OnOther != refuse && cfg.OnOther != mark {
		errs = append(errs, fmt.Errorf(`on_other: must be one of "refuse", "mark"; got %q`, cfg.OnOther))
	}
	tokens := map[configopaque.String]int{}
	for i := range cfg.List {
		s := &cfg.List[i]
		if err := s.check(); err != nil {
			errs = append(errs, fmt.Errorf("list[%d] %q: %w", i, s.Name, err))
		}
		if first, known := tokens[s.Token]; known && s.Token != "" {
			errs = append(errs, fmt.Errorf("list[%d] %q: token: list[%d] has the same", i, s.Name, first))
		}
		tokens[s.Token] = i
	}
	return errors.Join(errs...)
}

func (s *Binding) check() error {
	switch {
	case s.Name == "":
		return errors.New("name: is missing")
	case s.Token == "" && s.Certificate == "" && len(s.Attributes) == 0:
		return errors.New("token: is empty, and so are certificate and attributes; set one of them")
	case slices.Contains(valuesOf(s.Attributes), ""):
		return errors.New("attributes: a value is empty, which a request without it has too")
	case len(s.Services) == 0:
		return errors.New(`services: is missing; "*" is every service`)
	}
	for _, pattern := range slices.Concat(s.Services, s.Tenants) {
		if pattern == "" || strings.Contains(strings.TrimSuffix(pattern, "*"), "*") {
			return fmt.Errorf(`services, tenants: must be a name, or the beginning of one with "*" after it; got %q`, pattern)
		}
	}
	return nil
}

func valuesOf(m map[string]string) (values []string) {
	for _, v := range m {
		values = append(values, v)
	}
	return values
}
