package dialect

import (
	"time"

	"github.com/otelactivity/activitylog/activity"
)

var (
	_ Operator = ClickHouse{}
	_ Pruner   = ClickHouse{}
	_ Sharder  = ClickHouse{}
)

// Clock implements [Operator].
func (ClickHouse) Clock() string { return "SELECT toUnixTimestamp64Micro(now64(6, 'UTC'))" }

// Ends implements [Operator]. min and max of no rows would be 1970.
func (ClickHouse) Ends(table string) string {
	return "SELECT minOrNull(action_time), maxOrNull(action_time) FROM " + Quote(clickhouseStore(table))
}

// Things implements [Operator].
func (c ClickHouse) Things(table string) string {
	indexed := clickhouseStore(table)
	if c.Cluster != "" {
		indexed = table + "_local"
	}
	database := schemaOf(table, "currentDatabase()")
	return "SELECT if(engine = 'View', 'view', 'table'), name FROM system.tables WHERE database = " + database +
		" UNION ALL SELECT 'index', name FROM system.data_skipping_indices WHERE database = " + database + " AND table = '" + unqualified(indexed) + "'"
}

// IsSharded implements [Sharder].
func (ClickHouse) IsSharded(table string) string {
	return "SELECT count() > 0 FROM system.tables WHERE engine = 'Distributed' AND database = " + schemaOf(table, "currentDatabase()") +
		" AND name = '" + unqualified(clickhouseStore(table)) + "'"
}

// Rows implements [Operator].
func (ClickHouse) Rows(table string, ids []activity.ID) (query string, args []any) {
	return readIn(Quote(table), rowColumns(), ids, questionMark)
}

// MaxIDs implements [Operator].
func (ClickHouse) MaxIDs() int { return 500 }

// Letters implements [Operator].
func (ClickHouse) Letters(table string, after activity.ID, limit int) (query string, args []any) {
	return lettersAfter(table, after, limit)
}

// LettersOf implements [Operator].
func (ClickHouse) LettersOf(table string, ids []activity.ID) (query string, args []any) {
	return lettersOf(table, ids)
}

// DropLetters implements [Operator]. See [ClickHouse.IsSharded].
func (ClickHouse) DropLetters(table string, ids []activity.ID) (query string, args []any) {
	parameters, args := textIDs(ids)
	return "DELETE FROM " + Quote(clickhouseStore(DeadLetterTable(table))) + " WHERE toString(event_id) IN (" + parameters + ")", args
}

// Grants implements [Operator]. The views run with the rights of who reads them.
func (ClickHouse) Grants(role Role, table, account string) (statements []string) {
	to := " TO " + quoteName(account)
	if role == RoleCollector {
		return []string{
			"GRANT INSERT ON " + Quote(clickhouseStore(table)) + to,
			"GRANT INSERT ON " + Quote(clickhouseStore(DeadLetterTable(table))) + to,
		}
	}
	names := append(readerNames(role, table), Quote(clickhouseStore(table)))
	if role == RoleAuditor {
		names = append(names, Quote(clickhouseStore(DeadLetterTable(table))))
	}
	for _, quoted := range names {
		statements = append(statements, "GRANT SELECT ON "+quoted+to)
	}
	return statements
}

// clickhouseOld is a condition for rows, or dead letters, that are before a time. The
// action_time of a letter may be NULL, which is never old.
func clickhouseOld(before time.Time) string {
	literal := "toDateTime64('" + before.UTC().Format("2006-01-02 15:04:05.000000") + "', 6, 'UTC')"
	return " WHERE action_time < " + literal + " AND recorded_at < " + literal
}

// PruneRows implements [Pruner].
func (ClickHouse) PruneRows(table string, before time.Time) (query string, args []any) {
	return "DELETE FROM " + Quote(clickhouseStore(table)) + clickhouseOld(before), nil
}

// CountPruned implements [Pruner].
func (ClickHouse) CountPruned(table string, before time.Time) (query string, args []any) {
	return "SELECT count() FROM " + Quote(table) + clickhouseOld(before), nil
}
