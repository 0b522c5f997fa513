package activitylogexporter

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/store"
)

const driverGeneric = "generic"

// GenericConfig is what driver generic has to know of a database; docs/databases/generic.md
// has values for some.
type GenericConfig struct {
	// Driver is the name under which the database/sql driver is registered.
	// Required.
	Driver string `mapstructure:"driver"`

	// Placeholder is how the driver writes the first parameter of a statement:
	// "?", the default, "$1", ":1" or "@p1".
	Placeholder string `mapstructure:"placeholder"`

	// From is a table of one row, for a database in which each SELECT must have a
	// table: DUAL, RDB$DATABASE. By default there is none.
	From string `mapstructure:"from"`

	// TypedParameters is for databases that refuse a statement whose parameters
	// have no type. Default: false.
	TypedParameters bool `mapstructure:"typed_parameters"`

	// Refused are regular expressions for the code or the text of those errors
	// of the database that mean that it refuses a row. Those with an SQLSTATE of
	// the classes 22, 23 and 44 are known without.
	Refused []string `mapstructure:"refused"`
}

// fromTable allows "$", as in RDB$DATABASE, and a schema, as in SYSIBM.SYSDUMMY1.
var fromTable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?$`)

func (g GenericConfig) dialect() dialect.Generic {
	placeholder := g.Placeholder
	if placeholder == "" {
		placeholder = dialect.Placeholders()[0]
	}
	return dialect.Generic{SQLDriver: g.Driver, Placeholder: placeholder, From: g.From, Typed: g.TypedParameters, Refused: g.Refused}
}

func (c *Config) validateGeneric() error {
	if c.driver() != driverGeneric {
		if !reflect.ValueOf(c.Generic).IsZero() {
			return fmt.Errorf("generic: is for driver generic alone, and driver is %q", c.driver())
		}
		return nil
	}
	var errs []error
	if c.CreateSchema {
		errs = append(errs, errors.New("create_schema: must be false with driver generic, which makes no tables; docs/databases/generic.md has the SQL for them"))
	}
	drivers := strings.Join(store.Drivers(), ", ")
	switch {
	case c.Generic.Driver == "":
		errs = append(errs, fmt.Errorf("generic::driver: must be set, to one of the database/sql drivers that are compiled in: %s", drivers))
	case !slices.Contains(store.Drivers(), c.Generic.Driver):
		errs = append(errs, fmt.Errorf("generic::driver: %q is not compiled in; compiled in are: %s; docs/databases/generic.md says how to build a collector with another one", c.Generic.Driver, drivers))
	}
	if allowed := dialect.Placeholders(); c.Generic.Placeholder != "" && !slices.Contains(allowed, c.Generic.Placeholder) {
		errs = append(errs, fmt.Errorf("generic::placeholder: unknown value %q; allowed are: %s", c.Generic.Placeholder, strings.Join(allowed, ", ")))
	}
	if c.Generic.From != "" && !fromTable.MatchString(c.Generic.From) {
		errs = append(errs, fmt.Errorf("generic::from: %q is no table name; allowed are letters, digits, _ and $, and a schema with a dot before it", c.Generic.From))
	}
	for i, pattern := range c.Generic.Refused {
		if _, err := regexp.Compile(pattern); err != nil || pattern == "" {
			errs = append(errs, fmt.Errorf("generic::refused::%d: %q is no regular expression as on https://golang.org/s/re2syntax", i, pattern))
		}
	}
	return errors.Join(errs...)
}
