package dialect

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// Operator is a database whose table the command activitylog can look after. The times
// in results are what the driver makes of the column.
type Operator interface {
	Dialect

	// Clock is a query for the database's clock, in microseconds of Unix time.
	Clock() string

	// Ends is a query for the action_time of the oldest and of the newest row. Both are
	// NULL if there are no rows.
	Ends(table string) string

	// Things is a query for the kind and the name of each table, view and index beside
	// a table. The kinds are those of [Thing].
	Things(table string) string

	// Rows returns a query, and its arguments, for the rows with these ids: event_id as
	// text, then the columns of [row.Names]. MaxIDs is the most ids of it, of LettersOf
	// and of DropLetters.
	Rows(table string, ids []activity.ID) (query string, args []any)
	MaxIDs() int

	// Letters returns a query for up to limit dead letters whose ids come after a given
	// one, in the order of ids. LettersOf is for those with these ids. The results are
	// event_id as text, recorded_at, reason and record.
	Letters(table string, after activity.ID, limit int) (query string, args []any)
	LettersOf(table string, ids []activity.ID) (query string, args []any)

	// DropLetters returns a statement that deletes the dead letters with these ids.
	DropLetters(table string, ids []activity.ID) (query string, args []any)

	// Grants returns the statements that give an account the rights of a role. account
	// was checked by [CheckAccount].
	Grants(role Role, table, account string) []string
}

// Role is what an account is for.
type Role string

// Roles of [Operator.Grants].
const (
	// RoleCollector inserts rows, with create_schema: false.
	RoleCollector Role = "collector"
	// RoleAuditor reads rows, dead letters and views.
	RoleAuditor Role = "auditor"
	// RoleReader reads rows and views: Grafana, the command, a service that embeds the
	// reader.
	RoleReader Role = "reader"
)

// Roles returns the roles.
func Roles() []Role { return []Role{RoleCollector, RoleAuditor, RoleReader} }

// accountName is the name of an account that needs no quoting, on MySQL with its host.
var accountName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*(@[A-Za-z0-9_.%:-]+)?$`)

// CheckAccount reports whether an account's name can be put into a statement.
func CheckAccount(account string) bool { return accountName.MatchString(account) && len(account) < 128 }

// comparedColumns are the columns that the exporter compares when an id comes again.
func comparedColumns() []string {
	columns := []string{"event_id", "action_time"}
	for _, column := range row.Compared {
		columns = append(columns, row.Names[column])
	}
	return columns
}

// viewNames are the names of the views of a table, quoted.
func viewNames(table string) (quoted []string) {
	for _, name := range []string{"_logins", "_object_history", "_objects", "_daily"} {
		quoted = append(quoted, Quote(table+name))
	}
	return quoted
}

// readerNames are what a role that reads may read, quoted.
func readerNames(role Role, table string) []string {
	names := []string{Quote(table)}
	if role == RoleAuditor {
		names = append(names, Quote(DeadLetterTable(table)))
	}
	return append(names, viewNames(table)...)
}

// countNames are the tables of counts, quoted.
func countNames(table string) []string {
	return []string{Quote(CountsTable(table)), Quote(CountsStateTable(table))}
}

// textIDs returns ids as arguments, and a parameter for each.
func textIDs(ids []activity.ID) (parameters string, args []any) {
	for _, id := range ids {
		args = append(args, id.String())
	}
	return strings.TrimSuffix(strings.Repeat("?, ", len(ids)), ", "), args
}

// CountReasons is a query for the reasons of dead letters, each with their number.
func CountReasons(table string) string {
	return "SELECT reason, count(*) FROM " + Quote(DeadLetterTable(table)) + " GROUP BY reason"
}

const letterFields = "event_id, recorded_at, reason, record"

// lettersAfter is [Operator.Letters] of databases whose ids are text.
func lettersAfter(table string, after activity.ID, limit int) (query string, args []any) {
	return "SELECT " + letterFields + " FROM " + Quote(DeadLetterTable(table)) +
		" WHERE event_id > ? ORDER BY event_id LIMIT ?", []any{after.String(), limit}
}

// lettersOf is [Operator.LettersOf] of databases whose ids are text.
func lettersOf(table string, ids []activity.ID) (query string, args []any) {
	parameters, args := textIDs(ids)
	return "SELECT " + letterFields + " FROM " + Quote(DeadLetterTable(table)) + " WHERE event_id IN (" + parameters + ")", args
}

// dropLetters is [Operator.DropLetters] of databases whose ids are text.
func dropLetters(table string, ids []activity.ID) (query string, args []any) {
	parameters, args := textIDs(ids)
	return "DELETE FROM " + Quote(DeadLetterTable(table)) + " WHERE event_id IN (" + parameters + ")", args
}

// ends is [Operator.Ends]: one query for both ends would read the whole of an SQLite
// table.
func ends(quoted string) string {
	return "SELECT (SELECT min(action_time) FROM " + quoted + "), (SELECT max(action_time) FROM " + quoted + ")"
}

// Pruner is a database whose old rows are not removed by an [Expirer].
type Pruner interface {
	// PruneRows returns a statement, and its arguments, that deletes the rows whose
	// action_time and recorded_at are before a time. table is the table of rows or of dead letters.
	PruneRows(table string, before time.Time) (query string, args []any)
	// CountPruned returns a query, and its arguments, for the number of these rows.
	CountPruned(table string, before time.Time) (query string, args []any)
}

// Sharder is a database whose table may be spread over several servers, where a row
// cannot be deleted by the name of the table.
type Sharder interface {
	// IsSharded is a query for one boolean.
	IsSharded(table string) string
}

// unqualified returns the name of a table without its schema.
func unqualified(table string) string { return table[strings.LastIndexByte(table, '.')+1:] }

// schemaOf returns the schema of a table as a literal, or an expression if it has none.
func schemaOf(table, otherwise string) string {
	if schema, _, ok := strings.Cut(table, "."); ok {
		return "'" + schema + "'"
	}
	return otherwise
}

// sorted returns the keys of a set.
func sorted(set map[Thing]bool) []Thing {
	all := make([]Thing, 0, len(set))
	for thing := range set {
		all = append(all, thing)
	}
	slices.SortFunc(all, func(a, b Thing) int { return strings.Compare(a.Kind+a.Name, b.Kind+b.Name) })
	return all
}

// rowColumns are the columns of [Operator.Rows].
func rowColumns() []string { return row.Names[:] }
