package dialect

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// Generic is any database with a database/sql driver that is compiled in. It writes
// standard SQL and creates no tables; docs/databases/generic.md has the tables, and
// what Generic guarantees.
//
// The statement that inserts a row checks whether it exists. Two writers may both
// find that it does not: then the primary key rejects one of them, which is a
// [Conflict], and the next try finds the row.
type Generic struct {
	// SQLDriver is the name under which the driver is registered.
	SQLDriver string

	// Placeholder is the first parameter of a statement, one of [Placeholders].
	Placeholder string

	// From is a table of one row, for databases in which a SELECT must have one:
	// DUAL, RDB$DATABASE, SYSIBM.SYSDUMMY1. "" is for all others.
	From string

	// Typed gives each parameter the type of its column, by COALESCE, for databases
	// that reject a parameter without a type in a SELECT.
	Typed bool

	// Refused are regular expressions for the code or the text of errors that mean
	// that the row is rejected. Errors with an SQLSTATE need none.
	Refused []string
}

// Placeholders returns the allowed values of [Generic.Placeholder].
func Placeholders() []string { return []string{"?", "$1", ":1", "@p1"} }

// lastTime is the last time that a TIMESTAMP of standard SQL holds.
var lastTime = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// Driver implements [Dialect].
func (g Generic) Driver() string { return g.SQLDriver }

// DSN implements [Dialect]: only the driver knows what it means.
func (Generic) DSN(dsn string) (string, error) { return dsn, nil }

// Goose implements [Dialect]: there are no migrations.
func (Generic) Goose() string { return "" }

// Schema implements [Dialect]: it is empty.
func (Generic) Schema(string) fs.FS { return embed.FS{} }

// MaxConns implements [Dialect].
func (Generic) MaxConns() int { return 0 }

// CanDryRun implements [DryRunner].
func (Generic) CanDryRun(string) string { return "" }

// Insert implements [Dialect].
func (g Generic) Insert(table string) string { return g.insert(table, Columns()) }

// DeadLetter implements [Dialect].
func (g Generic) DeadLetter(table string) string {
	return g.insert(DeadLetterTable(table), []string{"event_id", "action_time", "reason", "record"})
}

// insert takes event_id again after the values of columns. Names are not quoted,
// so that the database folds them as it did in the CREATE TABLE of the docs.
func (g Generic) insert(table string, columns []string) string {
	values := make([]string, len(columns))
	for i, column := range columns {
		values[i] = g.parameter(i + 1)
		if g.Typed {
			values[i] = "COALESCE(" + values[i] + ", there." + column + ")"
		}
	}
	into := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM "
	from := g.From
	if from == "" {
		from = "(SELECT 1 AS one) one_row"
	}
	id := g.parameter(len(columns) + 1)
	if g.Typed {
		return into + from + " LEFT JOIN " + table + " there ON there.event_id = " + id + " WHERE there.event_id IS NULL"
	}
	return into + from + " WHERE NOT EXISTS (SELECT 1 FROM " + table + " WHERE event_id = " + id + ")"
}

func (g Generic) parameter(n int) string {
	if g.Placeholder == "?" {
		return "?"
	}
	return strings.TrimSuffix(g.Placeholder, "1") + strconv.Itoa(n)
}

// Args implements [Dialect]. A time after the year 9999 is NULL: not every driver
// reports that it cannot encode it.
func (Generic) Args(args []any, r *row.Row) []any {
	id := r.ID.String()
	args = append(args, id, nil)
	if at := r.ID.Time(); at.Before(lastTime) {
		args[len(args)-1] = at
	}
	for _, text := range r.Text {
		args = append(args, nullable(text))
	}
	return append(args, id)
}

// DeadLetterArgs implements [DeadLetterConverter]. If [Generic.Args] has no time, it
// is lastTime: a dead letter must not be rejected as well.
func (Generic) DeadLetterArgs(args []any) []any {
	if args[1] == nil {
		args[1] = lastTime
	}
	return append(args, args[0])
}

// Classify implements [Dialect]. Source of the classes: ISO/IEC 9075-2, 24.1. 22
// is data exceptions, 23 integrity constraints, 40 transactions that were rolled
// back (40002 by a constraint), 44 the check option of a view. Standard SQL does not
// distinguish the primary key from other constraints, so any of these errors, and any
// that the user's patterns match, may mean that the row exists.
func (g Generic) Classify(err error) Verdict {
	code, standard := errorCode(err)
	verdict, class := Verdict{Code: code}, ""
	if standard && len(code) == 5 {
		class = code[:2]
	}
	switch {
	case err == nil:
	case class == "23" || class == "40" && code == "40002" || g.refused(code, err.Error()):
		verdict.Kind = Conflict
	case class == "40":
		verdict.Kind = Contention
	case class == "22" || class == "44":
		verdict.Kind = Rejected
	case standard && code == "42501": // insufficient privilege
		verdict.Kind = Denied
	}
	return verdict
}

func (g Generic) refused(code, text string) bool {
	for _, pattern := range g.Refused {
		// Compiled each time: Generic stays a plain value, and errors are rare.
		if re, err := regexp.Compile(pattern); err == nil && (re.MatchString(code) || re.MatchString(text)) {
			return true
		}
	}
	return false
}

// errorCode returns the SQLSTATE of an error, or the driver's own number, which is
// not standard. Drivers have no common error type, so it tries the usual names of
// methods and fields.
func errorCode(err error) (code string, standard bool) {
	for ; err != nil; err = errors.Unwrap(err) {
		switch e := err.(type) { //nolint:errorlint // each error of the chain
		case interface{ SQLState() string }:
			return e.SQLState(), true
		case interface{ Code() int }:
			return strconv.Itoa(e.Code()), false
		}
		value := reflect.Indirect(reflect.ValueOf(err))
		if value.Kind() != reflect.Struct {
			continue
		}
		for _, name := range []string{"SQLState", "Number", "Code", "ErrCode"} {
			field := value.FieldByName(name)
			switch {
			case !field.IsValid():
			case field.Kind() == reflect.String, field.Type() == reflect.TypeFor[[5]byte]():
				return fmt.Sprintf("%s", field.Interface()), true
			case field.CanInt() || field.CanUint():
				return fmt.Sprint(field.Interface()), false
			}
		}
	}
	return "", false
}

// MaxRead implements [Reader].
func (Generic) MaxRead() int { return 100 }

// Read implements [Reader].
func (g Generic) Read(table string, columns []string, ids []activity.ID) (query string, args []any) {
	return readIn(table, columns, ids, g.parameter)
}
