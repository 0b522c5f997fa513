package dialect

import "time"

var _ Counter = SQLite{}

// sqliteHour does not rely on four digits of the year, which can be five.
const sqliteHour = "substr(action_time, 1, instr(action_time, ':') - 1) || ':00:00.000000'"

// sqliteEvents are the triggers, and when each of them fires.
var sqliteEvents = []struct{ name, event string }{{"insert", "INSERT"}, {"delete", "DELETE"}, {"update", "UPDATE"}}

// CountTriggers implements [Counter].
func (SQLite) CountTriggers(table string) (statements []string) {
	for _, e := range sqliteEvents {
		do := ""
		if e.event != "INSERT" {
			do += " " + change(table, "OLD", sqliteHour, "-1")
		}
		if e.event != "DELETE" {
			do += " " + change(table, "NEW", sqliteHour, "1")
		}
		statements = append(statements, "CREATE TRIGGER IF NOT EXISTS "+Quote(countTrigger(table, e.name))+" AFTER "+e.event+
			" ON "+Quote(table)+" FOR EACH ROW BEGIN"+do+" END")
	}
	return statements
}

// DropCountTriggers implements [Counter].
func (SQLite) DropCountTriggers(table string) (statements []string) {
	for _, e := range sqliteEvents {
		statements = append(statements, "DROP TRIGGER IF EXISTS "+Quote(countTrigger(table, e.name)))
	}
	return statements
}

// BeginCounted implements [Counter]. Within the transaction there is no trigger for rows
// that are added. Nobody else sees that. A trigger that only looks whether it has to do
// something takes half of the time of a row.
func (d SQLite) BeginCounted(table string) string { return d.DropCountTriggers(table)[0] }

// EndCounted implements [Counter].
func (d SQLite) EndCounted(table string) string { return d.CountTriggers(table)[0] }

// CountsOn implements [CountsSwitch].
func (SQLite) CountsOn(table string) string {
	return "SELECT count(*) > 0 FROM " + Quote(CountsStateTable(table))
}

// AddCounts implements [Counter].
func (d SQLite) AddCounts(table string, counts []Count) (query string, args []any) {
	return addCounts(d, table, counts)
}

// DeleteCounts implements [Counter].
func (SQLite) DeleteCounts(table string, ids []int64) (query string, args []any) {
	return deleteCounts(table, ids)
}

// CountHour implements [Counter].
func (SQLite) CountHour(at time.Time) any { return at.UTC().Truncate(time.Hour).Format(sqliteTime) }

// CountAll implements [Counter].
func (SQLite) CountAll(table string) string { return countAll(table, sqliteHour) }

// BuildCounts implements [Counter]. All of it is one transaction, since there is one
// writer. Others wait, and try again.
func (SQLite) BuildCounts(string) CountBuild {
	return CountBuild{Lock: []string{"BEGIN IMMEDIATE"}, Unlock: "COMMIT", Back: "ROLLBACK"}
}

// SumOf implements [Counter].
func (SQLite) SumOf(column string) string { return "sum(" + column + ")" }
