package dialect

import (
	"strings"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// mysqlLookup is how many ids one query looks up. MariaDB takes 1000 and more for
// a table to join with, and may then read the whole of the other one.
const mysqlLookup = 500

// MaxLookup implements [Lookup].
func (MySQL) MaxLookup() int { return mysqlLookup }

// LookupIDs implements [Lookup].
func (MySQL) LookupIDs(table string, rows []row.Row) (query string, args []any) {
	args = make([]any, len(rows))
	for i := range rows {
		args[i] = rows[i].ID.String()
	}
	return "SELECT event_id FROM " + Quote(table) + " WHERE event_id IN (?" + strings.Repeat(", ?", len(args)-1) + ")", args
}

// LoadWarningError is the error of a LOAD DATA after which some rows are not in the table
// as they were sent. Number and Warning are the server's first warning about a new
// row. Number is 0 only if the sole reason is that rows existed already.
type LoadWarningError struct {
	Number  int
	Warning string
	Message string // of the error
}

// Error implements error.
func (e *LoadWarningError) Error() string { return e.Message }

// verdict is what [MySQL.Classify] finds. Whatever the warning is, it is about a
// row.
func (e *LoadWarningError) verdict() Verdict {
	if e.Number == 0 {
		return Verdict{Kind: Conflict}
	}
	verdict := mysqlVerdict(e.Number, e.Warning)
	verdict.Kind = Rejected
	return verdict
}

// Staging implements [Stager]. Its columns are the widest there are, so that
// no value is truncated. The table is dropped each time, since an engine need
// not give back the space of rows that are deleted. It has a key because servers
// may be configured to refuse tables without one.
func (MySQL) Staging(table string) Staging {
	columns := Columns()
	types := make([]string, len(columns))
	for i, column := range columns {
		types[i] = column + " " + mysqlStagingType(column)
	}
	staging := `"` + strings.ReplaceAll(table, ".", "_") + `_staging"`
	drop := "DROP TEMPORARY TABLE IF EXISTS " + staging
	return Staging{
		Table: staging,
		Before: []string{drop, "CREATE TEMPORARY TABLE " + staging + " (" + strings.Join(types, ", ") +
			") ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4"},
		Merge: mysqlSkip(Quote(table), columns, staging, "new.event_id"),
		After: []string{drop},
	}
}

func mysqlStagingType(column string) string {
	switch column {
	case "event_id":
		return "CHAR(36) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY"
	case "action_time":
		return "DATETIME(6)"
	}
	return "LONGTEXT"
}

// MaxRead implements [Reader].
func (MySQL) MaxRead() int { return mysqlLookup }

// Read implements [Reader].
func (MySQL) Read(table string, columns []string, ids []activity.ID) (query string, args []any) {
	return readIn(Quote(table), columns, ids, questionMark)
}
