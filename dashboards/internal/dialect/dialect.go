// Package dialect holds the differences between the databases that Grafana reads
// activities from: parts of SQL, and the query of the data source's plugin.
package dialect

import (
	"fmt"
	"strings"
	"text/template"
)

// Dialect is a database and its Grafana data source. In the fields that are SQL, %s is a
// column or an expression.
type Dialect struct {
	Name   string // of the folder: "postgres"
	Title  string // for people: "PostgreSQL"
	Plugin string // the data source's type

	from, to string // the ends of the dashboard's time range, comparable with action_time
	ago      string // the beginning of the range, %d days before
	within   string // a column is in the range; from and to are used when it is empty
	bucket   string // the time of the bar that a column falls in, "AS time"
	time     string // a time in a form that Grafana recognises
	seconds  string // from the second time to the first, as a number
	text     string // JSON as text
	parent   string // a member of what the object belongs to, as text
	short    string // a text; long ones may be truncated
	weight   string // how many refusals a row of the table stands for

	// The first full hour of the range, and the end of the last one, comparable with
	// action_time. Both are empty for a database that keeps no counts.
	firstHour, lastHour string

	// A row for each changed field of activity_log_object_history, named h.
	changes              string
	field, before, after string
}

// All are the dialects that have dashboards.
var All = []*Dialect{postgres, mysql, sqlite, clickhouse}

// SQL makes a panel's query of a template, for the table of that name.
func (d *Dialect) SQL(text, table string) string {
	t := template.Must(template.New("").Funcs(template.FuncMap{
		"table":   func(suffix ...string) string { return table + strings.Join(suffix, "") },
		"var":     func(name string) string { return "${" + name + ":sqlstring}" },
		"within":  d.in,
		"from":    func() string { return d.from },
		"ago":     func(days int) string { return fmt.Sprintf(d.ago, days) },
		"bucket":  func(column string) string { return fmt.Sprintf(d.bucket, column) },
		"time":    func(of string) string { return fmt.Sprintf(d.time, of) },
		"seconds": func(later, earlier string) string { return fmt.Sprintf(d.seconds, later, earlier) },
		"text":    func(json string) string { return fmt.Sprintf(d.text, json) },
		"parent":  func(member string) string { return fmt.Sprintf(d.parent, member) },
		"short":   func(text string) string { return fmt.Sprintf(d.short, text) },
		"weight":  func() string { return d.weight },
		"counted": func(what ...string) string { return d.counted(table, len(what) > 0) },
		"n":       d.n,
		"nof":     d.nOf,
		"some":    d.some,
		"count":   func(condition string) string { return "sum(CASE WHEN " + condition + " THEN 1 ELSE 0 END)" },
		"changes": func() string { return d.changes },
		"field":   func() string { return d.field },
		"before":  func() string { return d.before },
		"after":   func() string { return d.after },
	}).Parse(text))
	var sql strings.Builder
	if err := t.Execute(&sql, nil); err != nil {
		panic(fmt.Sprintf("a panel's query: %v", err)) // they are constants
	}
	return strings.TrimSpace(sql.String())
}

func (d *Dialect) in(column string) string {
	if d.within != "" {
		return fmt.Sprintf(d.within, column)
	}
	return fmt.Sprintf("%s >= %s AND %s <= %s", column, d.from, column, d.to)
}
