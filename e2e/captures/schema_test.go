package captures_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/schema"
)

// validate checks each row of a database with the published schemas, whole and as a line of an
// export.
func validate(t *testing.T, db *sql.DB) {
	t.Helper()
	row, export := compiled(t, schema.RowID), compiled(t, schema.ExportID)
	r, err := reader.New(t.Context(), db, reader.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	for one, err := range r.Scan(t.Context(), reader.Query{}, reader.OldestFirst) {
		if err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := export.Validate(value); err != nil {
			t.Errorf("export %s: %v", line, err)
		}
		if err := row.Validate(withNulls(value)); err != nil {
			t.Errorf("row %s: %v", line, err)
		}
	}
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

// compiled returns one of the schemas.
func compiled(t *testing.T, id string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	for id, text := range map[string]string{schema.RowID: schema.Row(), schema.ExportID: schema.Export()} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(id, value); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
