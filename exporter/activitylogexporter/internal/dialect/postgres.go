package dialect

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

//go:embed schema/postgres/*.sql
var postgresSchema embed.FS

// Postgres is PostgreSQL 13 and newer by github.com/jackc/pgx.
type Postgres struct{}

// Driver implements [Dialect].
func (Postgres) Driver() string { return "pgx" }

// Goose implements [Dialect].
func (Postgres) Goose() string { return "postgres" }

// MaxConns implements [Dialect].
func (Postgres) MaxConns() int { return 0 }

// DSN implements [Dialect]. It takes a URL ("postgres://user:secret@host/db") or
// keywords and values ("host=/run/postgresql dbname=audit").
func (Postgres) DSN(dsn string) (string, error) {
	if _, err := pgx.ParseConfig(dsn); err != nil {
		// Not pgx's own error: it repeats parts of the string, and where a
		// character of the password is not encoded, parts of the password.
		return "", errors.New(`not a PostgreSQL connection string; allowed are a URL, "postgres://user:password@host:5432/database", with special characters of the password percent-encoded, and keywords and values, "host=... port=5432 dbname=..."`)
	}
	return dsn, nil
}

// Schema implements [Dialect].
func (Postgres) Schema() fs.FS { return sub(postgresSchema, "schema/postgres") }

// Insert implements [Dialect].
func (Postgres) Insert(table string) string {
	columns := Columns()
	params := make([]string, len(columns))
	for i := range columns {
		params[i] = "$" + strconv.Itoa(i+1)
	}
	return "INSERT INTO " + Quote(table) + " (" + strings.Join(columns, ", ") + ") VALUES (" +
		strings.Join(params, ", ") + ") ON CONFLICT (event_id) DO NOTHING"
}

// InsertColumns implements [Columnar].
func (Postgres) InsertColumns(table string) string {
	columns := Columns()
	params := make([]string, len(columns))
	values := make([]string, len(columns))
	for i, column := range columns {
		kind := "text"
		values[i] = column
		switch column {
		case "event_id":
			kind = "uuid"
		case "action_time":
			kind = "timestamptz"
		case "data":
			values[i] = "data::jsonb"
		}
		params[i] = fmt.Sprintf("$%d::%s[]", i+1, kind)
	}
	names := strings.Join(columns, ", ")
	return "INSERT INTO " + Quote(table) + " (" + names + ") SELECT " + strings.Join(values, ", ") +
		" FROM unnest(" + strings.Join(params, ", ") + ") AS row (" + names + ") ON CONFLICT (event_id) DO NOTHING"
}

// Arrays implements [Columnar].
func (Postgres) Arrays(rows []row.Row) []any {
	ids := make([][16]byte, len(rows))
	times := make([]time.Time, len(rows))
	for i := range rows {
		ids[i], times[i] = rows[i].ID, rows[i].ID.Time()
	}
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

// Args implements [Dialect].
func (Postgres) Args(args []any, r *row.Row) []any {
	args = append(args, r.ID.String(), r.ID.Time())
	for _, text := range r.Text {
		args = append(args, nullable(text))
	}
	return args
}

// Refused implements [Dialect]. Source of the codes: PostgreSQL's manual,
// appendix A. Class 22 is data exceptions, 23 integrity constraints, 54 limits
// of the program, such as the size of an index entry.
func (Postgres) Refused(err error) (string, bool) {
	var e *pgconn.PgError
	if !errors.As(err, &e) || len(e.Code) != 5 {
		return "", false
	}
	switch e.Code[:2] {
	case "22", "23", "54":
		return e.Code, true
	}
	return "", false
}
