package dialect

import (
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

var _ Operator = Postgres{}

// Clock implements [Operator].
func (p Postgres) Clock() string { return p.Now() }

// Ends implements [Operator].
func (Postgres) Ends(table string) string { return ends(Quote(table)) }

// Things implements [Operator].
func (Postgres) Things(table string) string {
	return `SELECT CASE WHEN relkind IN ('v', 'm') THEN 'view' WHEN relkind IN ('i', 'I') THEN 'index' ELSE 'table' END, relname::text
		FROM pg_class WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'i', 'I')
		AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('` + Quote(table) + `'))`
}

// Rows implements [Operator].
func (p Postgres) Rows(table string, ids []activity.ID) (query string, args []any) {
	return p.Read(table, rowColumns(), ids)
}

// MaxIDs implements [Operator].
func (p Postgres) MaxIDs() int { return p.MaxRead() }

// Letters implements [Operator].
func (Postgres) Letters(table string, after activity.ID, limit int) (query string, args []any) {
	return "SELECT event_id::text, recorded_at, reason, record FROM " + Quote(DeadLetterTable(table)) +
		" WHERE event_id > $1::uuid ORDER BY " + Quote(DeadLetterTable(table)) + ".event_id LIMIT $2", []any{after.String(), limit}
}

// LettersOf implements [Operator].
func (Postgres) LettersOf(table string, ids []activity.ID) (query string, args []any) {
	return "SELECT event_id::text, recorded_at, reason, record FROM " + Quote(DeadLetterTable(table)) +
		" WHERE event_id = ANY ($1::uuid[])", []any{idTexts(ids)}
}

// DropLetters implements [Operator].
func (Postgres) DropLetters(table string, ids []activity.ID) (query string, args []any) {
	return "DELETE FROM " + Quote(DeadLetterTable(table)) + " WHERE event_id = ANY ($1::uuid[])", []any{idTexts(ids)}
}

func idTexts(ids []activity.ID) []string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return texts
}

// Grants implements [Operator]. The exporter names action_time only with partitions, but
// the right to it lets the same account write to either kind of table.
func (Postgres) Grants(role Role, table, account string) []string {
	to := " TO " + quoteName(account)
	if role != RoleCollector {
		return []string{"GRANT SELECT ON " + strings.Join(append(readerNames(role, table), countNames(table)...), ", ") + to}
	}
	dead := Quote(DeadLetterTable(table))
	return []string{
		"GRANT INSERT, SELECT (event_id, action_time) ON " + Quote(table) + ", " + dead + to,
		"GRANT SELECT (" + strings.Join(comparedColumns(), ", ") + ") ON " + Quote(table) + to,
		"GRANT SELECT (event_id, record) ON " + dead + to,
		"GRANT INSERT ON " + Quote(CountsTable(table)) + to,
		"GRANT SELECT ON " + Quote(CountsStateTable(table)) + to,
	}
}

// quoteName quotes a name that has no schema.
func quoteName(name string) string { return `"` + name + `"` }
