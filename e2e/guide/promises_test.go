package guide_test

import (
	"regexp"
	"strings"
	"testing"
)

// kept are the words by which a cell says what keeps a promise, or that nothing does.
var kept = regexp.MustCompile("`Test[A-Z]\\w+`|`make [a-z-]+`|^none$|[Nn]ot tested")

// TestPromises checks that each promise of the page names its test, or says that none keeps it.
// [TestTestNames] checks that the tests are there.
func TestPromises(t *testing.T) {
	page := contents(t, "docs/reference/compatibility.md")
	promises := 0
	for _, section := range strings.Split(page, "\n## ")[1:] {
		if strings.HasPrefix(section, "Supported versions") {
			continue
		}
		for _, cell := range unkept(section) {
			t.Errorf("no test, and it does not say so: %s", cell)
		}
		promises += len(lastCells(section))
	}
	if promises < 25 {
		t.Errorf("only %d promises were found", promises)
	}
	if got := unkept("| promise | test |\n|---|---|\n| a | `TestAll` |\n| b | sure |\n| c | none |\n"); len(got) != 1 || got[0] != "sure" {
		t.Errorf("got %q", got)
	}
}

// lastCells returns those of the rows of a section's table.
func lastCells(section string) (cells []string) {
	for _, row := range regexp.MustCompile(`(?m)^\|.*\| ([^|]+) \|$`).FindAllStringSubmatch(section, -1) {
		if row[1] != "test" && !strings.HasPrefix(row[0], "|---") {
			cells = append(cells, row[1])
		}
	}
	return cells
}

func unkept(section string) (cells []string) {
	for _, cell := range lastCells(section) {
		if !kept.MatchString(cell) {
			cells = append(cells, cell)
		}
	}
	return cells
}
