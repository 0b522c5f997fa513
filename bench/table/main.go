// Command table passes the output of "go test -bench" on, and ends with a table of
// the project's goals: what was to be reached, and what this run measured.
//
//	go test -bench . ./... | go run ./table
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/perf/benchfmt"
)

func main() {
	measured, err := read(io.TeeReader(os.Stdin, os.Stdout))
	if err == nil {
		err = write(os.Stdout, measured)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
}

// values are what the benchmarks reported, by package, name and unit:
// "activitylogexporter Postgres/new ratio".
type values map[string][]float64

// read takes in the output of benchmarks, of any number of packages.
func read(output io.Reader) (values, error) {
	measured := values{}
	reader := benchfmt.NewReader(bufio.NewReader(output), "benchmarks")
	for reader.Scan() {
		result, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			continue // not a result, such as output of the benchmarks
		}
		pkg := result.GetConfig("pkg")
		pkg = pkg[strings.LastIndexByte(pkg, '/')+1:]
		name := string(result.Name.Full())
		if _, parts := result.Name.Parts(); len(parts) > 0 && parts[len(parts)-1][0] == '-' {
			name = strings.TrimSuffix(name, string(parts[len(parts)-1])) // the number of processors
		}
		for _, v := range result.Values {
			unit, value := v.Unit, v.Value
			if v.OrigUnit != "" { // the reader makes seconds of nanoseconds
				unit, value = v.OrigUnit, v.OrigValue
			}
			key := pkg + " " + name + " " + unit
			measured[key] = append(measured[key], value)
		}
	}
	return measured, reader.Err()
}

// write prints the goals in groups, with the median of what was measured.
func write(out io.Writer, measured values) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, group := range goals { // Flush has the error of all
		_, _ = fmt.Fprintf(w, "\n%s\tgoal\tmeasured\t\n", group.title)
		for _, g := range group.goals {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", g.what, g.wanted(), g.reached(measured))
		}
	}
	return w.Flush()
}

// wanted is the goal as text, "" for what is there to compare with.
func (g *goal) wanted() string {
	switch {
	case g.atLeast != 0:
		return fmt.Sprintf("≥ %v", g.atLeast)
	case g.atMost != 0:
		return fmt.Sprintf("≤ %v", g.atMost)
	}
	return ""
}

// reached is what was measured, and whether that is the goal.
func (g *goal) reached(measured values) string {
	list := slices.Sorted(slices.Values(measured[g.benchmark]))
	if len(list) == 0 {
		return "not run\t"
	}
	median := list[len(list)/2]
	if g.per != 0 {
		median /= g.per
	}
	verdict := "met"
	if g.atLeast != 0 && median < g.atLeast || g.atMost != 0 && median > g.atMost {
		verdict = "MISSED"
	}
	if g.wanted() == "" {
		verdict = ""
	}
	return fmt.Sprintf("%.3g\t%s", median, verdict)
}
