package dialect

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/otelactivity/activitylog/internal/table/row"
)

//go:embed schema/postgres/*.sql
var postgresSchema embed.FS

// Postgres is PostgreSQL 13 and newer by github.com/jackc/pgx, and databases with
// the same protocol. It loads by COPY (internal/bulk), if the server supports it.
type Postgres struct {
	Partition   Partition // "" is [PartitionNone]
	LateIndexes bool      // see [LateIndexer]; without partitions it does nothing

	standardSavepoint
}

// CanDryRun implements [DryRunner].
func (Postgres) CanDryRun(string) string { return "" }

// Driver implements [Dialect].
func (Postgres) Driver() string { return "pgx" }

// Goose implements [Dialect].
func (Postgres) Goose() string { return "postgres" }

// MaxConns implements [Dialect].
func (Postgres) MaxConns() int { return 0 }

// postgresDefaults are settings that a connection string can override.
var postgresDefaults = []struct{ name, value string }{
	// For each host. A host that accepts but never answers, such as a frozen primary,
	// must leave time for the next one. The environment variable overrides it, too.
	{"connect_timeout", "5"},
	// No prepared statements: a pooler may give the next statement to another
	// session. COPY needs none.
	{"default_query_exec_mode", "exec"},
	// The driver always sends UTF-8.
	{"client_encoding", "UTF8"},
}

// DSN implements [Dialect]. It takes a URL ("postgres://user:secret@host/db") or
// keywords and values ("host=/run/postgresql dbname=audit"), and adds
// the settings above that are not in it.
func (Postgres) DSN(dsn string) (string, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		// Not pgx's error: it contains parts of the string and, if the password is not
		// encoded, parts of the password.
		return "", errors.New(`must be a PostgreSQL connection string: a URL, "postgres://user:password@host:5432/database", with special characters of the password percent-encoded, or keywords and values, "host=... port=5432 dbname=..."`)
	}
	for _, setting := range postgresDefaults {
		given := cfg.RuntimeParams[setting.name] != ""
		switch setting.name {
		case "connect_timeout":
			given = cfg.ConnectTimeout != 0
		case "default_query_exec_mode": // ParseConfig removes it
			given = strings.Contains(dsn, setting.name)
		}
		if !given {
			dsn = postgresAdd(dsn, setting.name, setting.value)
		}
	}
	return dsn, nil
}

// postgresAdd adds a setting to a connection string of either form.
func postgresAdd(dsn, name, value string) string {
	switch {
	case !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://"):
		return strings.TrimSpace(dsn + " " + name + "=" + value)
	case strings.Contains(dsn, "?"):
		return dsn + "&" + name + "=" + value
	}
	return dsn + "?" + name + "=" + value
}

// Schema implements [Dialect].
func (p Postgres) Schema(table string) fs.FS {
	return expand(postgresSchema, "schema/postgres", table, p.names(table)...)
}

// Lock implements [Locker]. The lock ends with its transaction. A lock of the session
// would remain on a connection that a pooler gives to another client.
func (Postgres) Lock(table string) (lock, unlock string) {
	return "SELECT pg_try_advisory_xact_lock(hashtextextended('activitylog " + table + "', 0))", ""
}

// Insert implements [Dialect].
func (p Postgres) Insert(table string) string {
	columns := Columns()
	params := make([]string, len(columns))
	for i := range columns {
		params[i] = "$" + strconv.Itoa(i+1)
	}
	return "INSERT INTO " + Quote(table) + " (" + strings.Join(columns, ", ") + ") VALUES (" +
		strings.Join(params, ", ") + ") " + p.skip()
}

// skip returns the end of a statement that skips rows that exist. It names the key,
// so that another unique index, added by the user, cannot make it skip rows.
func (p Postgres) skip() string { return "ON CONFLICT (" + p.key() + ") DO NOTHING" }

// MaxMany implements [MultiInserter].
func (Postgres) MaxMany() int { return 10_000 }

// InsertMany implements [MultiInserter], with one array for each column.
func (p Postgres) InsertMany(table string, rows []row.Row) (query string, args []any) {
	columns := Columns()
	params := make([]string, len(columns))
	values := make([]string, len(columns))
	for i, column := range columns {
		values[i] = column
		if column == "data" {
			values[i] = "data::jsonb"
		}
		params[i] = fmt.Sprintf("$%d::%s[]", i+1, postgresType(column, "text"))
	}
	names := strings.Join(columns, ", ")
	query = "INSERT INTO " + Quote(table) + " (" + names + ") SELECT " + strings.Join(values, ", ") +
		" FROM unnest(" + strings.Join(params, ", ") + ") AS row (" + names + ") " + p.skip()
	return query, postgresArrays(rows)
}

