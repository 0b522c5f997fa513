package redact

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// Config is what the activity processor's key privacy says.
type Config struct {
	// Enabled turns all of it on. Default true.
	Enabled bool `mapstructure:"enabled"`

	// Fields are what becomes of single fields, whatever is in them.
	Fields []FieldConfig `mapstructure:"fields"`

	// HMAC is the key of the action hmac.
	HMAC HMACConfig `mapstructure:"hmac"`

	// SecretKeys masks values by the names of their keys.
	SecretKeys SecretKeysConfig `mapstructure:"secret_keys"`

	// Patterns masks parts of texts.
	Patterns PatternsConfig `mapstructure:"patterns"`

	// Address generalises the addresses of clients.
	Address AddressConfig `mapstructure:"address"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// FieldConfig is what becomes of one field.
type FieldConfig struct {
	// Field is an attribute, "activity.actor.id", or a member of the data,
	// "activity.data.iban".
	Field string `mapstructure:"field"`

	// Action is "drop", "mask", "truncate" or "hmac".
	Action string `mapstructure:"action"`

	// Length is how many characters truncate leaves.
	Length int `mapstructure:"length"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// HMACConfig says where the key is; one of KeyFile and KeyEnv.
type HMACConfig struct {
	KeyFile string `mapstructure:"key_file"` // white space around the key is not part of it
	KeyEnv  string `mapstructure:"key_env"`  // the name of an environment variable
	KeyID   string `mapstructure:"key_id"`   // is part of each value, so that the keys can be distinguished

	// prevent unkeyed literal initialization
	_ struct{}
}

// SecretKeysConfig is about keys such as password and api_key, of attributes, of
// maps within them, and in text: "password=…", "X-Api-Key: …".
type SecretKeysConfig struct {
	Enabled bool     `mapstructure:"enabled"` // default true
	Add     []string `mapstructure:"add"`     // further words: "iban" is also in user_iban and userIban
	Allow   []string `mapstructure:"allow"`   // exact names of keys that must not be masked, in any case

	// prevent unkeyed literal initialization
	_ struct{}
}

// PatternsConfig is about what text looks like.
type PatternsConfig struct {
	Cards  bool `mapstructure:"cards"`  // card numbers, with a right check digit; default true
	Tokens bool `mapstructure:"tokens"` // tokens and keys of known shapes, passwords in URLs; default true
	Emails bool `mapstructure:"emails"` // but the actor's own; default true

	Custom []PatternConfig `mapstructure:"custom"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// PatternConfig is a pattern of one's own.
type PatternConfig struct {
	Name  string `mapstructure:"name"`
	Regex string `mapstructure:"regex"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// AddressConfig says how many bits of an address are kept; 0 keeps the whole address.
type AddressConfig struct {
	IPv4Prefix int `mapstructure:"ipv4_prefix"`
	IPv6Prefix int `mapstructure:"ipv6_prefix"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// The values of action.
const (
	drop     = "drop"
	mask     = "mask"
	truncate = "truncate"
	keyed    = "hmac"
)

var actions = []string{drop, mask, truncate, keyed}

// never are the fields that make a record what it is: without them there is no
// row, or two.
var never = map[string]bool{
	"activity.id": true, "activity.action.type": true, "activity.status": true, "activity.source": true,
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{
		Enabled:    true,
		SecretKeys: SecretKeysConfig{Enabled: true},
		Patterns:   PatternsConfig{Cards: true, Tokens: true, Emails: true},
	}
}

// Validate checks the configuration; its errors name the key.
func (cfg *Config) Validate() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	seen, hashes := map[string]int{}, false
	for i, f := range cfg.Fields {
		if err := f.check(); err != nil {
			fail("fields[%d]: %w", i, err)
		}
		if first, ok := seen[f.Field]; ok {
			fail("fields[%d]: field: %s is fields[%d] already", i, f.Field, first)
		}
		seen[f.Field] = i
		hashes = hashes || f.Action == keyed
	}
	if err := cfg.HMAC.check(); err != nil && (hashes || cfg.HMAC != HMACConfig{}) {
		fail("hmac: %w", err)
	}
	for i, p := range cfg.Patterns.Custom {
		if p.Name == "" {
			fail("patterns: custom[%d]: name: is missing", i)
		}
		if re, err := regexp.Compile(p.Regex); err != nil {
			fail("patterns: custom[%d] %q: regex: %w", i, p.Name, err)
		} else if re.MatchString("") {
			fail("patterns: custom[%d] %q: regex: %q matches the empty text, and so everything", i, p.Name, p.Regex)
		}
	}
	for i, word := range cfg.SecretKeys.Add {
		if len(activity.Words(word)) != 1 {
			fail("secret_keys: add[%d]: must be one word, got %q", i, word)
		}
	}
	if n := cfg.Address.IPv4Prefix; n < 0 || n > 32 {
		fail("address: ipv4_prefix: must be from 1 to 32, or 0 for the whole address, got %d", n)
	}
	if n := cfg.Address.IPv6Prefix; n < 0 || n > 128 {
		fail("address: ipv6_prefix: must be from 1 to 128, or 0 for the whole address, got %d", n)
	}
	return errors.Join(errs...)
}

func (f *FieldConfig) check() error {
	switch {
	case f.Field == "":
		return errors.New("field: is missing")
	case never[f.Field]:
		return fmt.Errorf("field: %s identifies the row; none of %q can be changed", f.Field, slices.Sorted(maps.Keys(never)))
	case !slices.Contains(actions, f.Action):
		return fmt.Errorf("action: must be one of %q, got %q", actions, f.Action)
	case f.Action == truncate && f.Length <= 0:
		return fmt.Errorf("length: must be above 0 for truncate, got %d", f.Length)
	case f.Action != truncate && f.Length != 0:
		return errors.New("length: is for truncate")
	}
	return nil
}

func (c *HMACConfig) check() error {
	switch {
	case c.KeyFile == "" && c.KeyEnv == "":
		return errors.New("key_file or key_env: is missing; the action hmac needs a key")
	case c.KeyFile != "" && c.KeyEnv != "":
		return errors.New("key_env: key_file is set too; leave one of them out")
	case c.KeyID == "":
		return errors.New("key_id: is missing; it distinguishes the values of this key from those of the next")
	case strings.ContainsAny(c.KeyID, ": \t\n"):
		return fmt.Errorf("key_id: must be without colons and white space, got %q", c.KeyID)
	}
	return nil
}
