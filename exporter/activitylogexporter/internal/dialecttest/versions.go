package dialecttest

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// versions makes the schema of each version there has been, writes a row into it
// as an exporter of that time did, and brings it on.
func versions(t *testing.T, h Harness) {
	if h.Dialect.Goose() == "" {
		t.Log("does not apply: this dialect makes no schema")
		return
	}
	files := migrations(t, h)
	for version := range len(files) + 1 {
		dsn := h.New(t)
		o := h.open(t, dsn, nil)
		provider, err := store.Migrations(h.Dialect, o.db, "activity_log")
		if err != nil {
			t.Fatal(err)
		}
		old := Rows(1)
		old[0].Text[row.Data] = merged[0].data
		if version > 0 {
			if _, err := provider.UpTo(t.Context(), int64(version)); err != nil {
				t.Fatalf("make version %d: %v", version, err)
			}
			o.insert(h, &old[0])
		}
		o.write(old...)
		o.write(Rows(10)...)
		o.expect(11, "SELECT count(*) FROM activity_log")
		o.compare(&old[0])
		if h.hasObjects(t) {
			if got := o.objectsOf(&old[0]); got != merged[0].want {
				t.Errorf("from version %d: the objects are %s, want %s", version, got, merged[0].want)
			}
		}
		o.expect(len(files), "SELECT max(version_id) FROM activity_log_schema")
	}
}

// migrations are the names of the dialect's migrations.
func migrations(t *testing.T, h Harness) []string {
	t.Helper()
	files, err := fs.Glob(h.Dialect.Schema("activity_log"), "*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("migrations: %v, %v", files, err)
	}
	return files
}

// insert writes a row by the dialect's statement for one.
func (o *opened) insert(h Harness, r *row.Row) {
	o.t.Helper()
	tx, err := o.db.BeginTx(o.t.Context(), nil)
	if err != nil {
		o.t.Fatal(err)
	}
	statement, err := tx.PrepareContext(o.t.Context(), h.Dialect.Insert("activity_log"))
	if err != nil {
		o.t.Fatal(err)
	}
	defer statement.Close()
	if _, err := statement.ExecContext(o.t.Context(), h.Dialect.Args(nil, r)...); err != nil {
		o.t.Fatalf("%s: %v", strings.TrimSpace(h.Dialect.Insert("activity_log")), err)
	}
	if err := tx.Commit(); err != nil {
		o.t.Fatal(err)
	}
}
