package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

var (
	createTable = regexp.MustCompile(`CREATE TABLE (?:IF NOT EXISTS )?(?:activity_log|\{\{table\}\}|\{\{store\}\}|\{\{local\}\})(?: ON CLUSTER \S+)?\s*\(\n((?:    .*\n)+)\)`)
	tableColumn = regexp.MustCompile(`(?m)^    ([a-z][a-z_]*) +[A-Za-z]`)
	insertInto  = regexp.MustCompile(`INSERT INTO \S+ \(\s*(event_id, action_time, actor_id, actor_type, actor_name, impersonator_id,[^)]*)\)\s*SELECT((?s:.*?))\bFROM\b`)
	viewList    = regexp.MustCompile(`(?m)^    (action_time, actor_id, [a-z_, \n]*)\nFROM`)
	pythonField = regexp.MustCompile(`(?m)^    ([a-z][a-z_, ]*) = (?:models|text)`)
)

// TestColumns compares what cannot read [activity.Columns] with it: the schemas,
// what puts dead letters back, the pages that show a table, and Django's model.
func TestColumns(t *testing.T) {
	var names, written []string
	for _, c := range activity.Columns() {
		names = append(names, c.Name)
		if c.Name != "recorded_at" { // the database's own
			written = append(written, c.Name)
		}
	}
	tables, inserts := 0, 0
	texts(t, func(file, text string) {
		for _, table := range createTable.FindAllStringSubmatch(text, -1) {
			tables++
			same(t, file, firsts(tableColumn, table[1]), names)
		}
		for _, insert := range insertInto.FindAllStringSubmatch(text, -1) {
			inserts++
			same(t, file, list(insert[1]), written)
			for _, name := range written[2:] {
				if !strings.Contains(insert[2], name+"'") && !strings.Contains(insert[2], "$."+name) {
					t.Errorf("%s: what puts dead letters back does not read %s", file, name)
				}
			}
		}
		for _, view := range viewList.FindAllStringSubmatch(text, -1) {
			same(t, file, list(view[1]), names[1:]) // event_id is another expression
		}
	})
	if tables < 8 || inserts < 4 {
		t.Errorf("found %d tables and %d inserts, want at least 8 and 4", tables, inserts)
	}
	model, err := os.ReadFile(filepath.Join(root, "examples/django_admin/audit/models.py"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "models.py", list(strings.Join(firsts(pythonField, string(model)), ", ")), names)
}

// texts calls visit for each SQL file and each page.
func texts(t *testing.T, visit func(file, text string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "node_modules" || entry.Name() == "bin" || entry.Name() == "storage"):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".sql" && filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		visit(path, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// firsts returns the first group of each match.
func firsts(re *regexp.Regexp, text string) []string {
	var all []string
	for _, match := range re.FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	return all
}

// list returns the names in a list with commas.
func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \n", r) })
}

// same compares columns, of which a table may have further ones at its end.
func same(t *testing.T, file string, got, want []string) {
	t.Helper()
	if len(got) > len(want) {
		got = got[:len(want)]
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s has the columns\n%q, want\n%q", file, got, want)
	}
}
