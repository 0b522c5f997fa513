package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

func TestBar(t *testing.T) {
	for _, c := range []struct {
		n, most int64
		want    string
	}{
		{0, 10, ""}, {10, 10, "████"}, {5, 10, "██"}, {1, 1000, "▏"}, {1, 8, "▌"}, {3, 0, ""}, {1 << 40, 1 << 40, "████"},
	} {
		if got := bar(c.n, c.most, 4); got != c.want {
			t.Errorf("%d of %d: got %q, want %q", c.n, c.most, got, c.want)
		}
	}
}

func TestSpark(t *testing.T) {
	for _, c := range []struct {
		numbers []int64
		want    string
	}{
		{[]int64{0, 1, 4, 8}, " ▁▄█"},
		{[]int64{5}, "█"},
		{[]int64{0, 0}, "  "},
		{[]int64{1, 1, 2, 2, 3, 3, 4, 4}, "▄█"}, // four at a place: 6 and 14
	} {
		if got := spark(c.numbers, 4); len(c.numbers) <= 4 && got != c.want || len([]rune(got)) > 4 {
			t.Errorf("%v: got %q, want %q", c.numbers, got, c.want)
		}
	}
	if got := spark([]int64{1, 1, 2, 2, 3, 3, 4, 4}, 2); got != "▄█" {
		t.Errorf("got %q", got)
	}
}

// TestFilled: intervals without rows are shown, unless they are too many.
func TestFilled(t *testing.T) {
	for interval, c := range map[string]struct {
		times []string
		want  string
	}{
		"hour":  {[]string{"2026-11-01T22:00", "2026-11-02T01:00"}, "2026-11-01 22:00:1 2026-11-01 23:00:0 2026-11-02 00:00:0 2026-11-02 01:00:1"},
		"day":   {[]string{"2026-10-31T00:00", "2026-11-02T00:00"}, "2026-10-31:1 2026-11-01:0 2026-11-02:1"},
		"week":  {[]string{"2026-10-26T00:00", "2026-11-09T00:00"}, "2026-10-26:1 2026-11-02:0 2026-11-09:1"},
		"month": {[]string{"2026-12-01T00:00", "2027-02-01T00:00"}, "2026-12:1 2027-01:0 2027-02:1"},
		"":      {[]string{"2026-12-01T00:00", "2027-02-01T00:00"}, "2026-12-01:1 2027-02-01:1"},
	} {
		command := &statsCommand{interval: interval}
		var groups []reader.Group
		for _, text := range c.times {
			at, err := time.Parse("2006-01-02T15:04", text)
			if err != nil {
				t.Fatal(err)
			}
			groups = append(groups, reader.Group{Time: at, Rows: 1})
		}
		var got []string
		for _, g := range command.filled(groups) {
			got = append(got, command.begin(g.Time)+map[int64]string{0: ":0", 1: ":1"}[g.Rows])
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s: got %s, want %s", interval, text, c.want)
		}
	}
	far := []reader.Group{{Time: time.Unix(0, 0)}, {Time: time.Unix(1e9, 0)}}
	if got := (&statsCommand{interval: "day"}).filled(far); len(got) != 2 {
		t.Errorf("got %d groups", len(got))
	}
}
