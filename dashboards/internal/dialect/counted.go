package dialect

import "strings"

// counted is what a query reads that needs no more of a row than the table of counts has:
// full hours of that table, and the rest of the rows; or rows alone, while the counts are
// not usable. In it, n is how many rows a row stands for. With bars, the counts serve only
// bars of full hours.
func (d *Dialect) counted(table string, bars bool) string {
	if d.firstHour == "" {
		return table + "\nWHERE " + d.in("action_time")
	}
	when := "EXISTS (SELECT 1 FROM " + table + "_counts_state WHERE state = 'usable') AND " + d.firstHour + " < " + d.lastHour
	if bars {
		when += " AND $__interval_ms % 3600000 = 0"
	}
	bound := func(of string) string {
		return "(SELECT CASE WHEN " + when + " THEN " + of + " ELSE " + d.from + " END)"
	}
	first, end := bound(d.firstHour), bound(d.lastHour)
	rows := "SELECT action_time, service_name, action_type, status, 1 FROM " + table + " WHERE "
	return "(\n    " + strings.Join([]string{
		"SELECT hour AS action_time, service_name, action_type, status, n FROM " + table + "_counts WHERE hour >= " + first + " AND hour < " + end,
		rows + "action_time >= " + d.from + " AND action_time < " + first,
		rows + "action_time >= " + end + " AND action_time >= " + d.from + " AND action_time <= " + d.to,
	}, "\n    UNION ALL\n    ") + "\n) AS a"
}

// n is the number of rows of what counted returns.
func (d *Dialect) n() string {
	if d.firstHour == "" {
		return "count(*)"
	}
	return "coalesce(sum(n), 0)"
}

// nOf is the number of rows that meet a condition.
func (d *Dialect) nOf(condition string) string {
	n := "1"
	if d.firstHour != "" {
		n = "n"
	}
	return "coalesce(sum(CASE WHEN " + condition + " THEN " + n + " ELSE 0 END), 0)"
}

// some leaves out groups whose counts come to nothing.
func (d *Dialect) some() string {
	if d.firstHour == "" {
		return ""
	}
	return "\nHAVING sum(n) <> 0"
}
