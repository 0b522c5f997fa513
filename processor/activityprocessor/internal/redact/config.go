package redact

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Config is the key privacy of the activity processor.
type Config struct {
	// Enabled masks secrets. Default true.
	Enabled bool `mapstructure:"enabled"`

	// Fields are fields to drop, mask, truncate or hash, whatever their values are.
	Fields Fields `mapstructure:"fields"`

	// HMAC is the key of the action hmac.
	HMAC HMACConfig `mapstructure:"hmac"`

	// SecretKeys masks values by the names of their keys.
	SecretKeys SecretKeysConfig `mapstructure:"secret_keys"`

	// Patterns masks parts of texts.
	Patterns PatternsConfig `mapstructure:"patterns"`

	// Address generalises the addresses of clients.
	Address AddressConfig `mapstructure:"address"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// FieldConfig is a field and what to do with it.
type FieldConfig struct {
	// Field is an attribute, "activity.actor.id", or a member of the data,
	// "activity.data.iban".
	Field Field `mapstructure:"field"`

	// Action is "drop", "mask", "truncate" or "hmac".
	Action Action `mapstructure:"action"`

	// Length is how many characters truncate leaves.
	Length confcheck.Count `mapstructure:"length"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// HMACConfig says where the key is; one of KeyFile and KeyEnv.
type HMACConfig struct {
	KeyFile string `mapstructure:"key_file"` // white space around the key is not part of it
	KeyEnv  string `mapstructure:"key_env"`  // the name of an environment variable
	KeyID   string `mapstructure:"key_id"`   // is part of each value, so that the keys can be distinguished

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// SecretKeysConfig is about keys such as password and api_key, of attributes, of
// maps within them, and in text: "password=…", "X-Api-Key: …".
type SecretKeysConfig struct {
	Enabled bool            `mapstructure:"enabled"` // default true
	Add     Words           `mapstructure:"add"`     // further words: "iban" is also in user_iban and userIban
	Allow   confcheck.Texts `mapstructure:"allow"`   // exact names of keys that must not be masked, in any case

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// PatternsConfig finds secrets in text by their form.
type PatternsConfig struct {
	Cards  bool `mapstructure:"cards"`  // card numbers, with a right check digit; default true
	Tokens bool `mapstructure:"tokens"` // tokens and keys of known shapes, passwords in URLs; default true
	Emails bool `mapstructure:"emails"` // except the actor's own; default true

	Custom []PatternConfig `mapstructure:"custom"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// PatternConfig is a pattern for a secret of your own.
type PatternConfig struct {
	Name  confcheck.Name `mapstructure:"name"`
	Regex Regex          `mapstructure:"regex"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// AddressConfig says how many bits of an address are kept; 0 keeps the whole address.
type AddressConfig struct {
	IPv4Prefix IPv4Prefix `mapstructure:"ipv4_prefix"`
	IPv6Prefix IPv6Prefix `mapstructure:"ipv6_prefix"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// Action is what to do with a field.
type Action string

// The values of action.
const (
	drop     Action = "drop"
	mask     Action = "mask"
	truncate Action = "truncate"
	keyed    Action = "hmac"
)

// Validate implements [confmap.Validator].
func (a Action) Validate() error { return confcheck.OneOf(a, drop, mask, truncate, keyed) }

// Field is the name of an attribute, or of a member of the data.
type Field string

// never are the fields that make a record what it is: without them there would be no
// row, or two.
var never = []string{"activity.action.type", "activity.id", "activity.source", "activity.status"}

// Validate implements [confmap.Validator].
func (f Field) Validate() error {
	if f == "" {
		return errors.New(`must be an attribute, such as "activity.actor.id", or a member of the data, such as "activity.data.iban"`)
	}
	if slices.Contains(never, string(f)) {
		return fmt.Errorf("must not be one of %s, because a row needs them; got %q", confcheck.List(never), string(f))
	}
	return nil
}

// Fields is a list of different fields.
type Fields []FieldConfig

// Validate implements [confmap.Validator].
func (f Fields) Validate() error {
	first := map[Field]int{}
	for i := range f {
		name := f[i].Field
		if at, known := first[name]; known && name != "" {
			return fmt.Errorf("must have each field once; entries %d and %d are both %q", at, i, string(name))
		}
		first[name] = i
	}
	return nil
}

// Words is a list of single words.
type Words []string

// Validate implements [confmap.Validator].
func (w Words) Validate() error {
	for _, word := range w {
		if len(activity.Words(word)) != 1 {
			return fmt.Errorf("must be single words, such as iban; got %q", word)
		}
	}
	return nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (w *Words) UnmarshalText(text []byte) error { return (*confcheck.Texts)(w).UnmarshalText(text) }

// Regex is a regular expression that does not match the empty text.
type Regex string

// Validate implements [confmap.Validator].
func (r Regex) Validate() error {
	re, err := regexp.Compile(string(r))
	if err != nil {
		return fmt.Errorf("must be a regular expression as on https://golang.org/s/re2syntax: %w", err)
	}
	if re.MatchString("") {
		return fmt.Errorf("must not match the empty text, which is everywhere; got %q", string(r))
	}
	return nil
}

// IPv4Prefix is a number of bits, 0 for the whole address.
type IPv4Prefix int

// Validate implements [confmap.Validator].
func (p IPv4Prefix) Validate() error { return confcheck.Between(p, 0, 32) }

// IPv6Prefix is a number of bits, 0 for the whole address.
type IPv6Prefix int

// Validate implements [confmap.Validator].
func (p IPv6Prefix) Validate() error { return confcheck.Between(p, 0, 128) }

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{
		Enabled:    true,
		SecretKeys: SecretKeysConfig{Enabled: true},
		Patterns:   PatternsConfig{Cards: true, Tokens: true, Emails: true},
	}
}