// postgresType returns the type of a column; data is the type for the column data.
func postgresType(column, data string) string {
	switch column {
	case "event_id":
		return "uuid"
	case "action_time":
		return "timestamptz"
	case "data":
		return data
	}
	return "text"
}

// postgresKeys returns the ids and times of rows. The ids are text, which works in
// every query mode of the driver; the statements cast them to uuid.
func postgresKeys(rows []row.Row) (ids []string, times []time.Time) {
	ids, times = make([]string, len(rows)), make([]time.Time, len(rows))
	for i := range rows {
		ids[i], times[i] = rows[i].ID.String(), rows[i].ID.Time()
	}
	return ids, times
}

// postgresArrays returns one array for each column of rows.
func postgresArrays(rows []row.Row) []any {
	ids, times := postgresKeys(rows)
	args := make([]any, 0, 2+row.Columns)
	args = append(args, ids, times)
	for column := range row.Columns {
		texts := make([]*string, len(rows))
		for i := range rows {
			if text := &rows[i].Text[column]; *text != "" {
				texts[i] = text
			}
		}
		args = append(args, texts)
	}
	return args
}

// DeadLetter implements [Dialect].
func (Postgres) DeadLetter(table string) string {
	return "INSERT INTO " + Quote(DeadLetterTable(table)) +
		" (event_id, action_time, reason, record) VALUES ($1, $2, $3, $4) ON CONFLICT (event_id) DO NOTHING"
}

// MaxLetters implements [Letters].
func (Postgres) MaxLetters() int { return 10_000 }

// DeadLetters implements [Letters], with one array for each column.
func (Postgres) DeadLetters(table string, letters []Letter) (query string, args []any) {
	ids, times := make([]string, len(letters)), make([]time.Time, len(letters))
	reasons, records := make([]string, len(letters)), make([]string, len(letters))
	for i, l := range letters {
		ids[i], times[i], reasons[i], records[i] = l.ID.String(), l.ID.Time(), l.Reason, l.Record
	}
	names := strings.Join(letterColumns, ", ")
	return "INSERT INTO " + Quote(DeadLetterTable(table)) + " (" + names + ") SELECT " + names +
			" FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[]) AS letter (" + names + ") ON CONFLICT (event_id) DO NOTHING",
		[]any{ids, times, reasons, records}
}

// Args implements [Dialect].
func (Postgres) Args(args []any, r *row.Row) []any {
	args = append(args, r.ID.String(), r.ID.Time())
	for _, text := range r.Text {
		args = append(args, nullable(text))
	}
	return args
}

// copyLine is the number of the row in the context of an error of COPY: "COPY
// activity_log, line 17, column data: ...". It is not found in other languages.
var copyLine = regexp.MustCompile(`^\S+ .*?, \S+ (\d+)`)

// Classify implements [Dialect]. Source of the codes: PostgreSQL's manual,
// appendix A. Class 22 is data exceptions, 23 integrity constraints, 54 limits of the
// program, such as the size of an index entry, 0A unsupported features.
func (Postgres) Classify(err error) Verdict {
	var e *pgconn.PgError
	if !errors.As(err, &e) || len(e.Code) != 5 {
		return Verdict{}
	}
	verdict := Verdict{Code: e.Code, Kind: postgresKind(e), Stale: postgresStale(e.Code), TooSlow: e.Code == "57014"}
	if line := copyLine.FindStringSubmatch(e.Where); line != nil {
		verdict.Row, _ = strconv.Atoi(line[1])
	}
	return verdict
}

func postgresKind(e *pgconn.PgError) Kind {
	switch e.Code {
	case "40001", "40P01": // serialization failure, deadlock
		return Contention
	case "23505": // unique violation
		return Conflict
	case "42501": // insufficient privilege
		return Denied
	case "42P01", "42703", "42804": // undefined table, undefined column, wrong type
		return Schema
	case "23514":
		if e.ConstraintName == "" {
			return Database // there is no partition for the row
		}
	}
	switch e.Code[:2] {
	case "0A":
		return Unsupported
	case "22", "23", "54":
		return Rejected
	}
	return Database
}

// postgresStale reports whether a connection must be closed: the server is read-only
// because it is no longer the primary (25006), is shutting down or has crashed (57P01
// to 57P04), or stopped a statement by a limit that may have been raised since
// (57014); or the transaction (25P02) or the connection (class 08) is broken.
func postgresStale(code string) bool {
	switch code {
	case "25006", "25P02", "57014", "57P01", "57P02", "57P03", "57P04":
		return true
	}
	return code[:2] == "08"
}
