// Package outcome writes a table of what became of the records in each test of a package, so that
// the documentation shows figures which a command printed.
package outcome

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Table has one line for each test that began with [Table.Begin].
type Table struct {
	Target   string   // of the Makefile, which makes all lines: "test-faults"
	Variable string   // of the environment: "full" in it makes all lines, and with _TABLE after it, it names the file for the table
	Head     []string // of the columns of place and event: "where", "fault"
	Places   []string // in their order
	Short    []string // the tests that run without the variable too; nil: all of them do
	Distinct bool     // there is a column with the number of different ids among the rows

	mu    sync.Mutex
	lines []*Line
}

// Full says whether all lines are made, in their long form.
func (table *Table) Full() bool { return os.Getenv(table.Variable) == "full" }

// Begin begins a test of one event at a place, and skips it unless all are made or it is one of
// the short ones. A test that begins several has their lines in that order.
func (table *Table) Begin(t testing.TB, place, event string) *Line {
	t.Helper()
	if !table.Full() && table.Short != nil && !slices.Contains(table.Short, t.Name()) {
		t.Skip("runs in make " + table.Target)
	}
	line := &Line{t: t, place: place, event: event}
	table.mu.Lock()
	defer table.mu.Unlock()
	table.lines = append(table.lines, line)
	return line
}

// Run runs the tests of a package and writes the table, if the environment names a file for it.
// It returns the exit code. TestMain ends with it.
func (table *Table) Run(m *testing.M) int {
	began := time.Now()
	code := m.Run()
	if file := os.Getenv(table.Variable + "_TABLE"); file != "" {
		if err := os.WriteFile(filepath.Clean(file), []byte(table.text(began)), 0o600); err != nil {
			fmt.Fprintf(os.Stderr, "write the table of %s: %v\n", table.Target, err)
			return 1
		}
	}
	return code
}

func (table *Table) text(began time.Time) string {
	commit, _ := exec.CommandContext(context.Background(), "git", "describe", "--always", "--dirty").Output()
	slices.SortStableFunc(table.lines, func(a, b *Line) int {
		return cmp.Or(cmp.Compare(slices.Index(table.Places, a.place), slices.Index(table.Places, b.place)), cmp.Compare(a.t.Name(), b.t.Name()))
	})
	var text strings.Builder
	fmt.Fprintf(&text, "`make %s` on %s, commit %s, %d cores, %s/%s, %s: %d lines in %v.\n\n", table.Target, began.Format(time.DateOnly),
		strings.TrimSpace(string(commit)), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), len(table.lines),
		time.Since(began).Round(time.Second))
	head := append(slices.Clone(table.Head), "acknowledged", "rows")
	if table.Distinct {
		head = append(head, "distinct")
	}
	head = append(head, "lost", "doubled", "recovered after", "test")
	fmt.Fprintf(&text, "| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for _, line := range table.lines {
		fmt.Fprintln(&text, line.text(table.Distinct))
	}
	return text.String()
}
