package dialect

import (
	"regexp"
	"strconv"
	"strings"
)

// Describer is the ability to list the columns of a table.
type Describer interface {
	// Describe is a query for the name and the type of each column of the table
	// that rows of a table go to. It has no rows if there is no such table.
	Describe(table string) string

	// Fit says whether a column of that type can hold the values written to it.
	Fit(column, kind string) Fit

	// Wanted is the type of the column in our schema.
	Wanted(column string) string
}

// Fit is how well the type of a column fits.
type Fit int

// Fits of a column's type.
const (
	// Fits: every value is stored unchanged.
	Fits Fit = iota
	// Narrow: values that are short enough are stored unchanged.
	Narrow
	// Converts: every value is stored unchanged by a statement, but not by the bulk
	// protocol.
	Converts
	// Unfit: values would be changed or rejected.
	Unfit
)

// Setting is a setting of a database or a connection that must have a certain value.
type Setting struct {
	Query  string
	Want   string
	Remedy string // what to do about another value
}

// SettingsLister is a database with settings that must have certain values.
type SettingsLister interface {
	Settings() []Setting
}

// typeLength is the length in a type such as varchar(255).
var typeLength = regexp.MustCompile(`\((\d+)\)`)

// lengthFit is [Narrow] for a type with a length below 255.
func lengthFit(kind string) Fit {
	if match := typeLength.FindStringSubmatch(kind); match != nil {
		if n, err := strconv.Atoi(match[1]); err == nil && n < 255 {
			return Narrow
		}
	}
	return Fits
}

// Settings implements [SettingsLister]. The driver sends UTF-8: with another encoding
// of the connection, text would be changed without an error, and a database with
// another encoding cannot store every character.
func (Postgres) Settings() []Setting {
	return []Setting{
		{"SHOW server_encoding", "UTF8", "make a database that can hold all text, and name it in the dsn: " +
			"CREATE DATABASE activity ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0"},
		{"SHOW client_encoding", "UTF8", "take client_encoding out of the dsn; " +
			"if it is not in there: ALTER ROLE CURRENT_USER SET client_encoding = 'UTF8'"},
	}
}

// Describe implements [Describer]. A domain counts as its base type.
func (Postgres) Describe(table string) string {
	return `SELECT a.attname::text, CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE format_type(a.atttypid, a.atttypmod) END
		FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
		WHERE a.attrelid = to_regclass('` + Quote(table) + `') AND a.attnum > 0 AND NOT a.attisdropped`
}

// Wanted implements [Describer].
func (Postgres) Wanted(column string) string { return postgresType(column, "jsonb") }

// Fit implements [Describer]. By binary COPY, a numeric column would read the bytes
// of a short text as a number.
func (Postgres) Fit(column, kind string) Fit {
	text := kind == "text" || strings.HasPrefix(kind, "character varying")
	switch column {
	case "event_id":
		switch {
		case kind == "uuid":
			return Fits
		case text || kind == "character(36)":
			return Converts
		}
	case "action_time":
		if strings.HasPrefix(kind, "timestamp") && strings.HasSuffix(kind, "with time zone") {
			return Fits
		}
	case "data":
		switch {
		case kind == "jsonb":
			return Fits
		case kind == "json" || text:
			return Converts
		}
	default:
		switch {
		case text:
			return lengthFit(kind)
		case kind == "citext" || strings.HasSuffix(kind, ".citext") || strings.HasPrefix(kind, "character("):
			return Converts
		}
	}
	return Unfit
}

// Describe implements [Describer].
func (MySQL) Describe(table string) string {
	return "SELECT column_name, column_type FROM information_schema.columns WHERE " + mysqlTable("", table)
}

// Wanted implements [Describer].
func (MySQL) Wanted(column string) string {
	switch column {
	case "event_id":
		return "char(36)"
	case "action_time":
		return "datetime(6)"
	case "data":
		return "json"
	}
	return "varchar(255) or longtext"
}

// mysqlText are the types that hold text. Numeric types would drop leading zeros.
var mysqlText = regexp.MustCompile(`^(char|varchar|(tiny|medium|long)?text|enum|varbinary|(tiny|medium|long)?blob)\b`)

// Fit implements [Describer].
func (MySQL) Fit(column, kind string) Fit {
	kind = strings.ToLower(kind)
	text := mysqlText.MatchString(kind)
	switch {
	case column == "event_id" && (text || kind == "uuid"),
		column == "action_time" && (strings.HasPrefix(kind, "datetime") || strings.HasPrefix(kind, "timestamp")),
		column == "data" && (kind == "json" || text):
		return Fits
	case column == "event_id" || column == "action_time" || column == "data" || !text:
		return Unfit
	}
	return lengthFit(kind)
}

// Describe implements [Describer].
func (SQLite) Describe(table string) string {
	return "SELECT name, type FROM pragma_table_info('" + table + "')"
}

// Wanted implements [Describer].
func (SQLite) Wanted(string) string { return "TEXT" }

// Fit implements [Describer] by the rules of sqlite.org/datatype3.html: a column
// whose affinity is not TEXT or BLOB converts text that looks like a number. Ids,
// times and JSON objects never look like one.
func (SQLite) Fit(column, kind string) Fit {
	kind = strings.ToUpper(kind)
	has := func(part string) bool { return strings.Contains(kind, part) }
	switch {
	case column == "event_id", column == "action_time", column == "data":
		return Fits
	case has("INT"):
		return Unfit
	case has("CHAR"), has("CLOB"), has("TEXT"), has("BLOB"), kind == "", kind == "ANY":
		return Fits
	}
	return Unfit
}

// Describe implements [Describer].
func (ClickHouse) Describe(table string) string {
	database, name := "currentDatabase()", clickhouseStore(table)
	if before, after, ok := strings.Cut(name, "."); ok {
		database, name = "'"+before+"'", after
	}
	return "SELECT name, type FROM system.columns WHERE database = " + database + " AND table = '" + name + "'"
}

// Wanted implements [Describer].
func (ClickHouse) Wanted(column string) string {
	switch column {
	case "event_id":
		return "UUID"
	case "action_time":
		return "DateTime64(6, 'UTC')"
	}
	return "String"
}

// clickhouseNumber are types that hold no text.
var clickhouseNumber = regexp.MustCompile(`^(Nullable\(|LowCardinality\()*(U?Int|Float|Decimal|Bool|Date|IPv|UUID)`)

// Fit implements [Describer].
func (ClickHouse) Fit(column, kind string) Fit {
	if column != "event_id" && column != "action_time" && clickhouseNumber.MatchString(kind) {
		return Unfit
	}
	return Fits
}
