package reader

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"
)

// countedColumns are the columns that the table of counts has, besides the hour.
var countedColumns = []string{"service_name", "tenant_id", "action_type", "status"}

// build returns which build of the counts is true, or "" if rows must be counted.
func (r *Reader) build(ctx context.Context) string {
	if !r.counted {
		return ""
	}
	builds, err := r.strings(ctx, "SELECT build FROM "+r.dialect.Quote(r.table+"_counts_state")+" WHERE id = 1 AND state = 'usable'")
	if err != nil || len(builds) != 1 {
		return "" // the account may not read it, or the table is gone
	}
	return builds[0]
}

// answers reports whether the table of counts has what a count asks for.
func (q Query) answers(by By) bool {
	rest := q
	rest.From, rest.To = time.Time{}, time.Time{}
	rest.Service, rest.Tenant, rest.ActionType, rest.Status = "", "", "", ""
	if len(rest.Data) == 0 {
		rest.Data = nil
	}
	if !reflect.ValueOf(rest).IsZero() {
		return false
	}
	for _, column := range by.Columns {
		if !slices.Contains(countedColumns, column) {
			return false
		}
	}
	return true
}

// hours returns the full hours between two times, either of which may be zero. There is
// none if ok is false.
func hours(from, to time.Time) (first, end time.Time, ok bool) {
	first, end = from, to.Truncate(time.Hour)
	if !from.IsZero() {
		if first = from.Truncate(time.Hour); first.Before(from) {
			first = first.Add(time.Hour)
		}
	}
	return first, end, from.IsZero() || to.IsZero() || first.Before(end)
}

// countedFrom is [Reader.from] and the conditions of a query for a statement that takes
// full hours from the counts, and the rest from the rows: t.n is how many rows a row of t
// stands for. It returns "" if there is no full hour.
func (r *Reader) countedFrom(c *conditions, q Query) string {
	first, end, ok := hours(q.From, q.To)
	if !ok {
		return ""
	}
	columns := strings.Join(countedColumns, ", ")
	part := func(table, column, n string, from, to time.Time) string {
		c.all, c.at = nil, column
		part := q
		part.From, part.To = from, to
		c.query(part)
		return "SELECT t." + column + " AS action_time, " + columns + ", " + n + " AS n FROM " + r.dialect.Quote(table) + " t" + c.String()
	}
	parts := []string{part(r.table+"_counts", "hour", "n", first, end)}
	if q.From.Before(first) {
		parts = append(parts, part(r.table, "action_time", "1", q.From, first))
	}
	if end.Before(q.To) {
		parts = append(parts, part(r.table, "action_time", "1", end, q.To))
	}
	c.all = nil
	return " FROM (" + strings.Join(parts, " UNION ALL ") + ") t"
}
