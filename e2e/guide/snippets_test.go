package guide_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// snippetPages are the pages whose Go code is that of examples which tests run.
var snippetPages = []string{
	"docs/develop/go-services.md", "docs/develop/frameworks.md", "docs/develop/jobs-and-services.md",
	"docs/develop/changes.md", "docs/develop/tests.md", "docs/delivery.md", "docs/develop/feed.md", "docs/audit/page.md",
}

// TestSnippets checks that each line of Go code on those pages is code that compiles: all lines
// of a block are in one Go file, in their order. Comments and indentation do not matter.
// Programs are left out, because TestProgram, TestSlog and TestCommand run them.
func TestSnippets(t *testing.T) {
	files := exampleFiles(t)
	checked := 0
	for _, page := range snippetPages {
		for _, block := range blocks(contents(t, page), "go") {
			if strings.HasPrefix(block, "package main") || strings.Contains(block, "\npackage main\n") {
				continue
			}
			lines := codeLines(block)
			if !slices.ContainsFunc(files, func(file []string) bool { return contain(file, lines) }) {
				t.Errorf("%s: no example has these lines:\n%s", page, block)
			}
			checked++
		}
	}
	if checked <= 15 {
		t.Fatalf("checked: got %v, want more than %v", checked, 15)
	}
	if contain([]string{"a", "b", "c"}, []string{"c", "a"}) {
		t.Fatal("lines in another order are found")
	}
}

// TestAuthenticationTable checks that the code in the table "Where is your authentication?" is
// within lines of the examples.
func TestAuthenticationTable(t *testing.T) {
	_, table, ok := strings.Cut(contents(t, "docs/develop/go-services.md"), "| Where is your authentication? ")
	if !ok {
		t.Fatal("the table is gone")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	all := slices.Concat(exampleFiles(t)...)
	checked := 0
	for row := range strings.Lines(table) {
		cells := strings.Split(row, " | ")
		for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(strings.Join(cells[1:], " "), -1) {
			if !slices.ContainsFunc(all, func(line string) bool { return strings.Contains(line, code[1]) }) {
				t.Errorf("no example has this code: %s", code[1])
			}
			checked++
		}
	}
	if checked <= 20 {
		t.Fatalf("checked: got %v, want more than %v", checked, 20)
	}
}

// TestAdapters compares the table of adapters with the folders of package instrument.
func TestAdapters(t *testing.T) {
	page := contents(t, "docs/develop/frameworks.md")
	listed := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| [^|]+ \\| `(\\w+)` \\| `(\\w+)` \\|$").FindAllStringSubmatch(page, -1) {
		listed[row[1]] = row[2]
	}
	sources, err := filepath.Glob(filepath.Join(root, "instrument", "*", "activity*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, source := range sources {
		folder := filepath.Base(filepath.Dir(source))
		if strings.HasSuffix(source, "_test.go") || folder == "activitytest" {
			continue
		}
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if name := listed[folder]; name == "" || !strings.Contains(string(text), "\npackage "+name+"\n") {
			t.Errorf("%s: the table says that its package is %q", source, name)
		}
		found++
	}
	if found != len(listed) || found < 10 {
		t.Errorf("%d adapters, %d in the table", found, len(listed))
	}
}

// exampleFiles are the lines of the Go files that tests compile and that pages may quote.
func exampleFiles(t *testing.T) (files [][]string) {
	t.Helper()
	for file, text := range sources(t, ".go") {
		dir, name := filepath.Split(strings.TrimPrefix(file, root+"/"))
		if (strings.HasPrefix(dir, "instrument/") || strings.HasPrefix(dir, "reader/")) && strings.HasPrefix(name, "example") || strings.HasPrefix(dir, "examples/") {
			files = append(files, codeLines(text))
		}
	}
	return files
}

var lineComment = regexp.MustCompile(`(^|\s+)// .*$`)

// codeLines are the lines of Go code, without indentation, comments and empty lines. White space
// within a line is one space, because gofmt aligns.
func codeLines(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(lineComment.ReplaceAllString(strings.TrimRight(line, "\n"), "")), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// contain reports whether a file has the lines in their order.
func contain(file, lines []string) bool {
	for _, line := range lines {
		i := slices.Index(file, line)
		if i < 0 {
			return false
		}
		file = file[i+1:]
	}
	return true
}
