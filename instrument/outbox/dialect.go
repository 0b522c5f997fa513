package outbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Dialect is a kind of database.
type Dialect string

// The dialects. MySQL stands for MySQL 8.0 and MariaDB 10.6, or newer, whose SQL mode is
// strict or not. SQLite is 3.35 or newer.
const (
	PostgreSQL Dialect = "PostgreSQL"
	MySQL      Dialect = "MySQL"
	SQLite     Dialect = "SQLite"
)

// statements is the SQL of one outbox.
type statements struct {
	schema string
	insert string // event_id, record
	fail   string // error, seconds until it is tried again, seq
	stats  string // rows, age of the oldest in seconds, rows that failed
	quoted string // the table
	now    string // an expression
	byKey  string // makes a query use the primary key
}

// statements returns the SQL for a table. The channel is for NOTIFY.
func (d Dialect) statements(table, channel string) statements {
	t := d.quote(table)
	s := statements{quoted: t}
	mark := func(int) string { return "?" }
	var in, age string // in so many seconds; seconds since
	switch d {
	case PostgreSQL:
		mark = func(n int) string { return "$" + strconv.Itoa(n) }
		s.schema = fmt.Sprintf(postgresSchema, t)
		s.now, in = "now()", "now() + $2 * interval '1 second'"
		age = "CAST(EXTRACT(EPOCH FROM now() - min(recorded_at)) AS double precision)"
	case MySQL:
		s.schema = fmt.Sprintf(mysqlSchema, t)
		s.byKey = " FORCE INDEX (PRIMARY)"
		s.now, in = "UTC_TIMESTAMP(6)", "UTC_TIMESTAMP(6) + INTERVAL ? SECOND"
		age = "TIMESTAMPDIFF(MICROSECOND, min(recorded_at), UTC_TIMESTAMP(6)) / 1000000"
	case SQLite:
		s.schema = fmt.Sprintf(sqliteSchema, t)
		s.now, in = "strftime('%Y-%m-%d %H:%M:%f', 'now')", "strftime('%Y-%m-%d %H:%M:%f', 'now', ? || ' seconds')"
		age = "(julianday('now') - julianday(min(recorded_at))) * 86400"
	}
	s.insert = "INSERT INTO " + t + " (event_id, record) VALUES (" + mark(1) + ", " + mark(2) + ")"
	if d == PostgreSQL && channel != "" {
		s.insert += " RETURNING pg_notify('" + strings.ReplaceAll(channel, "'", "''") + "', '')"
	}
	s.fail = "UPDATE " + t + " SET attempts = attempts + 1, error = " + mark(1) + ", retry_at = " + in + " WHERE seq = " + mark(3)
	s.stats = "SELECT count(*), coalesce(" + age + ", 0), coalesce(sum(CASE WHEN attempts > 0 THEN 1 ELSE 0 END), 0)" +
		" FROM (SELECT recorded_at, attempts FROM " + t + " ORDER BY seq LIMIT " + strconv.Itoa(mostCounted) + ") AS waiting"
	return s
}

// claim returns the query that claims rows: seq, event_id, attempts and record of the
// first ones that are due. On SQLite it holds them for so many seconds, on others as long
// as its transaction lasts.
func (d Dialect) claim(s *statements, order bool, limit, seconds int) string {
	due := " WHERE (retry_at IS NULL OR retry_at <= " + s.now + ")"
	first := " ORDER BY seq LIMIT " + strconv.Itoa(limit)
	if d != SQLite {
		id := "event_id"
		if d == PostgreSQL {
			id = "event_id::text"
		}
		lock := " FOR UPDATE SKIP LOCKED"
		if order { // it waits for whoever has the first row
			lock = " FOR UPDATE"
		}
		return "SELECT seq, " + id + ", attempts, record FROM " + s.quoted + s.byKey + due + first + lock
	}
	if order {
		due += " AND NOT EXISTS (SELECT 1 FROM " + s.quoted + " WHERE attempts = 0 AND retry_at > " + s.now + ")"
	}
	return "UPDATE " + s.quoted + " SET retry_at = strftime('%Y-%m-%d %H:%M:%f', 'now', '" + strconv.Itoa(seconds) + " seconds')" +
		" WHERE seq IN (SELECT seq FROM " + s.quoted + due + first + ") RETURNING seq, event_id, attempts, record"
}

// remove returns the statement that deletes rows. MySQL may read all of a small table for
// a list of keys, and wait for rows that other relays hold. So it looks up each key.
func (d Dialect) remove(s *statements, seqs []int64) string {
	if d != MySQL {
		return "DELETE FROM " + s.quoted + " WHERE seq IN (" + list(seqs, ", ") + ")"
	}
	return "DELETE waiting FROM (SELECT " + list(seqs, " AS seq UNION ALL SELECT ") + " AS seq) AS sent STRAIGHT_JOIN " +
		s.quoted + " AS waiting FORCE INDEX (PRIMARY) ON waiting.seq = sent.seq"
}

// release returns the statement that gives up a claim on SQLite.
func (s *statements) release(seqs []int64) string {
	return "UPDATE " + s.quoted + " SET retry_at = NULL WHERE seq IN (" + list(seqs, ", ") + ")"
}

func list(seqs []int64, separator string) string {
	texts := make([]string, len(seqs))
	for i, seq := range seqs {
		texts[i] = strconv.FormatInt(seq, 10)
	}
	return strings.Join(texts, separator)
}

// insertTarget returns the statement that writes a row of the activity log, unless there
// is one with the same id.
func (d Dialect) insertTarget(table string) string {
	columns := targetColumns()
	marks := make([]string, len(columns))
	for i := range columns {
		marks[i] = "?"
		if d == PostgreSQL {
			marks[i] = "$" + strconv.Itoa(i+1)
		}
	}
	skip := " ON CONFLICT DO NOTHING"
	if d == MySQL {
		skip = " ON DUPLICATE KEY UPDATE event_id = event_id"
	}
	return "INSERT INTO " + d.quote(table) + " (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")" + skip
}

// quote quotes the name of a table, with its schema if it has one.
func (d Dialect) quote(table string) string {
	sign := `"`
	if d == MySQL {
		sign = "`"
	}
	parts := strings.Split(table, ".")
	for i, part := range parts {
		parts[i] = sign + strings.ReplaceAll(part, sign, sign+sign) + sign
	}
	return strings.Join(parts, ".")
}

// time returns a time as the exporter's table has it. Texts do not depend on the time
// zone of the connection.
func (d Dialect) time(t time.Time) any {
	if d == PostgreSQL {
		return t
	}
	return t.UTC().Format("2006-01-02 15:04:05.000000")
}
