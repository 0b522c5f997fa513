package activitylogexporter

import (
	"fmt"
	"reflect"
	"regexp"

	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
)

const driverGeneric = "generic"

// GenericConfig is what driver generic has to know of a database; docs/databases/generic.md
// has values for some.
type GenericConfig struct {
	// Driver is the name under which the database/sql driver is registered.
	// Required.
	Driver SQLDriver `mapstructure:"driver"`

	// Placeholder is how the driver writes the first parameter of a statement:
	// "?", the default, "$1", ":1" or "@p1".
	Placeholder Placeholder `mapstructure:"placeholder"`

	// From is a table of one row, for a database in which each SELECT must have a
	// table: DUAL, RDB$DATABASE. By default there is none.
	From From `mapstructure:"from"`

	// TypedParameters is for databases that refuse a statement whose parameters
	// have no type. Default: false.
	TypedParameters bool `mapstructure:"typed_parameters"`

	// Refused are regular expressions for the code or the text of those errors
	// of the database that mean that it refuses a row. Those with an SQLSTATE of
	// the classes 22, 23 and 44 are known without.
	Refused []ErrorPattern `mapstructure:"refused"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// SQLDriver is the name of a database/sql driver, or empty.
type SQLDriver string

// Validate implements [confmap.Validator].
func (d SQLDriver) Validate() error {
	if d == "" {
		return nil
	}
	if err := confcheck.OneOf(string(d), store.Drivers()...); err != nil {
		return fmt.Errorf("%w; docs/databases/generic.md says how to build a collector with another driver", err)
	}
	return nil
}

// Placeholder is how a driver writes the first parameter of a statement.
type Placeholder string

// Validate implements [confmap.Validator].
func (p Placeholder) Validate() error {
	if p == "" {
		return nil
	}
	return confcheck.OneOf(string(p), dialect.Placeholders()...)
}

// From is the name of a table of one row, or empty.
type From string

// fromTable allows "$", as in RDB$DATABASE, and a schema, as in SYSIBM.SYSDUMMY1.
var fromTable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?$`)

// Validate implements [confmap.Validator].
func (f From) Validate() error {
	if f != "" && !fromTable.MatchString(string(f)) {
		return fmt.Errorf("must have letters, digits, _ and $ only, and not begin with a digit or $; a schema and a dot may come first; got %q", string(f))
	}
	return nil
}

// ErrorPattern is a regular expression for an error of a database.
type ErrorPattern string

// Validate implements [confmap.Validator].
func (p ErrorPattern) Validate() error {
	if _, err := regexp.Compile(string(p)); err != nil || p == "" {
		return fmt.Errorf("must be a regular expression as on https://golang.org/s/re2syntax; got %q", string(p))
	}
	return nil
}

func (g GenericConfig) dialect() dialect.Generic {
	placeholder := string(g.Placeholder)
	if placeholder == "" {
		placeholder = dialect.Placeholders()[0]
	}
	generic := dialect.Generic{SQLDriver: string(g.Driver), Placeholder: placeholder, From: string(g.From), Typed: g.TypedParameters}
	for _, pattern := range g.Refused {
		generic.Refused = append(generic.Refused, string(pattern))
	}
	return generic
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (g *GenericConfig) Unmarshal(conf *confmap.Conf) (err error) {
	g.problems, err = confcheck.Decode(conf, g, nil)
	return err
}

// Validate implements [confmap.Validator]. The zero value is for other drivers.
func (g *GenericConfig) Validate() error { return g.problems.Err() }

func (g *GenericConfig) isZero() bool { return reflect.ValueOf(*g).IsZero() }
