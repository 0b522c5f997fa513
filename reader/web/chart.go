package web

import (
	"slices"
	"strconv"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

// chart is bars over time.
type chart struct {
	Title   string
	Summary string // in words
	Width   int    // of the view box; the height is chartHeight
	Bars    []bar
	Labels  []string // below, evenly
	Most    int64    // the highest bar
	Every   string   // "hour"
}

// bar is the rows of an interval: those that failed above the others.
type bar struct {
	X, Wide    int
	OK, Failed span
	Label      string // the time
	Rows       int64
	Bad        int64
	Link       string
}

// span is the place of a part of a bar.
type span struct{ Y, High int }

const (
	chartHeight = 120
	barWidth    = 10
	barGap      = 2
)

// newChart makes a chart of counts by interval and status, from one time to another.
func newChart(groups []reader.Group, interval reader.Interval, from, to time.Time, link func(from, to time.Time) string) chart {
	c := chart{Every: intervalNames[interval-1]}
	total, failed := map[time.Time]int64{}, map[time.Time]int64{}
	var all, bad int64
	for _, g := range groups {
		total[g.Time] += g.Rows
		all += g.Rows
		if len(g.Values) > 0 && g.Values[0] == "Failed" {
			failed[g.Time] += g.Rows
			bad += g.Rows
		}
	}
	for _, n := range total {
		c.Most = max(c.Most, n)
	}
	layout := map[reader.Interval]string{reader.Hour: "2 Jan 15:04", reader.Day: "2 Jan", reader.Week: "2 Jan 2006", reader.Month: "Jan 2006"}[interval]
	for at := begin(from, interval); at.Before(to) && len(c.Bars) < maxBars; at = next(at, interval) {
		b := bar{X: len(c.Bars) * (barWidth + barGap), Wide: barWidth, Label: at.Format(layout), Rows: total[at], Bad: failed[at],
			Link: link(at, next(at, interval))}
		high, bad := scaled(b.Rows, c.Most), scaled(b.Bad, c.Most)
		b.Failed = span{chartHeight - high, bad}
		b.OK = span{chartHeight - high + bad, high - bad}
		c.Bars = append(c.Bars, b)
	}
	c.Width = len(c.Bars)*(barWidth+barGap) - barGap
	if n := len(c.Bars); n > 0 {
		c.Labels = slices.Compact([]string{c.Bars[0].Label, c.Bars[n/2].Label, c.Bars[n-1].Label})
	}
	c.Summary = plural(all, "activity", "activities") + ", of which " + number(bad) + " failed"
	return c
}

const maxBars = 400

// scaled is the height of a number. What is there is seen.
func scaled(n, most int64) int {
	if n == 0 {
		return 0
	}
	return max(2, int(n*chartHeight/most))
}

// begin returns the beginning of the interval that a time is in.
func begin(at time.Time, interval reader.Interval) time.Time {
	at = at.UTC()
	switch interval {
	case reader.Hour:
		return at.Truncate(time.Hour)
	case reader.Month:
		return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	at = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	if interval == reader.Week {
		at = at.AddDate(0, 0, -(int(at.Weekday())+6)%7)
	}
	return at
}

func next(at time.Time, interval reader.Interval) time.Time {
	switch interval {
	case reader.Hour:
		return at.Add(time.Hour)
	case reader.Week:
		return at.AddDate(0, 0, 7)
	case reader.Month:
		return at.AddDate(0, 1, 0)
	}
	return at.AddDate(0, 0, 1)
}

// fitting is the interval for a chart of a length of time.
func fitting(d time.Duration) reader.Interval {
	const day = 24 * time.Hour
	switch {
	case d <= 3*day:
		return reader.Hour
	case d <= 120*day:
		return reader.Day
	case d <= 3*365*day:
		return reader.Week
	}
	return reader.Month
}

// number writes a number with commas between thousands.
func number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}
