package operate

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a file of testdata.
func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s is not what is printed now; look at the difference after go test -update:\n%s", file, text)
	}
}

var kinds = map[string]Config{
	"sqlite":             {Driver: "sqlite"},
	"postgres":           {Driver: "postgres"},
	"postgres_by_month":  {Driver: "postgres", Partition: "month", Table: "audit.activity_log"},
	"mysql":              {Driver: "mysql"},
	"clickhouse":         {Driver: "clickhouse"},
	"clickhouse_cluster": {Driver: "clickhouse", Cluster: "main"},
}

// TestScripts pins what people give to whoever owns their database: all statements of the
// migrations, which have no second copy here, and what is around them.
func TestScripts(t *testing.T) {
	for name, cfg := range kinds {
		text, err := Script(cfg, 0)
		if err != nil {
			t.Fatal(err)
		}
		d, err := cfg.find()
		if err != nil {
			t.Fatal(err)
		}
		schema := d.Schema(cfg.table())
		files, err := fs.Glob(schema, "*.sql")
		if err != nil || len(files) < 6 {
			t.Fatalf("%s: migrations %q (%v)", name, files, err)
		}
		for _, file := range files {
			migration, err := fs.ReadFile(schema, file)
			if err != nil {
				t.Fatal(err)
			}
			statements := newestViews(strings.TrimSpace(annotation.ReplaceAllString(string(migration), "")), later(t, d, cfg, file))
			part := "\n-- " + file + "\n" + statements + "\n"
			if statements == "" || strings.Count(text, part) != 1 {
				t.Errorf("%s: the statements of %s are not there once", name, file)
			}
			text = strings.Replace(text, part, "\n-- "+file+"\n(its statements)\n", 1)
		}
		golden(t, name+".sql", text)
	}
}

// later returns the migrations after that of a file.
func later(t *testing.T, d dialect.Dialect, cfg Config, file string) []Migration {
	t.Helper()
	version, err := strconv.Atoi(file[:5])
	if err != nil {
		t.Fatal(err)
	}
	all, err := migrations(d, cfg.table(), version)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestNewestViews checks that only views are left out, and only those that come again.
func TestNewestViews(t *testing.T) {
	const text = "-- A.\n-- More of A; a semicolon.\nCREATE OR REPLACE VIEW a AS\nSELECT 1;\n\n-- B.\nCREATE OR REPLACE VIEW b AS SELECT 1;\nCREATE TABLE c (d int);"
	later := []Migration{{Name: "1.sql", SQL: "CREATE OR REPLACE VIEW aa AS SELECT 1;"}, {Name: "2.sql", SQL: "-- A.\nCREATE OR REPLACE VIEW a AS SELECT 2;"}, {Name: "3.sql", SQL: "CREATE OR REPLACE VIEW a AS SELECT 3;"}}
	want := "-- The view a is in 3.sql.\n\n-- B.\nCREATE OR REPLACE VIEW b AS SELECT 1;\nCREATE TABLE c (d int);"
	if got := newestViews(text, later); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := newestViews(text, nil); got != text {
		t.Errorf("with no later one: got %s, want all", got)
	}
}

// annotation is a line that goose reads.
var annotation = regexp.MustCompile(`(?m)^-- \+goose .*\n`)

// TestStatements pins what the command asks each kind of database.
func TestStatements(t *testing.T) {
	ids := []activity.ID{{6: 0x70, 8: 0x80, 15: 1}, {6: 0x70, 8: 0x80, 15: 2}}
	for name, cfg := range kinds {
		d, err := cfg.find()
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		say := func(what, query string, args ...any) {
			text.WriteString("-- " + what)
			if len(args) > 0 {
				fmt.Fprintf(&text, ", with %d arguments", len(args))
			}
			text.WriteString("\n" + query + ";\n\n")
		}
		table := cfg.table()
		say("clock", d.Clock())
		say("oldest and newest", d.Ends(table))
		say("what is there", d.Things(table))
		query, args := d.Rows(table, ids)
		say("rows", query, args...)
		query, args = d.Letters(table, ids[0], 10)
		say("dead letters", query, args...)
		query, args = d.LettersOf(table, ids)
		say("dead letters by their ids", query, args...)
		query, args = d.DropLetters(table, ids)
		say("delete dead letters", query, args...)
		say("reasons", dialect.CountReasons(table))
		for _, role := range dialect.Roles() {
			for _, statement := range d.Grants(role, table, "account") {
				say("rights of a "+string(role), statement)
			}
		}
		if pruner, ok := d.(dialect.Pruner); ok {
			query, args = pruner.PruneRows(table, ids[0].Time())
			say("remove old rows", query, args...)
			query, args = pruner.CountPruned(table, ids[0].Time())
			say("count old rows", query, args...)
		}
		golden(t, name+"_statements.sql", text.String())
	}
}

// TestSchemaThings: the check asks for all that the migrations make.
func TestSchemaThings(t *testing.T) {
	for name, cfg := range kinds {
		d, err := cfg.find()
		if err != nil {
			t.Fatal(err)
		}
		things, err := dialect.SchemaThings(d, cfg.table())
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, thing := range things {
			text.WriteString(thing.Kind + " " + thing.Name + "\n")
		}
		golden(t, name+"_things.txt", text.String())
	}
}
