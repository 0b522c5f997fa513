package cli

import (
	"bufio"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
	"github.com/otelactivity/activitylog/reader"
)

const (
	barWidth   = 40  // of the longest bar
	sparkWidth = 40  // of a small chart
	maxFilled  = 400 // intervals; where there are more, those without rows are left out
)

// chart prints counts for people: a bar for each group, or for values of columns over
// time a small chart for each value.
func (c *statsCommand) chart(out *bufio.Writer, groups []reader.Group) error {
	if len(groups) == 0 {
		c.hint("no rows")
		return nil
	}
	if c.interval != "" && len(c.columns) > 0 {
		return c.sparklines(out, groups)
	}
	groups = c.filled(groups)
	var most int64
	for _, g := range groups {
		most = max(most, g.Rows)
	}
	t := c.newTable(out, append(c.titlesUTC(), "rows")...)
	t.add("", true)
	t.right = append(make([]bool, len(c.titles())), true)
	lines := c.lines(groups)
	for i, g := range groups {
		lines[i] = append(lines[i], cell{bar(g.Rows, most, barWidth), blue})
	}
	return t.print(lines...)
}

func (c *statsCommand) titlesUTC() []string {
	titles := c.titles()
	if c.interval != "" {
		titles[0] += " (UTC)"
	}
	return titles
}

// filled returns the groups of intervals with those between that have no rows.
func (c *statsCommand) filled(groups []reader.Group) []reader.Group {
	if c.interval == "" {
		return groups
	}
	var all []reader.Group
	for i, g := range groups {
		for i > 0 {
			next := c.next(all[len(all)-1].Time)
			if !next.Before(g.Time) {
				break
			}
			if all = append(all, reader.Group{Time: next}); len(all) > maxFilled {
				return groups
			}
		}
		all = append(all, g)
	}
	return all
}

// next returns the beginning of the next interval.
func (c *statsCommand) next(at time.Time) time.Time {
	switch c.interval {
	case "hour":
		return at.Add(time.Hour)
	case "week":
		return at.AddDate(0, 0, 7)
	case "month":
		return at.AddDate(0, 1, 0)
	}
	return at.AddDate(0, 0, 1)
}

// series are the rows of one value of the columns over time.
type series struct {
	values []string
	total  int64
	at     map[time.Time]int64
}

// sparklines prints a line for each value, the most frequent first.
func (c *statsCommand) sparklines(out *bufio.Writer, groups []reader.Group) error {
	all := collect(groups)
	var times []reader.Group
	for _, g := range groups {
		if len(times) == 0 || !times[len(times)-1].Time.Equal(g.Time) {
			times = append(times, reader.Group{Time: g.Time})
		}
	}
	times = c.filled(times)
	t := c.newTable(out, append(slices.Clone(c.columns), "rows")...)
	t.add("per "+c.interval+", "+c.begin(times[0].Time)+" to "+c.begin(times[len(times)-1].Time)+" UTC", true)
	t.right = append(make([]bool, len(c.columns)), true)
	shown := all
	if c.top > 0 {
		shown = all[:min(c.top, len(all))]
	}
	var lines [][]cell
	for _, s := range shown {
		var line []cell
		for _, text := range s.values {
			line = append(line, orNone(text))
		}
		numbers := make([]int64, len(times))
		for i, g := range times {
			numbers[i] = s.at[g.Time]
		}
		lines = append(lines, append(line, cell{text: strconv.FormatInt(s.total, 10)}, cell{spark(numbers, sparkWidth), blue}))
	}
	if more := len(all) - len(shown); more > 0 {
		c.hint(strconv.Itoa(more) + " more; --top 0 shows all")
	}
	return t.print(lines...)
}

// collect returns the series of groups, the largest first.
func collect(groups []reader.Group) (all []*series) {
	known := map[string]*series{}
	for _, g := range groups {
		key := strings.Join(g.Values, "\x00")
		s := known[key]
		if s == nil {
			s = &series{values: g.Values, at: map[time.Time]int64{}}
			known[key] = s
			all = append(all, s)
		}
		s.total += g.Rows
		s.at[g.Time] += g.Rows
	}
	slices.SortStableFunc(all, func(a, b *series) int {
		if a.total != b.total {
			return int(b.total - a.total)
		}
		return strings.Compare(escape.Line(strings.Join(a.values, " ")), escape.Line(strings.Join(b.values, " ")))
	})
	return all
}

var (
	eighths = []rune(" ▏▎▍▌▋▊▉█") // of a bar
	levels  = []rune("▁▂▃▄▅▆▇█")
)

// bar returns a bar for n, of which most has the whole width. What is not nothing shows.
func bar(n, most int64, width int) string {
	if n <= 0 || most <= 0 {
		return ""
	}
	filled := max(1, int(n*int64(width)*8/most))
	text := strings.Repeat("█", filled/8)
	if rest := filled % 8; rest > 0 {
		text += string(eighths[rest])
	}
	return text
}

// spark returns a small chart of numbers. Where there are more than it is wide, several
// are added up for one place. Nothing is a space.
func spark(numbers []int64, width int) string {
	for len(numbers) > width {
		size := (len(numbers) + width - 1) / width
		var sums []int64
		for part := range slices.Chunk(numbers, size) {
			var sum int64
			for _, n := range part {
				sum += n
			}
			sums = append(sums, sum)
		}
		numbers = sums
	}
	most := slices.Max(numbers)
	var b strings.Builder
	for _, n := range numbers {
		if n == 0 {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(levels[(n*int64(len(levels))-1)/most])
	}
	return b.String()
}
