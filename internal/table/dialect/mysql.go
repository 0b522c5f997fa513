package dialect

import (
	"embed"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/internal/table/row"
)

//go:embed schema/mysql/*.sql
var mysqlSchema embed.FS

// MySQL is MySQL 8.0.17 and newer and MariaDB 10.5 and newer, by
// github.com/go-sql-driver/mysql. It loads by LOAD DATA LOCAL (internal/bulk),
// where the server allows that.
type MySQL struct{ standardSavepoint }

// AtomicStatements implements [AtomicStatements].
func (MySQL) AtomicStatements() {}

// CanDryRun implements [DryRunner]: not every engine has transactions.
func (MySQL) CanDryRun(table string) string {
	return "SELECT EXISTS (SELECT 1 FROM information_schema.tables t JOIN information_schema.engines e ON e.engine = t.engine" +
		" WHERE e.transactions = 'YES' AND " + mysqlTable("t.", table) + ")"
}

// mysqlTable is a condition for the rows of information_schema about a table.
func mysqlTable(alias, table string) string {
	schema := "DATABASE()"
	if before, after, ok := strings.Cut(table, "."); ok {
		schema, table = "'"+before+"'", after
	}
	return alias + "table_schema = " + schema + " AND " + alias + "table_name = '" + table + "'"
}

// MySQLTime is how MySQL writes a DATETIME(6), in UTC.
const MySQLTime = "2006-01-02 15:04:05.000000"

// Driver implements [Dialect].
func (MySQL) Driver() string { return "mysql" }

// Goose implements [Dialect].
func (MySQL) Goose() string { return "mysql" }

// MaxConns implements [Dialect].
func (MySQL) MaxConns() int { return 0 }

// Settings of a connection.
var (
	// mysqlDefaults are settings that the data source name can override.
	mysqlDefaults = url.Values{
		"timeout":           {"10s"},
		"interpolateParams": {"true"}, // one round trip for a statement, instead of three
		"rejectReadOnly":    {"true"}, // after a failover, leave the server that is no longer the primary
		"time_zone":         {"'+00:00'"},
	}.Encode()

	// mysqlMust override the data source name: with other values, rows would be
	// changed or statements would mean something else.
	mysqlMust = url.Values{
		"charset":          {"utf8mb4"},
		"parseTime":        {"true"}, // needed to read the schema's versions
		"loc":              {"UTC"},  // of what parseTime parses: times are UTC in each table
		"maxAllowedPacket": {"0"},    // use the server's limit; it closes the connection beyond it
		// In strict mode, a value that does not fit is an error and is never truncated.
		"sql_mode":    {"'ANSI_QUOTES,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"},
		"lc_messages": {"'en_US'"}, // Classify reads the name of a key in a message
	}.Encode()

	// mysqlIsolation is added if the user sets no isolation level. With READ
	// COMMITTED, the check for existing rows locks no gaps between them, into which
	// others write. MySQL and MariaDB have different names for the variable, and
	// each reads its own kind of comment, so it is appended to another variable.
	mysqlIsolation = "&" + url.Values{
		"lc_messages": {"'en_US', /*!80000 transaction_isolation *//*M! tx_isolation */ = 'READ-COMMITTED'"},
	}.Encode()
)

// DSN implements [Dialect]. It takes the form of the Go driver,
// "user:password@tcp(host:3306)/database?tls=true", and adds the settings above.
func (MySQL) DSN(dsn string) (string, error) {
	parts, err := sqldsn.ParseMySQL(dsn)
	if err != nil || parts.Database == "" {
		return "", sqldsn.ErrMySQL
	}
	full := parts.Server + "/" + parts.Database + "?" + mysqlDefaults + "&" + parts.Params + "&" + mysqlMust
	cfg, err := mysql.ParseDSN(full)
	if err != nil { // not the driver's error, which may contain parts of the password
		return "", sqldsn.ErrMySQL
	}
	if cfg.Params["transaction_isolation"]+cfg.Params["tx_isolation"] == "" {
		full += mysqlIsolation
	}
	return full, nil
}

