// Package jsonschematest validates with the published JSON Schemas, for tests of what they
// describe. The validator is github.com/santhosh-tekuri/jsonschema/v6, which each test gives:
// this module requires nothing.
package jsonschematest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/schema"
)

// Compiler is a jsonschema.Compiler. S is *jsonschema.Schema.
type Compiler[S any] interface {
	AddResource(id string, value any) error
	Compile(id string) (S, error)
}

// Compile returns the schema of an id, [schema.RowID] or [schema.ExportID], or a part of one:
// schema.ExportID + "#/$defs/chosen". The compiler must be new.
func Compile[S any](tb testing.TB, c Compiler[S], id string) (compiled S) {
	tb.Helper()
	for id, text := range map[string]string{schema.RowID: schema.Row(), schema.ExportID: schema.Export()} {
		if err := c.AddResource(id, Value(tb, []byte(text))); err != nil {
			tb.Fatal(err)
		}
	}
	compiled, err := c.Compile(id)
	if err != nil {
		tb.Fatal(err)
	}
	return compiled
}

// Value returns a text of JSON as the validator takes it: with numbers as they are written.
func Value(tb testing.TB, text []byte) (value any) {
	tb.Helper()
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		tb.Fatalf("%.300s: %v", text, err)
	}
	if d.More() {
		tb.Fatalf("%.300s: there is more than one value", text)
	}
	return value
}
