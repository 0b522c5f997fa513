package reader

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader/internal/dialect"
)

// Interval is a length of time. Each begins at a full hour or day, in UTC.
type Interval int

// Intervals. None is all time; a week begins on Monday.
const (
	None Interval = iota
	Hour
	Day
	Week
	Month
)

// By says how to count.
type By struct {
	Interval Interval

	// Columns are columns of text, but not remarks: "action_type", "actor_id".
	Columns []string

	// Limit is the most groups, up to [MaxGroups]; 0 is [MaxGroups].
	Limit int
}

// MaxGroups is the most groups of a count.
const MaxGroups = 10_000

// Group is the rows of one interval that have the same values in the columns.
type Group struct {
	Time   time.Time `json:"time,omitzero"`    // the beginning of the interval, UTC; zero without intervals
	Values []string  `json:"values,omitempty"` // of the columns of [By]; "" is NULL
	Rows   int64     `json:"rows"`
}

// Counts is the result of [Reader.Count].
type Counts struct {
	Groups []Group `json:"groups"`
	More   bool    `json:"more,omitempty"` // there are more groups than the limit
}

// Count counts the rows of a query. The groups are in the order of time, and then the
// largest first. Without intervals and columns there is one group. Intervals without
// rows have no group. A row counts as one, whatever data says that it stands for
// (sample_weight, count).
func (r *Reader) Count(ctx context.Context, q Query, by By) (counts Counts, err error) {
	if err := by.check(); err != nil {
		return counts, err
	}
	limit := by.Limit
	if limit == 0 {
		limit = MaxGroups
	}
	if q.answers(by) {
		if build := r.build(ctx); build != "" {
			counts, err = r.count(ctx, q, by, limit, true)
			if err == nil && r.build(ctx) == build { // they were true all the time
				return counts, nil
			}
		}
	}
	return r.count(ctx, q, by, limit, false)
}

// count counts by the table of counts, where it can, or by the rows alone.
func (r *Reader) count(ctx context.Context, q Query, by By, limit int, counted bool) (counts Counts, err error) {
	c := &conditions{dialect: r.dialect}
	from, n := "", countRows
	if counted {
		from, n = r.countedFrom(c, q), r.dialect.Sum("t.n")
	}
	if from == "" {
		c = &conditions{dialect: r.dialect}
		c.query(q)
		from, n = r.from()+c.String(), countRows
	}
	if c.err != nil {
		return counts, c.err
	}
	err = r.query(ctx, r.countStatement(from, n, by, limit+1), c.args, func(rows *sql.Rows) error {
		group, err := by.scan(rows)
		counts.Groups = append(counts.Groups, group)
		return err
	})
	if err != nil {
		return Counts{}, fmt.Errorf("count rows of %s: %w", r.table, err)
	}
	if counts.More = len(counts.Groups) > limit; counts.More {
		counts.Groups = counts.Groups[:limit]
	}
	return counts, nil
}

// countRows is how rows are counted, where each of them is one.
const countRows = "COUNT(*)"

// countStatement names its results g1, g2 … and n. The counts of a key that has no rows
// any more are 0 together.
func (r *Reader) countStatement(from, n string, by By, limit int) string {
	var keys []string
	if by.Interval != None {
		keys = append(keys, r.dialect.Interval(dialect.Interval(by.Interval)))
	}
	for _, column := range by.Columns {
		keys = append(keys, "COALESCE(t."+column+", '')")
	}
	var selected, names strings.Builder
	for i, key := range keys {
		name := "g" + strconv.Itoa(i+1)
		selected.WriteString(key + " AS " + name + ", ")
		names.WriteString(", " + name)
	}
	query := "SELECT " + selected.String() + n + " AS n" + from
	if len(keys) == 0 {
		return query
	}
	order := "n DESC" + names.String()
	if by.Interval != None {
		order = "g1, n DESC" + names.String()
	}
	having := ""
	if n != countRows {
		having = " HAVING " + n + " <> 0"
	}
	return query + " GROUP BY " + names.String()[2:] + having + " ORDER BY " + order + " LIMIT " + strconv.Itoa(limit)
}

func (by By) check() error {
	if by.Interval < None || by.Interval > Month {
		return fmt.Errorf("the interval must be one of None, Hour, Day, Week, Month; got %d", by.Interval)
	}
	if by.Limit < 0 || by.Limit > MaxGroups {
		return fmt.Errorf("the limit must be 1 to %d; got %d", MaxGroups, by.Limit)
	}
	for _, name := range by.Columns {
		if !countable(name) {
			return fmt.Errorf("rows can be counted by columns of text, but not by remarks; got %.64q", name)
		}
	}
	return nil
}

func countable(name string) bool {
	for _, c := range activity.Columns() {
		if c.Name == name {
			return c.Kind == activity.ColumnText && name != "remarks"
		}
	}
	return false
}

// scan reads a group.
func (by By) scan(rows *sql.Rows) (group Group, err error) {
	var at string
	var targets []any
	if by.Interval != None {
		targets = append(targets, &at)
	}
	if len(by.Columns) > 0 {
		group.Values = make([]string, len(by.Columns))
	}
	for i := range group.Values {
		targets = append(targets, &group.Values[i])
	}
	if err := rows.Scan(append(targets, &group.Rows)...); err != nil {
		return group, err
	}
	if by.Interval == None {
		return group, nil
	}
	layout := "2006-01-02 15"[:min(len(at), 13)]
	if group.Time, err = time.ParseInLocation(layout, at, time.UTC); err != nil {
		return group, fmt.Errorf("%q is not the beginning of an interval", at)
	}
	return group, nil
}