// Schema implements [Dialect].
func (MySQL) Schema(table string) fs.FS { return expand(mysqlSchema, "schema/mysql", table) }

// Lock implements [Locker].
func (MySQL) Lock(table string) (lock, unlock string) {
	hash := fnv.New64a() // a lock's name has at most 64 characters
	_, _ = hash.Write([]byte(table))
	name := fmt.Sprintf("'activitylog %x'", hash.Sum64())
	return "SELECT GET_LOCK(" + name + ", 0)", "SELECT RELEASE_LOCK(" + name + ")"
}

// Member implements [Clustered]: a node of Galera has a number.
func (MySQL) Member() string { return "SHOW STATUS LIKE 'wsrep_local_index'" }

// Insert implements [Dialect].
func (MySQL) Insert(table string) string { return mysqlInsert(Quote(table), Columns(), 1) }

// MaxMany implements [MultiInserter]. More rows are not faster. The limit is the
// server's stack, not only the 65,535 arguments of a statement.
func (MySQL) MaxMany() int { return 250 }

// InsertMany implements [MultiInserter].
func (d MySQL) InsertMany(table string, rows []row.Row) (query string, args []any) {
	args = make([]any, 0, len(rows)*(2+row.Columns))
	for i := range rows {
		args = d.Args(args, &rows[i])
	}
	return mysqlInsert(Quote(table), Columns(), len(rows)), args
}

// Now implements [Expirer].
func (MySQL) Now() string {
	return "SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)"
}

// Expire implements [Expirer].
func (MySQL) Expire(table string, before time.Time, limit int) (query string, args []any) {
	args = []any{firstID(before).String(), before.UTC().Format(MySQLTime), limit}
	return "DELETE FROM " + Quote(table) + " WHERE event_id < ? AND recorded_at < ? ORDER BY event_id LIMIT ?", args
}

// CountOld implements [Expirer].
func (MySQL) CountOld(table string, of, before time.Time, limit int) (query string, args []any) {
	return "SELECT count(*) FROM (SELECT 1 FROM " + Quote(table) + " WHERE event_id < ? AND recorded_at < ? LIMIT ?) AS old_rows",
		[]any{firstID(of).String(), before.UTC().Format(MySQLTime), limit}
}

// CountAny implements [Expirer].
func (MySQL) CountAny(table string, limit int) string {
	return "SELECT count(*) FROM (SELECT 1 FROM " + Quote(table) + " LIMIT " + strconv.Itoa(limit) + ") AS some_rows"
}

// DeadLetter implements [Dialect]. A time after the year 9999 is NULL: the column
// cannot hold it, and event_id contains it.
func (MySQL) DeadLetter(table string) string {
	return mysqlLetters(table, 1)
}

// MaxLetters implements [Letters].
func (MySQL) MaxLetters() int { return 250 }

// DeadLetters implements [Letters].
func (MySQL) DeadLetters(table string, letters []Letter) (query string, args []any) {
	args = make([]any, 0, len(letterColumns)*len(letters))
	for _, l := range letters {
		args = append(args, l.ID.String(), l.Time, l.Reason, l.Record)
	}
	return mysqlLetters(table, len(letters)), args
}

func mysqlLetters(table string, n int) string {
	insert := mysqlInsert(Quote(DeadLetterTable(table)), letterColumns, n)
	fits := "IF(LENGTH(new.action_time) = " + strconv.Itoa(len(MySQLTime)) + ", new.action_time, NULL)"
	return strings.Replace(insert, "new.action_time", fits, 1)
}

// mysqlInsert is a statement that inserts n rows of arguments.
func mysqlInsert(table string, columns []string, n int) string {
	var rows strings.Builder
	for i, column := range columns {
		rows.WriteString([]string{"(SELECT ? AS ", ", ? AS "}[min(i, 1)] + column)
	}
	rows.WriteString(strings.Repeat(" UNION ALL SELECT ?"+strings.Repeat(", ?", len(columns)-1), n-1))
	rows.WriteByte(')')
	// Text in the connection's character set could not use the index.
	return mysqlSkip(table, columns, rows.String(), "CONVERT(new.event_id USING ascii) COLLATE ascii_bin")
}

