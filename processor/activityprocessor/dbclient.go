package activityprocessor

import (
	"cmp"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// database is what a span says of a statement.
type database struct {
	system, operation, table string
	summary, statement       string
	code                     string
}

func (f *facts) readDB(key string, v pcommon.Value) {
	d := &f.db
	switch key {
	case "db.system.name", "db.system":
		d.system = text(v)
	case "db.operation.name", "db.operation":
		d.operation = text(v)
	case "db.collection.name", "db.sql.table", "db.mongodb.collection":
		d.table = text(v)
	case "db.query.summary":
		d.summary = text(v)
	case "db.query.text", "db.statement":
		d.statement = text(v)
	case "db.response.status_code":
		d.code = text(v)
	}
}

func isDB(f *facts) bool { return f.db.system != "" }

// ofDB is the preset db_client: a CLIENT span of a statement that inserts,
// updates or deletes rows of a table. Others have no action type. Of the
// statement only the operation and the table are taken: it may hold secrets.
func ofDB(f *facts, _ ptrace.Span) made {
	f.db.operation, f.db.table = f.db.target()
	operation, table := f.db.operation, f.db.table
	m := made{name: joinWords(operation, table), status: activity.StatusSuccess, object: activity.Object{Type: tableObject(table)}}
	m.call.verb = m.name
	if table != "" {
		m.action = changeOf(operation)
	}
	if f.status == ptrace.StatusCodeError {
		m.status, m.err = activity.StatusFailed, f.db.code
	}
	return m
}

// target returns the operation and the table, of the statement if no attribute
// has them.
func (d *database) target() (operation, table string) {
	operation, table = d.operation, d.table
	for _, sql := range [...]string{d.summary, d.statement} {
		if operation != "" && table != "" {
			break
		}
		o, t := parseSQL(sql)
		switch {
		case operation == "", strings.EqualFold(operation, o):
			operation, table = o, cmp.Or(table, t)
		case strings.EqualFold(keyword(operation), o):
			table = cmp.Or(table, t)
		}
	}
	return operation, table
}

// names returns what a pattern of tables may match: the table with its schema and
// without.
func (d *database) names() []string {
	if i := strings.LastIndexByte(d.table, '.'); i >= 0 {
		return []string{d.table, d.table[i+1:]}
	}
	return []string{d.table}
}

// changeOf returns what an operation of SQL or of a document store does to a
// table, "" if it changes nothing or does something else.
func changeOf(operation string) activity.ActionType {
	lower := strings.ToLower(keyword(operation))
	for _, o := range [...]struct {
		prefix string
		action activity.ActionType
	}{
		{"insert", activity.ActionCreate}, // insertOne, insertMany
		{"update", activity.ActionUpdate},
		{"replace", activity.ActionUpdate},
		{"merge", activity.ActionUpdate},
		{"upsert", activity.ActionUpdate},
		{"findandmodify", activity.ActionUpdate},
		{"findoneandupdate", activity.ActionUpdate},
		{"findoneandreplace", activity.ActionUpdate},
		{"findoneanddelete", activity.ActionDelete},
		{"delete", activity.ActionDelete},
	} {
		if strings.HasPrefix(lower, o.prefix) {
			return o.action
		}
	}
	return ""
}

// keyword returns the first word of an operation that says what it does. In front of
// that of a batch stands "BATCH".
func keyword(operation string) string {
	first, rest, _ := strings.Cut(operation, " ")
	if strings.EqualFold(first, "batch") {
		first, _, _ = strings.Cut(rest, " ")
	}
	return first
}

// tableObject returns the object that the rows of a table are: "article" for
// "blog.articles".
func tableObject(table string) string {
	return singular(strings.ToLower(table[strings.LastIndexByte(table, '.')+1:]))
}
