package dialect

import (
	"embed"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/internal/table/row"
)

//go:embed schema/sqlite/*.sql
var sqliteSchema embed.FS

// SQLite is SQLite 3 by modernc.org/sqlite, without cgo. It has one writer, in
// WAL mode so that readers are never blocked, and syncs each commit to disk.
type SQLite struct{ standardSavepoint }

// AtomicStatements implements [AtomicStatements].
func (SQLite) AtomicStatements() {}

// CanDryRun implements [DryRunner].
func (SQLite) CanDryRun(string) string { return "" }

// sqliteTime is the format of times, in UTC, that SQLite's functions and Django use.
const sqliteTime = "2006-01-02 15:04:05.000000"

// Driver implements [Dialect].
func (SQLite) Driver() string { return "sqlite" }

// Goose implements [Dialect].
func (SQLite) Goose() string { return "sqlite3" }

// MaxConns implements [Dialect]: SQLite has one writer at a time.
func (SQLite) MaxConns() int { return 1 }

// DSN implements [Dialect]. It takes the path of a file or an SQLite URI
// ("file:activity.db?mode=rw"), and adds the pragmas that are not set there.
func (SQLite) DSN(dsn string) (string, error) {
	path, values, err := sqldsn.ParseSQLite(dsn)
	if err != nil {
		return "", err
	}
	for _, pragma := range []string{
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-65536)",
	} {
		name, _, _ := strings.Cut(pragma, "(")
		if !strings.Contains(strings.Join(values["_pragma"], " "), name) {
			values.Add("_pragma", pragma)
		}
	}
	if !values.Has("_txlock") {
		values.Set("_txlock", "immediate") // so that a busy database waits instead of failing
	}
	return path + "?" + values.Encode(), nil
}

// Schema implements [Dialect].
func (SQLite) Schema(table string) fs.FS { return expand(sqliteSchema, "schema/sqlite", table) }

// Insert implements [Dialect].
func (SQLite) Insert(table string) string {
	columns := Columns()
	return "INSERT INTO " + Quote(table) + " (" + strings.Join(columns, ", ") + ") VALUES (" +
		strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ") ON CONFLICT (event_id) DO NOTHING"
}

// Now implements [Expirer].
func (SQLite) Now() string {
	return "SELECT CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
}

// Expire implements [Expirer].
func (SQLite) Expire(table string, before time.Time, limit int) (query string, args []any) {
	args = []any{firstID(before).String(), before.UTC().Format("2006-01-02 15:04:05.000"), limit}
	return "DELETE FROM " + Quote(table) + " WHERE rowid IN (SELECT rowid FROM " + Quote(table) +
		" WHERE event_id < ? AND recorded_at < ? ORDER BY event_id LIMIT ?)", args
}

// CountOld implements [Expirer].
func (SQLite) CountOld(table string, of, before time.Time, limit int) (query string, args []any) {
	return "SELECT count(*) FROM (SELECT 1 FROM " + Quote(table) + " WHERE event_id < ? AND recorded_at < ? LIMIT ?) AS old_rows",
		[]any{firstID(of).String(), before.UTC().Format("2006-01-02 15:04:05.000"), limit}
}

// CountAny implements [Expirer].
func (SQLite) CountAny(table string, limit int) string {
	return "SELECT count(*) FROM (SELECT 1 FROM " + Quote(table) + " LIMIT " + strconv.Itoa(limit) + ") AS some_rows"
}

// DeadLetter implements [Dialect].
func (SQLite) DeadLetter(table string) string {
	return "INSERT INTO " + Quote(DeadLetterTable(table)) +
		" (event_id, action_time, reason, record) VALUES (?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING"
}

// Args implements [Dialect]: times are text, as SQLite has no type for them.
func (SQLite) Args(args []any, r *row.Row) []any {
	args = append(args, r.ID.String(), r.ID.Time().Format(sqliteTime))
	for _, text := range r.Text {
		args = append(args, nullable(text))
	}
	return args
}

// Classify implements [Dialect]. Source of the codes: sqlite.org/rescode.html.
func (SQLite) Classify(err error) Verdict {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return Verdict{}
	}
	verdict := Verdict{Code: strconv.Itoa(e.Code())}
	switch e.Code() & 0xff { // the primary code
	case sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH:
		verdict.Kind = Rejected
	case sqlite3.SQLITE_ERROR:
		if text := e.Error(); strings.Contains(text, "no such table") || strings.Contains(text, "has no column") {
			verdict.Kind = Schema
		}
	}
	return verdict
}

// MaxRead implements [Reader].
func (SQLite) MaxRead() int { return 500 }

// Read implements [Reader].
func (SQLite) Read(table string, columns []string, ids []activity.ID) (query string, args []any) {
	return readIn(Quote(table), columns, ids, questionMark)
}
