package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the files in testdata")

// usual is the plan of the flags' defaults.
func usual(rate float64) plan {
	return plan{rate: rate, peak: 3, days: 90, outage: 4 * time.Hour, busy: 0.5, cores: 4, coreMonth: 25, gbMonth: 0.1}
}

func TestPlans(t *testing.T) {
	c, err := readCosts()
	if err != nil {
		t.Fatal(err)
	}
	for _, rate := range []float64{1, 1000, 10_000, 100_000, 1_000_000} {
		p := usual(rate)
		got := p.needs(c).String()
		golden := filepath.Join("testdata", fmt.Sprintf("%g.txt", rate))
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is not what is printed now:\n%s", golden, got)
		}
	}
}

// TestMeasured compares what the program says with three things that were measured apart from
// what costs.tsv has: bench's BenchmarkCost with a million records, and BenchmarkIngest.
func TestMeasured(t *testing.T) {
	c, err := readCosts()
	if err != nil {
		t.Fatal(err)
	}
	p := plan{rate: 1e6 / 86_400., peak: 1, days: 1, busy: 1, cores: 2} // a million rows
	n := p.needs(c)
	text, err := os.ReadFile(filepath.Join("testdata", "measured.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]float64{
		"table and indexes": n.table + n.indexes,
		"write-ahead log":   n.wal * 86_400,
		"records a second":  c.most(2),
	}
	compared := 0
	for line := range strings.Lines(string(text)) {
		name, rest, found := strings.Cut(strings.TrimSpace(line), "\t")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		var measured float64
		if _, err := fmt.Sscan(rest, &measured); err != nil {
			t.Fatal(err)
		}
		off := said[name]/measured - 1
		t.Logf("%s: said %.4g, measured %.4g, %+.0f %%", name, said[name], measured, 100*off)
		if math.Abs(off) > 0.25 {
			t.Errorf("%s: said %.4g, and %.4g was measured", name, said[name], measured)
		}
		compared++
	}
	if compared != len(said) {
		t.Errorf("%d things were compared, want %d", compared, len(said))
	}
}

func TestWrongPlans(t *testing.T) {
	for want, change := range map[string]func(*plan){
		"-rate must be from":   func(p *plan) { p.rate = 0 },
		"-peak must be from":   func(p *plan) { p.peak = 0.5 },
		"-days must be from":   func(p *plan) { p.days = math.NaN() },
		"-busy must be from":   func(p *plan) { p.busy = 1.5 },
		"-cores must be from":  func(p *plan) { p.cores = 0 },
		"-outage must be from": func(p *plan) { p.outage = -time.Hour },
	} {
		p := usual(1000)
		change(&p)
		if err := p.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	p := usual(1000)
	if err := p.check(); err != nil {
		t.Error(err)
	}
}
