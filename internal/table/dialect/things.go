package dialect

import (
	"io/fs"
	"regexp"
	"strings"
)

// Thing is a table, a view or an index.
type Thing struct {
	Kind string // "table", "view" or "index"
	Name string // without a schema
}

var (
	sqlComment = regexp.MustCompile(`--[^\n]*`)
	// created is a statement that creates a thing.
	created = regexp.MustCompile(`CREATE (?:OR REPLACE )?(TABLE|VIEW|INDEX) (?:IF NOT EXISTS )?"((?:[^"]+"\.")?[^"]+)"`)
	// inlined is an index in CREATE TABLE, of MySQL and of ClickHouse.
	inlined = regexp.MustCompile(`(?m)^    (?:KEY|INDEX) "?(\w+)"? `)
)

// SchemaThings returns what the migrations of a table create, sorted.
func SchemaThings(d Dialect, table string) ([]Thing, error) {
	files, err := fs.Glob(d.Schema(table), "*.sql")
	if err != nil {
		return nil, err
	}
	set := map[Thing]bool{}
	for _, file := range files {
		text, err := fs.ReadFile(d.Schema(table), file)
		if err != nil {
			return nil, err
		}
		sql := sqlComment.ReplaceAllString(string(text), "")
		for _, match := range created.FindAllStringSubmatch(sql, -1) {
			name := strings.ReplaceAll(match[2], `"`, "")
			set[Thing{strings.ToLower(match[1]), unqualified(name)}] = true
		}
		for _, match := range inlined.FindAllStringSubmatch(sql, -1) {
			set[Thing{"index", match[1]}] = true
		}
	}
	return sorted(set), nil
}
