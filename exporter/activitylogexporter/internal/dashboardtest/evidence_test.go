package dashboardtest_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dashboardtest"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// evidence is the rows that a panel should have looked at, in the order of time.
type evidence []row.Row

const null = "NULL"

func at(r row.Row) time.Time { return r.ID.Time() }

func shown(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000") }

func value(text string) string { return cmp.Or(text, null) }

// where are those for which the condition holds.
func (e evidence) where(holds func(row.Row) bool) (found evidence) {
	for _, r := range e {
		if holds(r) {
			found = append(found, r)
		}
	}
	return found
}

func (e evidence) is(column int, one ...string) evidence {
	return e.where(func(r row.Row) bool { return slices.Contains(one, r.Text[column]) })
}

func (e evidence) has(column int) evidence {
	return e.where(func(r row.Row) bool { return r.Text[column] != "" })
}

// n is how many there are, as text.
func (e evidence) n() string { return strconv.Itoa(len(e)) }

// distinct is how many values a column has.
func (e evidence) distinct(column int) string {
	values := map[string]bool{}
	for _, r := range e.has(column) {
		values[r.Text[column]] = true
	}
	return strconv.Itoa(len(values))
}

// most is the greatest text in a column.
func (e evidence) most(column int) string {
	greatest := ""
	for _, r := range e {
		greatest = max(greatest, r.Text[column])
	}
	return value(greatest)
}

func (e evidence) first() string { return shown(at(e[0])) }
func (e evidence) last() string  { return shown(at(e[len(e)-1])) }

func (e evidence) failed() evidence { return e.is(row.Status, "Failed") }

func (e evidence) changes() evidence {
	return e.is(row.ActionType, "Create", "Update", "Delete").is(row.Status, "Success")
}

func (e evidence) refused() evidence {
	return e.failed().is(row.ErrorType, "401", "403", "UNAUTHENTICATED", "PERMISSION_DENIED").
		where(func(r row.Row) bool { return r.Text[row.ActionType] != "Login Failed" })
}

// claimed is whom a failed login was for.
func claimed(r row.Row) string {
	data := struct{ Claimed string }{}
	_ = json.Unmarshal([]byte(r.Text[row.Data]), &data)
	return data.Claimed
}

func (e evidence) accounts() string {
	names := map[string]bool{}
	for _, r := range e {
		names[claimed(r)] = true
	}
	delete(names, "")
	return strconv.Itoa(len(names))
}

// groups divides the rows by a key, and makes a line of each part.
func (e evidence) groups(key func(row.Row) string, line func(evidence) []string) (lines [][]string) {
	parts := map[string]evidence{}
	for _, r := range e {
		parts[key(r)] = append(parts[key(r)], r)
	}
	for _, part := range parts {
		lines = append(lines, line(part))
	}
	return lines
}

func by(columns ...int) func(row.Row) string {
	return func(r row.Row) string {
		var key []string
		for _, c := range columns {
			key = append(key, value(r.Text[c]))
		}
		return strings.Join(key, "\x00")
	}
}

// sorted sorts lines by columns: a number in front is greater first, "-" turns
// texts round, and takes as many as a panel shows.
func sorted(lines [][]string, limit int, columns ...string) [][]string {
	slices.SortFunc(lines, func(a, b []string) int {
		for _, c := range columns {
			kind, index := c[:1], 0
			_, _ = fmt.Sscan(c[1:], &index)
			order := cmp.Compare(strings.TrimPrefix(a[index], null), strings.TrimPrefix(b[index], null))
			switch kind {
			case "n":
				x, _ := strconv.Atoi(a[index])
				y, _ := strconv.Atoi(b[index])
				order = y - x
			case "-":
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		return 0
	})
	return lines[:min(limit, len(lines))]
}

// graph counts rows in each bar's time, by a column.
func (e evidence) graph(column int) [][]string {
	start := func(r row.Row) string { return shown(at(r).Truncate(view.Interval)) }
	name := func(r row.Row) string {
		if column == row.ServiceName {
			return cmp.Or(r.Text[column], "(none)")
		}
		return r.Text[column]
	}
	lines := e.groups(func(r row.Row) string { return start(r) + name(r) }, func(part evidence) []string {
		return []string{start(part[0]), name(part[0]), part.n()}
	})
	return sorted(lines, len(lines), "+0", "+1")
}

// list is the table of activities, the last one first.
func (e evidence) list(limit int, columns ...int) (lines [][]string) {
	for _, r := range slices.Backward(e) {
		line := []string{shown(at(r))}
		for _, c := range columns {
			line = append(line, value(r.Text[c]))
		}
		if len(lines) < limit {
			lines = append(lines, line)
		}
	}
	return lines
}

func (e evidence) latest(limit int) [][]string {
	return e.list(limit, row.ActorID, row.ActorName, row.ActionType, row.ActionName, row.Status, row.ErrorType, row.ObjectType, row.ObjectID,
		row.ObjectName, row.Remarks, row.ClientAddress, row.ServiceName, row.TraceID)
}

// fields is what an object's activities changed, the last one first.
func (e evidence) fields() (lines [][]string) {
	for _, r := range slices.Backward(e) {
		data := struct {
			Changes map[string][]json.RawMessage
		}{}
		_ = json.Unmarshal([]byte(r.Text[row.Data]), &data)
		for _, field := range slices.Sorted(func(yield func(string) bool) {
			for f := range data.Changes {
				if !yield(f) {
					return
				}
			}
		}) {
			lines = append(lines, []string{shown(at(r)), value(r.Text[row.ActorID]), value(r.Text[row.ActorName]), r.Text[row.ActionType],
				r.Text[row.Status], field, plain(data.Changes[field][0]), plain(data.Changes[field][1]), r.Text[row.TraceID]})
		}
	}
	return lines
}

// plain is a JSON value as people read it.
func plain(raw json.RawMessage) string {
	text := ""
	switch {
	case string(raw) == "null":
		return null
	case json.Unmarshal(raw, &text) == nil:
		return text
	}
	return string(raw)
}

// newAddresses are the addresses of logins in e that their actor did not log in
// from in the two weeks before.
func (e evidence) newAddresses(all []row.Row) [][]string {
	logins := func(e evidence) evidence {
		return e.is(row.ActionType, "Login").is(row.Status, "Success").has(row.ActorID).has(row.ClientAddress)
	}
	known := map[string]bool{}
	for _, r := range logins(all) {
		if at(r).Before(view.From) && !at(r).Before(view.From.AddDate(0, 0, -14)) {
			known[by(row.ActorID, row.ClientAddress)(r)] = true
		}
	}
	lines := logins(e).where(func(r row.Row) bool { return !known[by(row.ActorID, row.ClientAddress)(r)] }).
		groups(by(row.ActorID, row.ClientAddress), func(part evidence) []string {
			return []string{part[0].Text[row.ActorID], part[0].Text[row.ClientAddress], part.most(row.ActorName), part.n(), part.first()}
		})
	return sorted(lines, 100, "-4", "+0", "+1")
}

// view is what the panels are asked with: five days of forty.
var view = dashboardtest.View{
	From: dashboardtest.End.AddDate(0, 0, -5), To: dashboardtest.End, Interval: time.Hour,
	Variables: map[string]string{
		"table": "activity_log", "actor": dashboardtest.Actor(3), "object_type": "author's page", "object_id": "7",
		"trace_id": fmt.Sprintf("%032x", 1500),
	},
}
