package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
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
	for _, rate := range []float64{1, 10, 1000, 10_000, 100_000, 1_000_000} {
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

// TestPage compares the page with what the program reckons with, and says.
func TestPage(t *testing.T) {
	c, err := readCosts()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../../docs/operate/scale.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(text), "\n## How much you need\n")
	table, _, _ := strings.Cut(page, "\nWhat the program says was compared")
	million, year := usual(1e6/86_400.), usual(10)
	million.days, year.days = 1, 365
	million.peak = 1
	n, ten := million.needs(c), year.needs(c)
	want := []string{
		size(n.table + n.indexes)[:3] + " MB, measured", size(n.wal * 86_400)[:3] + " and ", fmt.Sprintf("%.0f,000 and ", c.most(2)/1000),
		fmt.Sprintf("%.0f bytes: key", c.indexes()), count(ten.rows) + " rows, or " + size(ten.table+ten.indexes) + ", in a year",
	}
	for name, value := range c {
		if !regexp.MustCompile(`(^|[^\d.,])` + regexp.QuoteMeta(fmt.Sprint(value)) + `([^\d.]|$)`).MatchString(table) {
			t.Errorf("the table does not have %v, the cost %s", value, name)
		}
	}
	for _, s := range want {
		if !strings.Contains(page, s) {
			t.Errorf("the page does not have %q", s)
		}
	}
}

// TestAdvice is about what fills a machine before the disk.
func TestAdvice(t *testing.T) {
	c, err := readCosts()
	if err != nil {
		t.Fatal(err)
	}
	for want, p := range map[string]plan{
		"Use ClickHouse":                         {rate: 1000, peak: 1000, days: 1, busy: 0.5, cores: 4}, // cores
		"One PostgreSQL will do. If":             {rate: 100, peak: 1000, days: 1, busy: 0.5, cores: 4},
		"One PostgreSQL will do, and one":        {rate: 100, peak: 1, days: 1, busy: 0.5, cores: 4},
		"Use PostgreSQL with partition: month, ": {rate: 100, peak: 1, days: 100, busy: 0.5, cores: 4},
	} {
		if got := p.needs(c).advice(); !strings.HasPrefix(got, want) {
			t.Errorf("%g activities a second, %g times as many at the peak: %q, want %q", p.rate, p.peak, got, want)
		}
	}
	wide := costs{"table": 10_000} // rows so large that few of them fill the disk
	p := usual(10)
	p.days = 365
	if got := p.needs(wide).advice(); !strings.HasPrefix(got, "Use PostgreSQL with partition: month") {
		t.Errorf("3 TB in few rows: %q", got)
	}
}

// TestRun runs the program with arguments: the defaults are those that the other tests know, and what is
// no flag is an error.
func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run([]string{"-rate", "10"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if want, err := os.ReadFile("testdata/10.txt"); err != nil || out.String() != string(want) {
		t.Errorf("got %v, and\n%s", err, &out)
	}
	for want, args := range map[string][]string{
		`there must be flags alone, such as -rate 10000; got "500"`: {"500"},
		"-rate must be from": {"-rate", "0"},
		"invalid value":      {"-outage", "4"},
		"not defined":        {"-speed", "4"},
	} {
		out.Reset()
		if err := run(args, &out, io.Discard); err == nil || !strings.Contains(err.Error(), want) || out.Len() > 0 {
			t.Errorf("%v: got %v and %q, want an error with %q", args, err, &out, want)
		}
	}
}

// TestDefaultQueue compares the size from which the program says that max_bytes must be set.
func TestDefaultQueue(t *testing.T) {
	text, err := os.ReadFile("../../../collector-config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("max_bytes: %d ", defaultQueue); !strings.Contains(string(text), want) {
		t.Errorf("collector-config.yaml does not have %q", want)
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
		"-core-month must be":  func(p *plan) { p.coreMonth = -1 },
		"-gb-month must be":    func(p *plan) { p.gbMonth = -1 },
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
