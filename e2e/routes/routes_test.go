// Package routes_test serves the requests of one table of routes with the
// middleware, sends plain spans of the same requests to the collector, and
// compares the objects. The table is that of package activity/route.
package routes_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// request is one line of the table.
type request struct {
	framework, route, path string
	want                   activity.Object
}

func (r *request) name() string { return r.framework + " " + r.route + " " + r.path }

func TestRoutes(t *testing.T) {
	table := readTable(t)
	derived := derive(t, table)
	for i := range table {
		r := &table[i]
		t.Run(r.name(), func(t *testing.T) {
			if got := declare(t, r); got != r.want {
				t.Errorf("declared: %+v, want %+v", got, r.want)
			}
			if got, ok := derived[traceID(i)]; !ok || got != r.want {
				t.Errorf("derived: %+v (a row: %v), want %+v", got, ok, r.want)
			}
		})
	}
}

func readTable(t *testing.T) []request {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(collectortest.Root(t), "activity/route/testdata/routes.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var table []request
	for line := range strings.Lines(string(text)) {
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(c) != 6 {
			t.Fatalf("%q has %d fields, want 6", line, len(c))
		}
		if !strings.HasPrefix(line, "#") {
			table = append(table, request{c[0], c[1], c[2], activity.Object{Type: c[3], ID: c[4]}})
		}
	}
	if len(table) < 60 {
		t.Fatalf("the table has %d routes, want 60 or more", len(table))
	}
	return table
}

// derive sends a span for each request to a collector, and returns the objects
// of the rows by trace.
func derive(t *testing.T, table []request) map[string]activity.Object {
	t.Helper()
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn})
	send(t, c.HTTP, table)
	db, err := sql.Open("sqlite", dsn+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	deadline := time.Now().Add(30 * time.Second)
	for n := 0; n < len(table) && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if n, err = rows.Count(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	all, err := rows.Read(t.Context(), db, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	objects := map[string]activity.Object{}
	for _, row := range all {
		objects[row["trace_id"]] = activity.Object{Type: row["object_type"], ID: row["object_id"]}
	}
	return objects
}
