// Package golden_test sends spans as the SDKs of many languages really make
// them to the collector's program, and reads the rows that they give. Each file
// of testdata is one OTLP/JSON request; <name>.rows.json, next to it, holds its
// rows. SOURCES.md says where each request is from.
package golden_test

import (
	"database/sql"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// With -update the files of rows are rewritten: read the difference before
// you believe it.
var update = flag.Bool("update", false, "write testdata/*.rows.json from what the collector gives")

// presetPrefix marks the requests whose rows are those of presets that are not
// on by default: see presets_test.go. Without these they give none.
const presetPrefix = "preset-"

// TestGolden sends all requests to one collector, twice: the second time
// nothing may change.
func TestGolden(t *testing.T) {
	var files []file
	for _, f := range readFiles(t) {
		if strings.HasPrefix(f.name, presetPrefix) {
			f.rows, f.rowsFile = nil, ""
		}
		files = append(files, f)
	}
	c := start(t)
	first := c.sendAll(t, files, 1)
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) { f.compare(t, first) })
	}
	second := c.sendAll(t, files, 2)
	if !slices.EqualFunc(first, second, maps.Equal[rows.Row]) {
		t.Errorf("sent again, the requests changed the rows:\n%v\nbecame\n%v", first, second)
	}
}

// collector is a running collector and the SQLite file that it writes to.
type collector struct {
	*collectortest.Collector
	db *sql.DB
}

// start starts a collector with the repository's configuration; args change
// it.
func start(t *testing.T, args ...string) *collector {
	t.Helper()
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	// Many requests are alike, and each of them is looked at.
	args = append(args, "--config=yaml:processors::activity::fold::enabled: false")
	col := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn, Args: args})
	db, err := sql.Open("sqlite", dsn+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &collector{col, db}
}

// sendAll sends files for the nth time, and returns all rows once the
// collector has written what it made of them.
func (c *collector) sendAll(t *testing.T, files []file, nth int) []rows.Row {
	t.Helper()
	wanted := 0
	for _, f := range files {
		c.send(t, "traces", f.request)
		wanted += len(f.rows)
	}
	return c.awaitRows(t, nth*wanted)
}

// readFiles reads the requests of testdata and their rows. No two requests may
// share a trace: it tells whose a row is.
func readFiles(t *testing.T) []file {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var files []file
	owner := map[string]string{}
	for _, path := range paths {
		if strings.HasSuffix(path, rowsSuffix) {
			continue
		}
		request, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f := newFile(t, path, request)
		for trace := range f.traces {
			if owner[trace] != "" {
				t.Fatalf("%s and %s share the trace %s", owner[trace], f.name, trace)
			}
			owner[trace] = f.name
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		t.Fatal("no requests in testdata")
	}
	return files
}
