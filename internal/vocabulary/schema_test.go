package vocabulary_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/schema"
)

// document is what the tests compare of a schema.
type document struct {
	ID          string                     `json:"$id"`
	Description string                     `json:"description"`
	Required    []string                   `json:"required"`
	Properties  map[string]json.RawMessage `json:"properties"`
	Closed      *bool                      `json:"additionalProperties"`
	Defs        map[string]definition      `json:"$defs"`
}

type definition struct {
	Description string                     `json:"description"`
	Type        any                        `json:"type"`
	Enum        []string                   `json:"enum"`
	Examples    []string                   `json:"examples"`
	Pattern     string                     `json:"pattern"`
	MinLength   int                        `json:"minLength"`
	MaxLength   int                        `json:"maxLength"`
	Properties  map[string]json.RawMessage `json:"properties"`
}

func parsed(t *testing.T, text string) (d document) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// TestSchemaColumns compares the schemas with the columns of the vocabulary: each is there, and
// no other, with its meaning and the form of its kind.
func TestSchemaColumns(t *testing.T) {
	row, export := parsed(t, schema.Row()), parsed(t, schema.Export())
	var names []string
	for _, c := range activity.Columns() {
		names = append(names, c.Name)
		d := row.Defs[c.Name]
		if d.Description != c.Meaning {
			t.Errorf("%s means %q in the schema, and %q in activity.Columns", c.Name, d.Description, c.Meaning)
		}
		kind, bounded := "string", d.Pattern != "" || d.Enum != nil || d.MinLength == 1 // "" is NULL in the table
		if c.Kind == activity.ColumnJSON {
			kind, bounded = "object", true
		}
		if d.Type != kind || !bounded {
			t.Errorf("%s: type %v, pattern %q, values %q, at least %d characters", c.Name, d.Type, d.Pattern, d.Enum, d.MinLength)
		}
	}
	if !slices.Equal(row.Required, names) {
		t.Errorf("a row must have %v, want all columns in their order", row.Required)
	}
	slices.Sort(names)
	for id, got := range map[string][]string{
		"row": sortedKeys(row.Properties), "export": sortedKeys(export.Properties), "chosen columns": sortedKeys(export.Defs["chosen"].Properties),
	} {
		if !slices.Equal(got, names) {
			t.Errorf("%s: got the columns %v, want %v", id, got, names)
		}
	}
	if row.Closed == nil || *row.Closed || export.Closed == nil || *export.Closed || row.ID != schema.RowID || export.ID != schema.ExportID {
		t.Error("a schema allows other columns, or has another id")
	}
}

// TestSchemaDocs compares the schemas with docs/columns.md: which columns may be empty, which
// values they have, and which members data has.
func TestSchemaDocs(t *testing.T) {
	row, export := parsed(t, schema.Row()), parsed(t, schema.Export())
	page := contents(t, "../../docs/columns.md")
	lines := regexp.MustCompile(`(?m)^\| `+"`(\\w+)`"+` \| (.*?) \| .* \| ([^|]*) \|$`).FindAllStringSubmatch(page, -1)
	if len(lines) < len(row.Properties) {
		t.Fatalf("the page has only %d columns", len(lines))
	}
	for _, line := range lines[:len(row.Properties)] {
		name, meaning, empty := line[1], line[2], line[3]
		nullable := strings.Contains(string(row.Properties[name]), `"null"`)
		if (empty == "yes") != nullable || slices.Contains(export.Required, name) == nullable {
			t.Errorf("%s may be empty: %s; in a row %v; must be in an export: %v", name, empty, nullable, slices.Contains(export.Required, name))
		}
		for _, value := range append(row.Defs[name].Enum, row.Defs[name].Examples...) {
			if !strings.Contains(meaning, "`"+value+"`") {
				t.Errorf("%s: docs/columns.md does not have the value %s", name, value)
			}
		}
	}
	_, table, _ := strings.Cut(page, "\n## Members of data\n")
	var members []string
	for _, cell := range regexp.MustCompile("(?m)^\\| (`[^|]+`) \\|").FindAllStringSubmatch(table, -1) {
		for _, name := range strings.Split(cell[1], ", ") {
			members = append(members, strings.Trim(name, "`"))
		}
	}
	for _, c := range constants(t, 3) {
		if c.value != activity.MoreChangesKey && c.value != activity.NotComparedKey && !slices.Contains(members, c.value) { // members of changes
			members = append(members, c.value)
		}
	}
	slices.Sort(members)
	if got := sortedKeys(row.Defs["data"].Properties); !slices.Equal(got, members) {
		t.Errorf("data has the members\n%v in the schema, and\n%v in docs/columns.md and activity/attributes.go", got, members)
	}
}

// TestSchemaValues compares the values that columns have with the constants in Go.
func TestSchemaValues(t *testing.T) {
	defs := parsed(t, schema.Row()).Defs
	for _, a := range read(t).Defined() {
		if a.Type.Members == nil {
			continue
		}
		var values []string
		for _, m := range a.Type.Members {
			values = append(values, m.Value)
		}
		d := defs[a.Annotations.Activitylog.Column]
		if got := append(d.Enum, d.Examples...); !slices.Equal(got, values) {
			t.Errorf("%s: got %q, want %q", a.ID, got, values)
		}
	}
}

// TestSchemaReader compares the schema of an export with the fields of [reader.Row], of which an
// export's line is the JSON.
func TestSchemaReader(t *testing.T) {
	export := parsed(t, schema.Export())
	var names, required []string
	kind := reflect.TypeFor[reader.Row]()
	for i := range kind.NumField() {
		name, options, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
		if options == "" {
			required = append(required, name)
		}
	}
	if !slices.Equal(export.Required, required) {
		t.Errorf("an export must have %v; reader.Row always has %v", export.Required, required)
	}
	slices.Sort(names)
	if got := sortedKeys(export.Properties); !slices.Equal(got, names) {
		t.Errorf("got %v, and reader.Row has %v", got, names)
	}
}

// TestSchemaTables compares lengths with those of MySQL, which has them for the columns that are
// in an index, and the version with the newest of the tables.
func TestSchemaTables(t *testing.T) {
	const folder = "../../internal/table/dialect/schema/mysql"
	row := parsed(t, schema.Row())
	var bounded []string
	for _, found := range regexp.MustCompile(`(?m)^    (\w+) +VARCHAR\(255\)`).FindAllStringSubmatch(contents(t, folder+"/00001_activity_log.sql"), -1) {
		if name := found[1]; name != "trace_id" && name != "span_id" { // they have digits alone
			bounded = append(bounded, name)
		}
	}
	for name, d := range row.Defs {
		long := d.MaxLength == 0 && d.Enum == nil
		if long == slices.Contains(bounded, name) || d.MaxLength != 0 && d.MaxLength != 255 {
			t.Errorf("%s: at most %d characters in the schema, and %v in MySQL", name, d.MaxLength, bounded)
		}
	}
	files, err := filepath.Glob(folder + "/*.sql")
	if err != nil || !strings.Contains(row.Description, fmt.Sprintf("version %d of", len(files))) {
		t.Errorf("%q; the tables have version %d, %v", row.Description, len(files), err)
	}
}
