// Package sender says who may write as which service and for which tenant. It
// goes by what the receiver has authenticated, never by what a record says.
package sender

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Config is the key senders of the activity processor.
type Config struct {
	// OnOther is what happens to a request with records that its sender must not
	// write: "refuse" (default) rejects the request, "mark" accepts it and lists the
	// columns under activity.forged in data.
	OnOther OnOther `mapstructure:"on_other"`

	// List are the senders. Without any, everybody may write everything.
	List Bindings `mapstructure:"list"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// Binding is one sender. A request is from the first sender whose token, certificate
// and attributes it has. At least one of these must be set.
type Binding struct {
	// Name is stored in data, under sender.
	Name confcheck.Name `mapstructure:"name"`

	// Token is the bearer token of the request's authorization header. The receiver
	// needs include_metadata: true.
	Token configopaque.String `mapstructure:"token"`

	// Certificate is the common name of the client certificate. The receiver needs
	// tls::client_ca_file, and the middleware activity_guard.
	Certificate string `mapstructure:"certificate"`

	// Attributes are attributes that the receiver's authenticator sets, such as
	// subject of oidc. If an attribute is a list, it must contain the value.
	Attributes Attributes `mapstructure:"attributes"`

	// Services are the services that the sender may write as. "shop-*" is every name
	// with that beginning, "*" is every name.
	Services Services `mapstructure:"services"`

	// Tenants are the tenants that it may write for, in the same form. Default: all.
	// It may always write an activity without a tenant.
	Tenants Tenants `mapstructure:"tenants"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// OnOther is what happens to a request with records that its sender must not write.
type OnOther string

// The values of on_other.
const (
	refuse OnOther = "refuse"
	mark   OnOther = "mark"
)

// Validate implements [confmap.Validator].
func (o OnOther) Validate() error { return confcheck.OneOf(o, refuse, mark) }

// Bindings is a list of senders with different tokens.
type Bindings []Binding

// Validate implements [confmap.Validator].
func (b Bindings) Validate() error {
	first := map[configopaque.String]int{}
	for i := range b {
		token := b[i].Token
		if at, known := first[token]; known && token != "" {
			return fmt.Errorf("must have a different token in each entry; entries %d and %d have the same", at, i)
		}
		first[token] = i
	}
	return nil
}

// Attributes is a map of texts that must not be empty.
type Attributes map[string]string

// Validate implements [confmap.Validator].
func (a Attributes) Validate() error {
	for _, key := range slices.Sorted(maps.Keys(a)) {
		if a[key] == "" {
			return fmt.Errorf("must not have an empty value, which a request without the attribute has too; %q is empty", key)
		}
	}
	return nil
}

// Services is a list of at least one name, or beginning of a name with "*".
type Services []string

// Validate implements [confmap.Validator].
func (s Services) Validate() error {
	if len(s) == 0 {
		return errors.New(`must not be empty; "*" is every service`)
	}
	return checkNames(s)
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Services) UnmarshalText(text []byte) error { return (*confcheck.Texts)(s).UnmarshalText(text) }

// Tenants is a list of names, or beginnings of names with "*".
type Tenants []string

// Validate implements [confmap.Validator].
func (t Tenants) Validate() error { return checkNames(t) }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (t *Tenants) UnmarshalText(text []byte) error { return (*confcheck.Texts)(t).UnmarshalText(text) }

func checkNames(names []string) error {
	for _, name := range names {
		if name == "" || strings.Contains(strings.TrimSuffix(name, "*"), "*") {
			return fmt.Errorf(`must be names, or beginnings of names with "*" after them; got %q`, name)
		}
	}
	return nil
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config { return Config{OnOther: refuse} }

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (cfg *Config) Unmarshal(conf *confmap.Conf) (err error) {
	cfg.problems, err = confcheck.Decode(conf, cfg, nil)
	return err
}

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (cfg *Config) Validate() error { return cfg.problems.Err() }

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (s *Binding) Unmarshal(conf *confmap.Conf) (err error) {
	s.problems, err = confcheck.Decode(conf, s, nil)
	return err
}

// Validate implements [confmap.Validator]. It checks what depends on several fields;
// the types of the fields check the rest.
func (s *Binding) Validate() error {
	var err error
	if s.Token == "" && s.Certificate == "" && len(s.Attributes) == 0 {
		err = errors.New("one of token, certificate and attributes must be set")
	}
	return confcheck.Line(s.problems.Err(), err)
}
