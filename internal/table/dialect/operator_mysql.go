package dialect

import (
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

var _ Operator = MySQL{}

// Clock implements [Operator].
func (d MySQL) Clock() string { return d.Now() }

// Ends implements [Operator].
func (MySQL) Ends(table string) string { return ends(Quote(table)) }

// Things implements [Operator].
func (MySQL) Things(table string) string {
	schema := schemaOf(table, "DATABASE()")
	return "SELECT IF(table_type = 'VIEW', 'view', 'table'), table_name FROM information_schema.tables WHERE table_schema = " + schema +
		" UNION ALL SELECT DISTINCT 'index', index_name FROM information_schema.statistics WHERE " + mysqlTable("", table) +
		" OR " + mysqlTable("", CountsTable(table))
}

// Rows implements [Operator].
func (d MySQL) Rows(table string, ids []activity.ID) (query string, args []any) {
	return d.Read(table, rowColumns(), ids)
}

// MaxIDs implements [Operator].
func (d MySQL) MaxIDs() int { return d.MaxRead() }

// Letters implements [Operator].
func (MySQL) Letters(table string, after activity.ID, limit int) (query string, args []any) {
	return lettersAfter(table, after, limit)
}

// LettersOf implements [Operator].
func (MySQL) LettersOf(table string, ids []activity.ID) (query string, args []any) {
	return lettersOf(table, ids)
}

// DropLetters implements [Operator].
func (MySQL) DropLetters(table string, ids []activity.ID) (query string, args []any) {
	return dropLetters(table, ids)
}

// Grants implements [Operator]. The statements work in each sql_mode.
func (MySQL) Grants(role Role, table, account string) (statements []string) {
	name, host, ok := strings.Cut(account, "@")
	to := " TO '" + name + "'"
	if ok {
		to += "@'" + host + "'"
	}
	grant := func(rights, quoted string) {
		statements = append(statements, "GRANT "+rights+" ON "+strings.ReplaceAll(quoted, `"`, "`")+to)
	}
	if role != RoleCollector {
		for _, quoted := range append(readerNames(role, table), countNames(table)...) {
			grant("SELECT", quoted)
		}
		return statements
	}
	dead := Quote(DeadLetterTable(table))
	grant("INSERT, SELECT (event_id)", Quote(table))
	grant("INSERT, SELECT (event_id)", dead)
	grant("SELECT ("+strings.Join(comparedColumns(), ", ")+")", Quote(table))
	grant("SELECT (event_id, record)", dead)
	grant("INSERT", Quote(CountsTable(table)))
	grant("SELECT", Quote(CountsStateTable(table)))
	return statements
}
