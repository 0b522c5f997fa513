package dashboardtest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// View is what Grafana knows when it asks: the dashboard's time range, how much
// time a bar of a graph stands for, and the variables.
type View struct {
	From, To  time.Time
	Interval  time.Duration
	Variables map[string]string
}

var variable = regexp.MustCompile(`\$\{(\w+)(?::(\w+))?\}`)

// Expand makes the statement that the database gets of the one in a panel.
func (v View) Expand(database, sql string) (string, error) {
	sql, err := v.Variable(sql)
	if err != nil {
		return "", err
	}
	sql = strings.ReplaceAll(sql, "$__interval_ms", strconv.FormatInt(v.Interval.Milliseconds(), 10))
	sql = strings.ReplaceAll(sql, "$__interval", fmt.Sprintf("%ds", int(v.Interval.Seconds())))
	return v.macros(database, sql)
}

// Variable replaces the variables, as the browser does before the data source
// replaces its macros.
func (v View) Variable(sql string) (string, error) {
	var unknown error
	sql = variable.ReplaceAllStringFunc(sql, func(found string) string {
		match := variable.FindStringSubmatch(found)
		value, known := v.Variables[match[1]]
		switch {
		case !known:
			unknown = fmt.Errorf("there is no variable %s", found)
		case match[2] == "sqlstring":
			return "'" + strings.ReplaceAll(value, "'", "''") + "'"
		case match[2] != "":
			unknown = fmt.Errorf("the format of %s is not known here", found)
		}
		return value
	})
	return sql, unknown
}

// The browser's own variables, and macros with and without arguments.
var macro = regexp.MustCompile(`\$(_\w+)(\(([^()]*)\))?`)

func (v View) macros(database, sql string) (string, error) {
	var unknown error
	sql = macro.ReplaceAllStringFunc(sql, func(found string) string {
		match := macro.FindStringSubmatch(found)
		var args []string
		for arg := range strings.SplitSeq(match[3], ",") {
			args = append(args, strings.TrimSpace(arg))
		}
		expanded := v.macro(database, match[1], args)
		if expanded == "" {
			unknown = fmt.Errorf("%s has no macro %s", database, found)
		}
		return expanded
	})
	return sql, unknown
}

// macro expands one macro, as each source does that is named here; "" is for
// one that it does not have.
func (v View) macro(database, name string, args []string) string {
	if database == "sqlite" { // frser-sqlite-datasource, pkg/plugin/variables.go
		switch name {
		case "__from":
			return strconv.FormatInt(v.From.UnixMilli(), 10)
		case "__to":
			return strconv.FormatInt(v.To.UnixMilli(), 10)
		}
		return ""
	}
	expand := map[string]func() string{
		// Grafana, pkg/tsdb/grafana-postgresql-datasource/macros.go
		"postgres __timeFilter": func() string {
			return fmt.Sprintf("%s BETWEEN '%s' AND '%s'", args[0], rfc3339(v.From), rfc3339(v.To))
		},
		"postgres __timeFrom": func() string { return "'" + rfc3339(v.From) + "'" },
		"postgres __timeTo":   func() string { return "'" + rfc3339(v.To) + "'" },
		"postgres __timeGroupAlias": func() string {
			every, err := time.ParseDuration(args[1])
			if err != nil {
				return ""
			}
			return fmt.Sprintf(`floor(extract(epoch from %s)/%v)*%v AS "time"`, args[0], every.Seconds(), every.Seconds())
		},
		// Grafana, pkg/tsdb/mysql/sqleng/sql_engine.go
		"mysql __unixEpochFrom": func() string { return strconv.FormatInt(v.From.Unix(), 10) },
		"mysql __unixEpochTo":   func() string { return strconv.FormatInt(v.To.Unix(), 10) },
		// grafana-clickhouse-datasource, pkg/macros/macros.go
		"clickhouse __fromTime_ms": func() string { return fmt.Sprintf("fromUnixTimestamp64Milli(%d)", v.From.UnixMilli()) },
		"clickhouse __toTime_ms":   func() string { return fmt.Sprintf("fromUnixTimestamp64Milli(%d)", v.To.UnixMilli()) },
		"clickhouse __timeFilter_ms": func() string {
			return fmt.Sprintf("%[1]s >= fromUnixTimestamp64Milli(%[2]d) AND %[1]s <= fromUnixTimestamp64Milli(%[3]d)",
				args[0], v.From.UnixMilli(), v.To.UnixMilli())
		},
		"clickhouse __timeInterval": func() string {
			return fmt.Sprintf("toStartOfInterval(toDateTime(%s), INTERVAL %d second)", args[0], int(v.Interval.Seconds()))
		},
	}[database+" "+name]
	if expand == nil {
		return ""
	}
	return expand()
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
