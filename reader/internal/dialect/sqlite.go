package dialect

import "strings"

// SQLite is SQLite 3.
type SQLite struct {
	common
	standardQuote
}

// Columns implements [Dialect].
func (SQLite) Columns(table string) string {
	schema, name := split(table, "NULL")
	return "SELECT name FROM pragma_table_info('" + name + "', " + schema + ")"
}

// Version implements [Dialect].
func (d SQLite) Version(table string) string { return maxVersion(d.Quote(table + "_schema")) }

// Column implements [Dialect].
func (d SQLite) Column(column string, kind Kind) string { return d.Select(column, kind) }

// Pack implements [Packer]. The driver for SQLite takes a lock for each column of each row, which
// costs more than to put them together.
func (SQLite) Pack(expressions []string) string {
	var b strings.Builder
	for i, expression := range expressions {
		if i > 0 {
			b.WriteString(" || char(31) || ")
		}
		b.WriteString("coalesce(" + expression + ", '')")
	}
	return b.String()
}

// Contains implements [Dialect]. LIKE would ignore the case of ASCII letters.
func (SQLite) Contains(column, parameter string) string {
	return "instr(t." + column + ", " + parameter + ") > 0"
}

// Data implements [Dialect].
func (SQLite) Data(path []string, add func(text string) string) string {
	p := jsonPath(path)
	return "CASE json_type(t.data, " + add(p) + ") WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'" +
		" WHEN 'object' THEN NULL WHEN 'array' THEN NULL ELSE CAST(json_extract(t.data, " + add(p) + ") AS TEXT) END"
}

// Sparse implements [Dialect]. SQLite knows nothing of how many rows a value has, and may
// take its index where another one finds fewer. The sign + keeps it from that.
func (SQLite) Sparse(column, parameter string, _, other bool) string {
	if other {
		return "+t." + column + " = " + parameter
	}
	return "t." + column + " = " + parameter
}

// Interval implements [Dialect].
func (SQLite) Interval(i Interval) string {
	switch i {
	case Hour:
		return "substr(t.action_time, 1, 13)"
	case Week: // on to Sunday, unless it is one, and back
		return "date(substr(t.action_time, 1, 10), 'weekday 0', '-6 days')"
	case Month:
		return "substr(t.action_time, 1, 7) || '-01'"
	}
	return "substr(t.action_time, 1, 10)"
}

// Now implements [Dialect].
func (SQLite) Now() string { return "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')" }
