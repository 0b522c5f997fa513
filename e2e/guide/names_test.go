package guide_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

// TestGoNames checks that each name of one of our Go packages on a page, such as
// outbox.WithTarget, is declared in it.
func TestGoNames(t *testing.T) {
	declared := goNames(t)
	name := regexp.MustCompile(`\b([a-z]\w*)\.([A-Z]\w*)`)
	checked := 0
	for file, page := range pages(t) {
		if filepath.Base(file) == "CHANGELOG.md" {
			continue // it has old names
		}
		for _, match := range name.FindAllStringSubmatch(page, -1) {
			names, ours := declared[match[1]]
			if !ours {
				continue
			}
			if !names[match[2]] {
				t.Errorf("%s: package %s has no %s", file, match[1], match[2])
			}
			checked++
		}
	}
	if checked <= 150 {
		t.Fatalf("checked: got %v, want more than %v", checked, 150)
	}
}

// goNames are the exported names that services may use, by package. Fields and methods are
// not among them.
func goNames(t *testing.T) map[string]map[string]bool {
	t.Helper()
	found := map[string]map[string]bool{}
	for file, text := range sources(t, ".go") {
		dir := strings.TrimPrefix(filepath.Dir(file), root+"/")
		if strings.HasSuffix(file, "_test.go") || strings.Contains(dir, "internal") || !regexp.MustCompile(`^(activity|instrument|reader)\b`).MatchString(dir) {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		pkg := parsed.Name.Name
		if pkg == "route" { // pages also call variables like that
			continue
		}
		if found[pkg] == nil {
			found[pkg] = map[string]bool{}
		}
		for _, name := range exported(parsed) {
			found[pkg][name] = true
		}
	}
	for _, pkg := range []string{"activity", "activitygin", "activitytest", "instrument", "outbox", "reader", "drivers", "feed", "setup", "spool"} {
		if len(found[pkg]) == 0 {
			t.Fatalf("package %s has no names", pkg)
		}
	}
	return found
}

// exported are the exported functions, types, variables and constants of a file.
func exported(file *ast.File) (names []string) {
	add := func(name *ast.Ident) {
		if name.IsExported() {
			names = append(names, name.Name)
		}
	}
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				add(d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					add(s.Name)
				case *ast.ValueSpec:
					for _, name := range s.Names {
						add(name)
					}
				}
			}
		}
	}
	return names
}

// TestTestNames checks that each test and benchmark that a page names is there.
func TestTestNames(t *testing.T) {
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz)\w+)\(`)
	declared := map[string]bool{}
	for file, text := range sources(t, ".go") {
		if strings.HasSuffix(file, "_test.go") {
			for _, match := range declaration.FindAllStringSubmatch(text, -1) {
				declared[match[1]] = true
			}
		}
	}
	checked := 0
	for file, page := range pages(t) {
		for _, match := range regexp.MustCompile("`((?:Test|Benchmark|Fuzz)[A-Z]\\w*)(?:/[^`]*)?`").FindAllStringSubmatch(page, -1) {
			if !declared[match[1]] {
				t.Errorf("%s: there is no %s", file, match[1])
			}
			checked++
		}
	}
	if checked <= 50 {
		t.Fatalf("checked: got %v, want more than %v", checked, 50)
	}
}

// TestServiceMetrics compares the metrics of package instrument, of its spool and of its
// outbox with docs/reference/metrics.md. There, ".bytes" goes on with what was named before.
func TestServiceMetrics(t *testing.T) {
	_, section, ok := strings.Cut(contents(t, "docs/reference/metrics.md"), "\n## Service\n")
	if !ok {
		t.Fatal("the section is gone")
	}
	listed, before := map[string]bool{}, ""
	for _, match := range regexp.MustCompile("`(activity\\.\\w+)?(\\.\\w+)`").FindAllStringSubmatch(section, -1) {
		if match[1] != "" {
			before = match[1]
		}
		listed[before+match[2]] = true
	}
	defined := map[string]bool{}
	for file, text := range sources(t, ".go") {
		if strings.HasPrefix(file, filepath.Join(root, "instrument")) && !strings.HasSuffix(file, "_test.go") {
			for _, match := range regexp.MustCompile(`"(activity\.(?:spool|outbox|strict)\.\w+)"`).FindAllStringSubmatch(text, -1) {
				defined[match[1]] = true
			}
		}
	}
	if len(defined) < 11 {
		t.Fatalf("defined: got %v", defined)
	}
	for name := range defined {
		if !listed[name] {
			t.Errorf("docs/reference/metrics.md does not list %s", name)
		}
	}
	for file, page := range pages(t) {
		for _, match := range regexp.MustCompile("`(activity\\.(?:spool|outbox|strict)\\.\\w+)`").FindAllStringSubmatch(page, -1) {
			if !defined[match[1]] {
				t.Errorf("%s: nothing defines %s", file, match[1])
			}
		}
	}
}

// TestMembers checks that docs/columns.md explains each member of data that the vocabulary has.
func TestMembers(t *testing.T) {
	_, keys, ok := strings.Cut(contents(t, "activity/attributes.go"), "// Keys inside the column data")
	if !ok {
		t.Fatal("the constants are gone")
	}
	_, section, _ := strings.Cut(contents(t, "docs/columns.md"), "\n## Members of data\n")
	members := regexp.MustCompile(`(?m)^\t\w+ += "([^"]+)"`).FindAllStringSubmatch(keys, -1)
	if len(members) < 13 {
		t.Fatalf("members: got %v", members)
	}
	members = append(members, []string{"", activity.CutKey}, []string{"", activity.ForgedKey}, []string{"", activity.ClaimedTimeKey},
		[]string{"", activity.OriginalIDKey}, []string{"", activity.OriginalStatusKey},
		[]string{"", activity.DroppedAttributesKey}, []string{"", activity.DroppedMembersKey})
	for _, member := range members {
		if !strings.Contains(section, "`"+member[1]+"`") {
			t.Errorf("docs/columns.md does not explain %s", member[1])
		}
	}
}

// TestReaderFilters checks that the table of docs/develop/reader.md says of each condition of a
// query whether it has an index, and names no other.
func TestReaderFilters(t *testing.T) {
	_, table, ok := strings.Cut(contents(t, "docs/develop/reader.md"), "\n| filter | index |\n")
	if !ok {
		t.Fatal("the table is gone")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	_, fields, _ := strings.Cut(contents(t, "reader/query.go"), "\ntype Query struct {\n")
	fields, _, _ = strings.Cut(fields, "\n}\n")
	known := map[string]bool{"action_time": true, "Get": true, "History": true, "Parts": true}
	for _, field := range regexp.MustCompile(`(?m)^\t([A-Z]\w+) `).FindAllStringSubmatch(fields, -1) {
		known[field[1]] = true
		if !strings.Contains(table, "`"+field[1]+"`") {
			t.Errorf("the table does not have %s", field[1])
		}
	}
	if len(known) < 18 {
		t.Fatalf("known: got %v", known)
	}
	for _, name := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(table, -1) {
		if !known[name[1]] {
			t.Errorf("a query has no %s", name[1])
		}
	}
}
