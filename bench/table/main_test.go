package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// testdata/bench.txt is what make bench printed on 2026-11-23, without MariaDB.
func TestTable(t *testing.T) {
	output, err := os.Open("testdata/bench.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	measured, err := read(output)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := write(&out, measured); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"PostgreSQL, against CopyFrom of ready-made rows ≥ 0.9 0.882 MISSED", // one value
		"each batch was sent before ≥ 0.85 5.38 met",
		"allocations a row, pdata to the wire of PostgreSQL ≤ 3 0.00968 met", // a part of a value
		"ms: failed logins of the last day ≤ 10 3.1 met",
		"overload: MiB of memory, large queue ≤ 512 343 met",
		"time with activity, against otelhttp with the same written by hand 1.09", // the median of five
		"MariaDB, against LOAD DATA LOCAL of ready-made rows ≥ 0.85 not run",
	} {
		if !hasLine(out.String(), want) {
			t.Errorf("the table has no line %q:\n%s", want, out.String())
		}
	}
}

// hasLine reports whether a line has these words, whatever is between them.
func hasLine(text, want string) bool {
	for line := range strings.Lines(text) {
		if strings.Join(strings.Fields(line), " ") == want {
			return true
		}
	}
	return false
}

// A benchmark that prints and logs between its results.
func TestReadPassesWhatIsNoResult(t *testing.T) {
	measured, err := read(strings.NewReader("pkg: a/b\nsomething else\nBenchmarkX/a_b-16 \t 3\t 2.5 ratio\n--- BENCH: BenchmarkX\n    x_test.go:1: said\nPASS\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := measured["b X/a_b ratio"]; len(got) != 1 || got[0] != 2.5 {
		t.Errorf("got %v", measured)
	}
}
