package dialect

import (
	"strings"
	"time"
)

// Postgres is PostgreSQL 13 and newer.
type Postgres struct{ standardQuote }

// Columns implements [Dialect].
func (d Postgres) Columns(table string) string {
	return "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass('" + d.Quote(table) + "') AND attnum > 0 AND NOT attisdropped"
}

// Version implements [Dialect].
func (d Postgres) Version(table string) string { return maxVersion(d.Quote(table + "_schema")) }

// Select implements [Dialect].
func (Postgres) Select(column string, kind Kind) string {
	switch kind {
	case ID, JSON:
		return "t." + column + "::text"
	case Time:
		return postgresTime("t." + column)
	}
	return "t." + column
}

// Column implements [Dialect]. The two casts and to_char double the time that the server
// needs for a row.
func (Postgres) Column(column string, _ Kind) string { return "t." + column }

func postgresTime(expression string) string {
	return "to_char(" + expression + " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
}

// Parameter implements [Dialect]. Every argument is text.
func (Postgres) Parameter(n int, kind Kind) string {
	return dollar(n) + map[Kind]string{ID: "::uuid", Time: "::timestamptz"}[kind] // what is compared with text needs none
}

// Time implements [Dialect].
func (Postgres) Time(at time.Time) string { return at.UTC().Format(timeArgument + "+00") }

// Contains implements [Dialect]. Unlike a function, LIKE can use a trigram index, if
// the user has added one.
func (Postgres) Contains(column, parameter string) string {
	return "t." + column + " LIKE " + parameter + " ESCAPE '!'"
}

var likePattern = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// Search implements [Dialect].
func (Postgres) Search(text string) string { return "%" + likePattern.Replace(text) + "%" }

// Data implements [Dialect].
func (Postgres) Data(path []string, add func(text string) string) string {
	expression := "t.data"
	for _, key := range path[:len(path)-1] {
		expression += " -> " + add(key) + "::text"
	}
	last := add(path[len(path)-1]) + "::text"
	return "CASE WHEN jsonb_typeof(" + expression + " -> " + last + ") IN ('string', 'number', 'boolean') THEN " +
		expression + " ->> " + last + " END"
}

// Sparse implements [Dialect]. The index has this length as its condition, and is only used
// for a statement that has it too.
func (Postgres) Sparse(column, parameter string, short, _ bool) string {
	if short {
		return "t." + column + " = " + parameter + " AND length(t." + column + ") <= 255"
	}
	return "t." + column + " = " + parameter
}

// Interval implements [Dialect].
func (Postgres) Interval(i Interval) string {
	unit := map[Interval]string{Hour: "hour", Day: "day", Week: "week", Month: "month"}[i]
	return "to_char(date_trunc('" + unit + "', t.action_time AT TIME ZONE 'UTC'), 'YYYY-MM-DD HH24')"
}

// Sum implements [Dialect].
func (Postgres) Sum(expression string) string { return "COALESCE(SUM(" + expression + "), 0)::bigint" }

// Now implements [Dialect].
func (Postgres) Now() string { return "SELECT " + postgresTime("clock_timestamp()") }
