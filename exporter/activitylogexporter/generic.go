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

	// prevent unkeyed literal initialization
	_ struct{}
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

// Validate reports everything that is wrong. The zero value is for other drivers.
func (g *GenericConfig) Validate() error {
	if g.isZero() {
		return nil
	}
	var errs []error
	drivers := strings.Join(store.Drivers(), ", ")
	switch {
	case g.Driver == "":
		errs = append(errs, fmt.Errorf("driver: must be set, to one of the database/sql drivers that are compiled in: %s", drivers))
	case !slices.Contains(store.Drivers(), g.Driver):
		errs = append(errs, fmt.Errorf("driver: %q is not compiled in; compiled in are: %s; docs/databases/generic.md says how to build a collector with another one", g.Driver, drivers))
	}
	if allowed := dialect.Placeholders(); g.Placeholder != "" && !slices.Contains(allowed, g.Placeholder) {
		errs = append(errs, fmt.Errorf("placeholder: unknown value %q; allowed are: %s", g.Placeholder, strings.Join(allowed, ", ")))
	}
	if g.From != "" && !fromTable.MatchString(g.From) {
		errs = append(errs, fmt.Errorf("from: %q is not a table name; allowed are letters, digits, _ and $, and a schema with a dot before it", g.From))
	}
	for i, pattern := range g.Refused {
		if _, err := regexp.Compile(pattern); err != nil || pattern == "" {
			errs = append(errs, fmt.Errorf("refused::%d: %q is not a regular expression as on https://golang.org/s/re2syntax", i, pattern))
		}
	}
	return errors.Join(errs...)
}

func (g *GenericConfig) isZero() bool { return reflect.ValueOf(*g).IsZero() }

// validateGeneric checks what depends on other keys; [GenericConfig.Validate] has
// the rest.
func (c *Config) validateGeneric() error {
	switch {
	case c.driver() != driverGeneric && !c.Generic.isZero():
		return fmt.Errorf("generic: is for driver generic alone, and driver is %q", c.driver())
	case c.driver() != driverGeneric:
		return nil
	}
	var errs []error
	if c.CreateSchema {
		errs = append(errs, errors.New("create_schema: must be false with driver generic, which makes no tables; docs/databases/generic.md has the SQL for them"))
	}
	if c.Generic.isZero() {
		errs = append(errs, fmt.Errorf("generic: must be set with driver generic; it needs the key driver, one of the database/sql drivers that are compiled in: %s",
			strings.Join(store.Drivers(), ", ")))
	}
	return errors.Join(errs...)
}
