package web

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

// timeLayouts are the forms of times in URLs. Those without a zone are in UTC.
var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", time.DateOnly}

func setTime(place *time.Time, value string) error {
	for _, layout := range timeLayouts {
		if at, err := time.Parse(layout, value); err == nil && at.UTC().Year() >= 1 && at.UTC().Year() <= 9999 {
			*place = at.UTC()
			return nil
		}
	}
	hint := ""
	if strings.Contains(value, " ") {
		hint = "; in a URL, + is written %2B"
	}
	return fmt.Errorf(`must be a time such as "2026-11-01", "2026-11-01T09:30:00Z" or "2026-11-01T09:30:00+01:00"; got %q%s`, shortened(value), hint)
}

// parseLast reads a length of time: "90m", "24h", "7d", "4w".
func parseLast(value string) (time.Duration, error) {
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	unit, ok := units[value[len(value)-1]]
	n, err := strconv.Atoi(value[:len(value)-1])
	if !ok || err != nil || n < 1 || n > int(maxLast/unit) || value[0] == '+' {
		return 0, fmt.Errorf(`must be a number of minutes, hours, days or weeks, such as "90m", "24h", "7d" or "4w", up to 5200w; got %q`, shortened(value))
	}
	return time.Duration(n) * unit, nil
}

const maxLast = 5200 * 7 * 24 * time.Hour

// parseData reads a condition for data: parent.type=article. A key with "." or "=" in it is
// written in quotes.
func parseData(value string) (reader.DataValue, error) {
	var d reader.DataValue
	rest := value
	for {
		key, after, err := cutKey(rest)
		if err != nil {
			return d, err
		}
		d.Path = append(d.Path, key)
		if text, ok := strings.CutPrefix(after, "="); ok {
			d.Value = text
			return d, nil
		}
		rest = after[1:]
	}
}

var errData = errors.New(`must be a path in data and a value, such as "parent.type=article"; a key with . or = in it is written in quotes`)

// cutKey returns the first key of a path, and what follows it: "." or "=" and more.
func cutKey(path string) (key, after string, err error) {
	if quoted, ok := strings.CutPrefix(path, `"`); ok {
		key, after, ok = strings.Cut(quoted, `"`)
		if !ok || !strings.HasPrefix(after, ".") && !strings.HasPrefix(after, "=") {
			return "", "", errData
		}
	} else {
		i := strings.IndexAny(path, ".=")
		if i < 0 {
			return "", "", errData
		}
		key, after = path[:i], path[i:]
	}
	if key == "" || strings.ContainsAny(key, `"\`) {
		return "", "", errData
	}
	return key, after, nil
}

// paging are the parameters of a [reader.Paging].
var paging = []parameter{
	{name: "order", set: func(q *request, value string) error {
		if value == "oldest" {
			q.paging.Order = reader.OldestFirst
		}
		return oneOf(value, []string{"newest", "oldest"})
	}},
	{name: "limit", set: func(q *request, value string) (err error) {
		q.paging.Limit, err = parseLimit(value, reader.MaxLimit)
		return err
	}},
	{name: "cursor", set: func(q *request, value string) error {
		q.paging.Cursor = reader.Cursor(value)
		if q.paging.Cursor.Check() != nil {
			return errors.New("must be a cursor of an earlier answer")
		}
		return nil
	}},
}

func parseLimit(value string, most int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("must be a number from 1 to %d; got %q", most, shortened(value))
	}
	return n, nil
}

// parts is the parameter of a history that adds the object's parts.
var parts = parameter{name: "parts", set: func(q *request, value string) error {
	q.parts = value == "true"
	return oneOf(value, []string{"true", "false"})
}}

// intervals are the names of intervals in URLs.
var intervals = map[string]reader.Interval{"hour": reader.Hour, "day": reader.Day, "week": reader.Week, "month": reader.Month}

var intervalNames = []string{"hour", "day", "week", "month"}

// counting are the parameters of a [reader.By].
var counting = []parameter{
	{name: "interval", set: func(q *request, value string) error {
		q.by.Interval = intervals[value]
		return oneOf(value, intervalNames)
	}},
	{name: "by", most: 4, set: func(q *request, value string) error {
		q.by.Columns = append(q.by.Columns, value)
		return oneOf(value, countable)
	}},
	{name: "limit", set: func(q *request, value string) (err error) {
		q.by.Limit, err = parseLimit(value, reader.MaxGroups)
		return err
	}},
}
