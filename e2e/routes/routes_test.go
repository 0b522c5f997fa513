// Package routes_test serves the requests of one table of routes with the
// middleware, sends plain spans of the same requests to the collector, and
// compares the acts. The table is that of package activity/route.
package routes_test

import (
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/activity/route"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// request is one line of the table.
type request struct {
	framework, method, route, path string
	code                           int
	want                           act
}

// act is what a row says of a request.
type act struct {
	action, name, objectType, objectID string

	parents string // "post 17 of user 3"
	guessed bool
}

func (r *request) name() string {
	return strings.Join([]string{r.framework, r.method, r.route, r.path, strconv.Itoa(r.code)}, " ")
}

func TestRoutes(t *testing.T) {
	table := readTable(t)
	derived := derive(t, table)
	for i := range table {
		r := &table[i]
		t.Run(r.name(), func(t *testing.T) {
			if got := declare(t, r); got != r.want {
				t.Errorf("declared: %+v\nwant: %+v", got, r.want)
			}
			if got, ok := derived[traceID(i)]; !ok || got != r.want {
				t.Errorf("derived: %+v (a row: %v)\nwant: %+v", got, ok, r.want)
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
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(c) != 12 {
			t.Fatalf("%q has %d fields, want 12", line, len(c))
		}
		code, err := strconv.Atoi(c[4])
		if err != nil {
			t.Fatal(err)
		}
		if route.Parse(c[2]).IsNoise(c[1], c[3], code, "") {
			continue // it is not a row, whatever its route says
		}
		table = append(table, request{c[0], c[1], c[2], c[3], code, act{c[5], c[6], c[7], c[8], c[9], c[10] == "yes"}})
	}
	if len(table) < 150 {
		t.Fatalf("the table has %d routes, want 150 or more", len(table))
	}
	return table
}

// derive sends a span for each request to a collector, and returns the acts
// of the rows by trace.
func derive(t *testing.T, table []request) map[string]act {
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
	acts := map[string]act{}
	for _, row := range all {
		a := act{action: row["action_type"], name: row["action_name"], objectType: row["object_type"], objectID: row["object_id"]}
		a.addData(t, row["data"])
		acts[row["trace_id"]] = a
	}
	return acts
}

// data is what the column data says of an act.
type data struct {
	Parent  *object `json:"parent"`
	Guessed bool    `json:"guessed"`
}

type object struct {
	Type   string  `json:"type"`
	ID     string  `json:"id"`
	Parent *object `json:"parent"`
}

func (a *act) addData(t *testing.T, text string) {
	t.Helper()
	var d data
	if text == "" {
		return
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	a.guessed = d.Guessed
	var list []string
	for p := d.Parent; p != nil; p = p.Parent {
		list = append(list, strings.TrimSpace(p.Type+" "+p.ID))
	}
	a.parents = strings.Join(list, " of ")
}
