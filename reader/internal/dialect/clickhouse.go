package dialect

import "strings"

// ClickHouse is ClickHouse 24.3 and newer. The table is a view, whose event_id is text.
type ClickHouse struct {
	common
	standardQuote
}

// Columns implements [Dialect].
func (ClickHouse) Columns(table string) string {
	database, name := split(table, "currentDatabase()")
	return "SELECT name FROM system.columns WHERE database = " + database + " AND table = '" + name + "'"
}

// Version implements [Dialect].
func (d ClickHouse) Version(table string) string {
	return "SELECT toInt64(max(version_id)) FROM " + d.Quote(table+"_schema")
}

// Select implements [Dialect].
func (ClickHouse) Select(column string, kind Kind) string {
	if kind == Time {
		return "toString(t." + column + ")"
	}
	return "t." + column
}

// Column implements [Dialect].
func (d ClickHouse) Column(column string, kind Kind) string { return d.Select(column, kind) }

// Parameter implements [Dialect]. The driver puts arguments into the statement, with
// quotes; a time would be rounded to seconds.
func (ClickHouse) Parameter(_ int, kind Kind) string {
	if kind == Time {
		return "toDateTime64(?, 6, 'UTC')"
	}
	return "?"
}

// Contains implements [Dialect].
func (ClickHouse) Contains(column, parameter string) string {
	return "position(t." + column + ", " + parameter + ") > 0"
}

// Data implements [Dialect].
func (ClickHouse) Data(path []string, add func(text string) string) string {
	keys := func() string {
		var text strings.Builder
		for _, key := range path {
			text.WriteString(", " + add(key))
		}
		return text.String()
	}
	return "multiIf(JSONType(t.data" + keys() + ") = 'String', JSONExtractString(t.data" + keys() + ")," +
		" JSONType(t.data" + keys() + ") IN ('Int64', 'UInt64', 'Double', 'Bool'), JSONExtractRaw(t.data" + keys() + "), NULL)"
}

// Interval implements [Dialect].
func (ClickHouse) Interval(i Interval) string {
	switch i {
	case Hour:
		return "substring(toString(t.action_time), 1, 13)"
	case Week:
		return "toString(toMonday(t.action_time))"
	case Month:
		return "toString(toStartOfMonth(t.action_time))"
	}
	return "substring(toString(t.action_time), 1, 10)"
}

// Now implements [Dialect].
func (ClickHouse) Now() string { return "SELECT toString(now64(6, 'UTC'))" }
