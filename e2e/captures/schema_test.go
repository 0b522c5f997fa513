package captures_test

import (
	"database/sql"
	"testing"

	"github.com/otelactivity/activitylog/e2e/internal/rowschema"
	"github.com/otelactivity/activitylog/reader"
)

// validate checks each row of a database with the published schemas, whole and as a line of an
// export.
func validate(t *testing.T, db *sql.DB) {
	t.Helper()
	r, err := reader.New(t.Context(), db, reader.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	for one, err := range r.Scan(t.Context(), reader.Query{}, reader.OldestFirst) {
		if err != nil {
			t.Fatal(err)
		}
		rowschema.Check(t, one)
	}
}
