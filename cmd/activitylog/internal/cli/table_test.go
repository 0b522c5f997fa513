package cli

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

func TestFit(t *testing.T) {
	for name, c := range map[string]struct {
		widths   []int
		keep     []bool
		terminal int
		want     []int
	}{
		"no terminal":     {[]int{10, 200}, []bool{false, false}, 0, []int{10, 200}},
		"enough":          {[]int{10, 68}, []bool{false, false}, 80, []int{10, 68}},
		"the widest":      {[]int{10, 200}, []bool{false, false}, 80, []int{10, 68}},
		"two":             {[]int{10, 100, 90}, []bool{false, false, false}, 80, []int{10, 33, 33}},
		"kept":            {[]int{36, 100}, []bool{true, false}, 80, []int{36, 42}},
		"none can":        {[]int{36, 40, 7}, []bool{true, true, false}, 60, []int{36, 40, 7}},
		"not below eight": {[]int{36, 20, 20}, []bool{true, false, false}, 40, []int{36, 8, 8}},
	} {
		table := &table{widths: c.widths, keep: c.keep}
		if got := table.fit(c.terminal); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// TestTableGrows: lines that come later may be wider. Numbers are at the right.
func TestTableGrows(t *testing.T) {
	var b bytes.Buffer
	table := testApp(t, "").newTable(&b, "name", "n")
	table.right = []bool{false, true}
	for _, line := range [][]cell{{{text: "größer"}, {text: "1"}}, {{text: "日本"}, {text: "100"}}, {{text: "a longer name"}, {text: "2"}}} {
		if err := table.print(line); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := b.String(), "name    n\ngrößer  1\n日本    100\na longer name    2\n"; got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

// TestTableFails: a full disk is an error.
func TestTableFails(t *testing.T) {
	full := errors.New("no space left")
	table := testApp(t, "").newTable(failing{full}, "name")
	if err := table.print([]cell{{text: "a"}}); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// failing is a writer that fails.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
