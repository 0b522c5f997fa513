// Package rowschema checks rows with the published JSON Schemas.
package rowschema

import (
	"encoding/json"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/otelactivity/activitylog/internal/jsonschematest"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/schema"
)

// Check checks a row as a line of an export, and with all of its columns.
func Check(t testing.TB, one reader.Row) {
	t.Helper()
	line, err := json.Marshal(one)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults(t, line) {
		t.Errorf("%v\n%s", fault, line)
	}
}

// faults says what is wrong with a line of an export.
func faults(t testing.TB, line []byte) (faults []error) {
	t.Helper()
	once.Do(func() {
		row = jsonschematest.Compile(t, jsonschema.NewCompiler(), schema.RowID)
		export = jsonschematest.Compile(t, jsonschema.NewCompiler(), schema.ExportID)
	})
	value := jsonschematest.Value(t, line)
	for _, check := range []func() error{
		func() error { return export.Validate(value) },
		func() error { return row.Validate(withNulls(value)) },
	} {
		if err := check(); err != nil {
			faults = append(faults, err)
		}
	}
	return faults
}

// withNulls adds the columns that an export leaves out.
func withNulls(value any) any {
	o := value.(map[string]any)
	for _, c := range rows.Columns {
		if _, ok := o[c]; !ok {
			o[c] = nil
		}
	}
	return o
}

// The schemas, for all tests of a program.
var (
	once        sync.Once
	row, export *jsonschema.Schema
)
