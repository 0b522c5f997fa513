package preset

import (
	"cmp"
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

func isDB(r *record.Record) bool { return r.DB.System != "" }

// ofDB is the preset db_client: a CLIENT span of a statement that inserts, updates
// or deletes rows of a table. Others have no action type. Only the operation and the table
// of the statement are used, because it may contain secrets.
func ofDB(r *record.Record) Derivation {
	r.DB.Operation, r.DB.Table = targetOf(&r.DB)
	operation, table := r.DB.Operation, r.DB.Table
	d := Derivation{Name: record.JoinWords(operation, table), Status: activity.StatusSuccess, Object: activity.Object{Type: tableObject(table)}}
	if table != "" {
		d.Action = changeOf(operation)
	}
	if r.Status == ptrace.StatusCodeError {
		d.Status, d.Error = activity.StatusFailed, r.DB.Code
	}
	return d
}

// targetOf returns the operation and the table, from the attributes or else from the
// statement.
func targetOf(s *record.Statement) (operation, table string) {
	operation, table = s.Operation, s.Table
	for _, sql := range [...]string{s.Summary, s.Text} {
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

// TableNames returns the names of the table that a pattern may match: with its
// schema and without. They are complete when the preset db_client knows the record.
func TableNames(s *record.Statement) []string {
	if i := strings.LastIndexByte(s.Table, '.'); i >= 0 {
		return []string{s.Table, s.Table[i+1:]}
	}
	return []string{s.Table}
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

// keyword returns the verb of an operation: the first word, or the one after "BATCH".
func keyword(operation string) string {
	first, rest, _ := strings.Cut(operation, " ")
	if strings.EqualFold(first, "batch") {
		first, _, _ = strings.Cut(rest, " ")
	}
	return first
}

// tableObject returns the object type of the rows of a table: "article" for
// "blog.articles".
func tableObject(table string) string {
	return route.Singular(strings.ToLower(table[strings.LastIndexByte(table, '.')+1:]))
}
