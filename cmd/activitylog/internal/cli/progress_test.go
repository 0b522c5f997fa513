package cli

import (
	"strings"
	"testing"
	"time"
)

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestProgressLine(t *testing.T) {
	for _, c := range []struct {
		rows, total, before int64
		want                string
	}{
		{500_000, 0, 0, "500,000 rows  50,000/s"},
		{500_000, 1_000_000, 0, strings.Repeat("█", 10) + strings.Repeat("░", 10) + "  50%  500,000 of 1,000,000 rows  50,000/s  10s left"},
		{500_000, 1_000_000, 400_000, strings.Repeat("█", 10) + strings.Repeat("░", 10) + "  50%  500,000 of 1,000,000 rows  10,000/s  50s left"},
		{400_000, 1_000_000, 400_000, strings.Repeat("█", 8) + strings.Repeat("░", 12) + "  40%  400,000 of 1,000,000 rows  0/s  ? left"},
		{1_000_001, 1_000_000, 0, "1,000,001 rows  100,000/s"}, // some were added meanwhile
	} {
		p := &progress{before: c.before}
		p.rows.Store(c.rows)
		p.total.Store(c.total)
		if got := p.line(10 * time.Second); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestSummary(t *testing.T) {
	p := &progress{began: time.Now()}
	if got := p.summary(1234); got != "wrote 1,234 rows" {
		t.Errorf("got %q", got)
	}
	p = &progress{began: time.Now().Add(-10 * time.Second), before: 1000}
	if got := p.summary(2000); !strings.HasPrefix(got, "wrote 2,000 rows, 1,000 of them now, in 10") || !strings.HasSuffix(got, " rows/s,") {
		t.Errorf("got %q", got)
	}
}
