package dialect

import (
	"errors"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

var _ Counter = MySQL{}

const mysqlHour = "CAST(DATE_FORMAT(action_time, '%Y-%m-%d %H:00:00') AS DATETIME(6))"

var mysqlEvents = []struct{ name, event string }{{"insert", "INSERT"}, {"delete", "DELETE"}, {"update", "UPDATE"}}

// CountTriggers implements [Counter]. What a user's connection has set tells the trigger
// that it counts itself. The statements are committed one by one.
func (d MySQL) CountTriggers(table string) (statements []string) {
	statements = d.DropCountTriggers(table)
	for _, e := range mysqlEvents {
		do := ""
		if e.event != "INSERT" {
			do += " " + change(table, "OLD", mysqlHour, "-1")
		}
		if e.event != "DELETE" {
			do += " " + change(table, "NEW", mysqlHour, "1")
		}
		if e.event == "INSERT" {
			do = " IF @activitylog_counted IS NULL THEN" + do + " END IF;"
		}
		statements = append(statements, "CREATE TRIGGER "+Quote(countTrigger(table, e.name))+" AFTER "+e.event+
			" ON "+Quote(table)+" FOR EACH ROW BEGIN"+do+" END")
	}
	return statements
}

// DropCountTriggers implements [Counter].
func (MySQL) DropCountTriggers(table string) (statements []string) {
	for _, e := range mysqlEvents {
		statements = append(statements, "DROP TRIGGER IF EXISTS "+Quote(countTrigger(table, e.name)))
	}
	return statements
}

// BeginCounted implements [Counter].
func (MySQL) BeginCounted(string) string { return "SET @activitylog_counted = 1" }

// EndCounted implements [Counter].
func (MySQL) EndCounted(string) string { return "SET @activitylog_counted = NULL" }

// CountsSession implements [CountsSession].
func (MySQL) CountsSession() {}

// CountsAdvice implements [CountsAdviser]. Error 1419 is that of a server with a binary log,
// on which an account without the right SUPER may not create or drop triggers.
func (MySQL) CountsAdvice(err error) string {
	if has := new(mysql.MySQLError); errors.As(err, &has) && has.Number == 1419 {
		return "set log_bin_trust_function_creators = 1 on the server, or use an account with the right SUPER"
	}
	return ""
}

// AddCounts implements [Counter].
func (d MySQL) AddCounts(table string, counts []Count) (query string, args []any) {
	return addCounts(d, table, counts)
}

// DeleteCounts implements [Counter].
func (MySQL) DeleteCounts(table string, ids []int64) (query string, args []any) {
	return deleteCounts(table, ids)
}

// CountHour implements [Counter].
func (MySQL) CountHour(at time.Time) any { return at.UTC().Truncate(time.Hour).Format(MySQLTime) }

// CountAll implements [Counter].
func (MySQL) CountAll(table string) string {
	return strings.Replace(countAll(table, mysqlHour), mysqlHour, "CAST("+mysqlHour+" AS CHAR)", 1)
}

// BuildCounts implements [Counter]. LOCK TABLES waits for the transactions that use the
// table; those that come later wait for it.
func (MySQL) BuildCounts(table string) CountBuild {
	write := " WRITE"
	return CountBuild{
		Lock: []string{
			"SET lock_wait_timeout = 30",
			"LOCK TABLES " + Quote(table) + write + ", " + Quote(CountsTable(table)) + write + ", " + Quote(CountsStateTable(table)) + write,
		},
		Snapshot: []string{"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION WITH CONSISTENT SNAPSHOT"},
		Unlock:   "UNLOCK TABLES",
		Back:     "UNLOCK TABLES",
	}
}

// SumOf implements [Counter].
func (MySQL) SumOf(column string) string { return "CAST(sum(" + column + ") AS SIGNED)" }