// mysqlSkip returns a statement that inserts the rows of a query, whose event_id is
// id, and skips those that exist. INSERT IGNORE would truncate values. ON DUPLICATE
// KEY UPDATE needs the right to update, and would also skip a row because of another
// unique index. A row that another writer adds in between is an error, and the
// transaction is retried.
func mysqlSkip(table string, columns []string, source, id string) string {
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") SELECT new." + strings.Join(columns, ", new.") +
		" FROM " + source + " AS new LEFT JOIN " + table + " AS old ON old.event_id = " + id + " WHERE old.event_id IS NULL"
}

// Args implements [Dialect].
func (MySQL) Args(args []any, r *row.Row) []any {
	args = append(args, r.ID.String(), r.ID.Time().Format(MySQLTime))
	for _, text := range r.Text {
		args = append(args, nullable(text))
	}
	return args
}

// mysqlRow is the row that an error names: "Data too long for column 'x' at row 3".
var mysqlRow = regexp.MustCompile(` at row (\d+)`)

// Classify implements [Dialect]. Sources of the numbers: "Server Error Message
// Reference" of MySQL's manual, "MariaDB Error Codes" of MariaDB's, from 4000 on
// MariaDB's own.
func (MySQL) Classify(err error) Verdict {
	if e := (*LoadWarningError)(nil); errors.As(err, &e) {
		return e.verdict()
	}
	if errors.Is(err, mysql.ErrPktTooLarge) {
		return Verdict{Kind: Rejected, Code: "1153"} // the code that the server would have
	}
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return Verdict{}
	}
	return mysqlVerdict(int(e.Number), e.Message)
}

func mysqlVerdict(number int, message string) Verdict {
	verdict := Verdict{Kind: mysqlKind(number, message), Code: strconv.Itoa(number)}
	switch number {
	case 1290, 1792, 1836, // the server is read-only, since it is no longer the primary
		1047, // the node of a cluster is not ready, or no server of a proxy is
		1053: // server is shutting down
		verdict.Stale = true
	case 1969, 3024: // the limit of MariaDB, of MySQL, for a statement
		verdict.Stale, verdict.TooSlow = true, true
	}
	if named := mysqlRow.FindStringSubmatch(message); named != nil && verdict.Kind == Rejected {
		verdict.Row, _ = strconv.Atoi(named[1])
	}
	return verdict
}

func mysqlKind(number int, message string) Kind {
	switch number {
	case 1213, 1205, // deadlock; lock wait timeout
		1020, 1412: // the row, or the table's definition, has changed since the transaction began
		return Contention
	case 1142, 1143: // no right to a table, to a column
		return Denied
	case 1146, 1054: // no such table, no such column
		return Schema
	case 1062: // duplicate entry for a key
		if strings.HasSuffix(message, "PRIMARY'") {
			return Contention // another writer has just added the row
		}
		return Rejected
	case 1148, 3948, 4166, // LOAD DATA LOCAL is disabled: MySQL 5.7 and MariaDB 10.4, MySQL, MariaDB
		1044, 1787, // no right to make temporary tables; none within a transaction, for the sake of GTIDs
		1235: // not supported yet, say databases that speak the protocol
		return Unsupported
	case 1048, 1138, 1263, 1364, // NULL, or nothing, where a value must be
		1264, 1265, 1292, 1366, 1406, 1690, 3854, // out of range, truncated, incorrect, too long; not of the character set
		1118, 1153, 1301, // a row, a packet or a result of a function that is too large
		1216, 1452, 3819, 4025, // foreign key; CHECK constraint of MySQL, of MariaDB
		1369, 1526, 1748, // CHECK OPTION of a view; no partition for the row
		1644, 1643, 1642, // SIGNAL of a trigger
		3140, 3141, 3150, 3156, 3157: // JSON: invalid, too large, too deep
		return Rejected
	case 1105: // unknown error, except for a parameter longer than a packet
		if strings.Contains(message, "mysql_send_long_data") {
			return Rejected
		}
	}
	return Database
}
