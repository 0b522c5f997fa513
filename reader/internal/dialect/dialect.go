// Package dialect holds the differences between databases for reading: SQL text, and
// nothing else. It has no text of a user in it: values are parameters.
package dialect

import (
	"strconv"
	"strings"
	"time"
)

// Dialect is one kind of database.
type Dialect interface {
	// Columns is a query for the names of the columns of a table. It has no rows if
	// there is no such table.
	Columns(table string) string

	// Version is a query for the version of the schema of a table.
	Version(table string) string

	// Select is an expression for the text of a column of the table t: the 36
	// characters of an id, a time in the form of [TimeLayout], JSON.
	Select(column string, kind Kind) string

	// Column is an expression for a column of the table t in the form that costs the
	// database least. Drivers return it as text or bytes like those of Select, or a time.
	Column(column string, kind Kind) string

	// Parameter is the nth parameter of a statement, from 1, as a value of that kind.
	Parameter(n int, kind Kind) string

	// Time is the argument for a parameter that is a time.
	Time(at time.Time) string

	// Contains is a condition: the column has the parameter in it, byte for byte.
	Contains(column, parameter string) string

	// Search is the argument for the parameter of Contains.
	Search(text string) string

	// Data is an expression for the value at a path of the column data, as text, or
	// NULL if there is no value, or one that is an object, a list or null. add makes
	// a parameter of an argument; it is called in the order of the text.
	Data(path []string, add func(text string) string) string

	// Sparse is a condition: a column whose index has only the rows that have a value is the
	// parameter. short says that the parameter has at most 255 characters, and other that
	// another condition of the statement has an index too, of fewer rows.
	Sparse(column, parameter string, short, other bool) string

	// Interval is an expression for the beginning of the interval of action_time, as
	// text that begins with the date, "2006-01-02", and may go on with the hour.
	Interval(i Interval) string

	// Sum is an expression for the sum of whole numbers, 0 if there are none.
	Sum(expression string) string

	// Now is a query for the time of the database, in the form of [TimeLayout].
	Now() string

	// Quote quotes the name of a table or a column.
	Quote(name string) string
}

// Kind is what a parameter or a column holds.
type Kind int

// Kinds of parameters and columns.
const (
	Text Kind = iota
	ID
	Time
	JSON
)

// Interval is a length of time that begins at a full hour or day, in UTC.
type Interval int

// Intervals. A week begins on Monday.
const (
	Hour Interval = iota + 1
	Day
	Week
	Month
)

// TimeLayout is the form of times in results. Digits at its end may be missing.
const TimeLayout = "2006-01-02 15:04:05.999999"

// timeArgument is the form of times in arguments, in UTC. As text, its order is the
// order of time.
const timeArgument = "2006-01-02 15:04:05.000000"

// For returns the dialect of that name, or nil.
func For(name string) Dialect {
	switch name {
	case "sqlite":
		return SQLite{}
	case "postgres":
		return Postgres{}
	case "mysql", "mariadb":
		return MySQL{}
	case "clickhouse":
		return ClickHouse{}
	}
	return nil
}

// common is what most databases have in common.
type common struct{}

// Parameter implements [Dialect].
func (common) Parameter(int, Kind) string { return "?" }

// Time implements [Dialect].
func (common) Time(at time.Time) string { return at.UTC().Format(timeArgument) }

// Select implements [Dialect].
func (common) Select(column string, _ Kind) string { return "t." + column }

// Search implements [Dialect].
func (common) Search(text string) string { return text }

// Sparse implements [Dialect].
func (common) Sparse(column, parameter string, _, _ bool) string {
	return "t." + column + " = " + parameter
}

// Sum implements [Dialect].
func (common) Sum(expression string) string { return "COALESCE(SUM(" + expression + "), 0)" }

// Packer is a [Dialect] whose driver reads one long text faster than many short ones.
type Packer interface {
	// Pack returns an expression for the values of expressions, NULL as "", with a [Separator]
	// between two of them.
	Pack(expressions []string) string
}

// Separator is between two values of a packed text: the control character US. A value that has
// one makes the text ambiguous.
const Separator = "\x1f"

// quote quotes a name, which may have a schema as prefix.
func quote(name, mark string) string {
	return mark + strings.ReplaceAll(name, ".", mark+"."+mark) + mark
}

// standardQuote quotes a name as standard SQL does.
type standardQuote struct{}

// Quote implements [Dialect].
func (standardQuote) Quote(name string) string { return quote(name, `"`) }

// split returns the schema of a table, as an SQL literal, and its name. none is the
// expression for the schema of a table without one.
func split(table, none string) (schema, name string) {
	if before, after, ok := strings.Cut(table, "."); ok {
		return "'" + before + "'", after
	}
	return none, table
}

// jsonPath is a path in the form of SQLite and MySQL: $."changes"."title".
func jsonPath(path []string) string {
	var text strings.Builder
	text.WriteByte('$')
	for _, key := range path {
		text.WriteString(`."` + key + `"`)
	}
	return text.String()
}

// dollar is the nth parameter of PostgreSQL.
func dollar(n int) string { return "$" + strconv.Itoa(n) }

// maxVersion is a query for the highest version in the table that goose keeps.
func maxVersion(quoted string) string { return "SELECT max(version_id) FROM " + quoted }
