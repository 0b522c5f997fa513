package captures_test

import (
	"database/sql"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/otelactivity/activitylog/internal/jsonschematest"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/schema"
)

// validate checks each row of a database with the published schemas, whole and as a line of an
// export.
func validate(t *testing.T, db *sql.DB) {
	t.Helper()
	row := jsonschematest.Compile(t, jsonschema.NewCompiler(), schema.RowID)
	export := jsonschematest.Compile(t, jsonschema.NewCompiler(), schema.ExportID)
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
		value := jsonschematest.Value(t, line)
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
