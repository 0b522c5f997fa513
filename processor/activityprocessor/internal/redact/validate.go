package redact

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (cfg *Config) Unmarshal(conf *confmap.Conf) (err error) {
	cfg.problems, err = confcheck.Decode(conf, cfg, nil)
	return err
}

// Validate implements [confmap.Validator]. It checks what depends on several fields;
// the types of the fields check the rest.
func (cfg *Config) Validate() error {
	var err error
	hashes := slices.ContainsFunc(cfg.Fields, func(f FieldConfig) bool { return f.Action == keyed })
	if hashes && cfg.HMAC == (HMACConfig{}) {
		err = errors.New("hmac must be set, because a field has the action hmac")
	}
	return confcheck.Line(cfg.problems.Err(), err)
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (f *FieldConfig) Unmarshal(conf *confmap.Conf) (err error) {
	f.problems, err = confcheck.Decode(conf, f, nil)
	return err
}

// Validate implements [confmap.Validator]. It checks what depends on two fields.
func (f *FieldConfig) Validate() error {
	var err error
	switch {
	case f.Action == truncate && f.Length == 0:
		err = errors.New("length must be at least 1 with action truncate; got 0")
	case f.Action != truncate && f.Length != 0 && f.Action.Validate() == nil:
		err = fmt.Errorf("length is only for action truncate; action is %s", f.Action)
	}
	return confcheck.Line(f.problems.Err(), err)
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *HMACConfig) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// Validate implements [confmap.Validator]. The zero value is without the action hmac.
func (c *HMACConfig) Validate() error {
	return confcheck.Line(c.problems.Err(), c.check())
}

func (c *HMACConfig) check() error {
	switch {
	case *c == HMACConfig{}:
	case c.KeyFile == "" && c.KeyEnv == "":
		return errors.New("key_file or key_env must be set")
	case c.KeyFile != "" && c.KeyEnv != "":
		return errors.New("key_file and key_env are mutually exclusive")
	case c.KeyID == "":
		return errors.New("key_id must be set; it distinguishes the values of this key from those of the next")
	case strings.ContainsAny(c.KeyID, ": \t\n"):
		return fmt.Errorf("key_id must not have colons or white space; got %q", c.KeyID)
	}
	return nil
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *SecretKeysConfig) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (c *SecretKeysConfig) Validate() error { return c.problems.Err() }

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *PatternsConfig) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (c *PatternsConfig) Validate() error { return c.problems.Err() }

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *PatternConfig) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (c *PatternConfig) Validate() error { return c.problems.Err() }

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *AddressConfig) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (c *AddressConfig) Validate() error { return c.problems.Err() }
