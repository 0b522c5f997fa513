package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"modernc.org/sqlite"

	"github.com/otelactivity/activitylog/instrument/outbox"
	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// openOutbox opens the database of a service, and looks at its outbox.
func (o *outboxCommand) openOutbox(ctx context.Context) (*outbox.Outbox, *sql.DB, outbox.Stats, error) {
	s, err := o.dataSource()
	if err != nil {
		return nil, nil, outbox.Stats{}, err
	}
	kind, err := outboxDialect(s)
	if err != nil {
		return nil, nil, outbox.Stats{}, err
	}
	db, err := openToWrite(kind, s.dsn)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil, outbox.Stats{}, withCode(exitDatabase, fmt.Errorf("open the database of %s: %w", s.origin, err))
		}
		return nil, nil, outbox.Stats{}, usagef("open the database of %s: %w%s", s.origin, err, s.driverHint())
	}
	box := outbox.New(kind, outbox.WithTable(o.table))
	stats, err := box.Stats(ctx, db)
	if err != nil {
		_ = db.Close()
		return nil, nil, stats, withCode(exitDatabase, fmt.Errorf("look at the outbox of %s: %w%s", s.origin, err, outboxHint(s.dsn, err)))
	}
	return box, db, stats, nil
}

// outboxHint is the end of an error of looking at an outbox.
func outboxHint(dsn string, err error) string {
	if ofSQLite := new(sqlite.Error); errors.As(err, &ofSQLite) {
		if trouble := sqldsn.FileTrouble(dsn, ofSQLite.Code()); trouble != "" {
			return trouble
		}
	}
	return `; if the table is missing, "activitylog outbox schema" prints the statement that creates it`
}

// outboxDialect is the kind of a database that can have an outbox.
func outboxDialect(s source) (outbox.Dialect, error) {
	switch s.kind() {
	case "postgres":
		return outbox.PostgreSQL, nil
	case "mysql", "mariadb":
		return outbox.MySQL, nil
	case "sqlite":
		return outbox.SQLite, nil
	case "":
		return "", usagef(`the dsn does not say for which database it is; set --driver to "postgres", "mysql", "mariadb" or "sqlite"`)
	}
	return "", usagef(`an outbox is in a database with transactions: the driver must be "postgres", "mysql", "mariadb" or "sqlite"; got %.64q`, s.kind())
}

// openToWrite opens a database of a service. No error has a part of the DSN.
func openToWrite(kind outbox.Dialect, dsn string) (*sql.DB, error) {
	switch kind {
	case outbox.PostgreSQL:
		return store.OpenDB(dialect.Postgres{}, dsn)
	case outbox.MySQL:
		return store.OpenDB(dialect.MySQL{}, dsn)
	}
	if err := sqldsn.CheckSQLite(dsn); err != nil {
		return nil, fmt.Errorf("dsn: %w", err)
	}
	if _, _, err := sqldsn.ParseSQLite(dsn); err != nil {
		return nil, fmt.Errorf("dsn: %w", err)
	}
	path := sqldsn.SQLiteFile(dsn)
	if path == "" {
		return nil, errors.New("dsn: must be a file: a database in memory is empty")
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("dsn: must name a file that exists: %w", err)
	}
	// Not as the table activity_log is opened: that makes the file one with a WAL, for good.
	separator := "?"
	if strings.Contains(dsn, "?") {
		separator = "&"
	}
	return sql.Open("sqlite", dsn+separator+"_pragma=busy_timeout(10000)")
}

// listen returns a function that waits for a notification of PostgreSQL, on a connection of
// its own that is made again if it breaks.
func listen(ctx context.Context, s source, channel string) (func(context.Context) error, error) {
	if kind, err := outboxDialect(s); err != nil || kind != outbox.PostgreSQL {
		return nil, usagef("--listen is for PostgreSQL only")
	}
	connect := func(ctx context.Context) (*pgx.Conn, error) {
		conn, err := pgx.Connect(ctx, s.dsn)
		if err != nil {
			return nil, err
		}
		_, err = conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize())
		return conn, err
	}
	conn, err := connect(ctx)
	if err != nil {
		return nil, withCode(exitDatabase, fmt.Errorf("listen to %.64q: %w", channel, err))
	}
	context.AfterFunc(ctx, func() { _ = conn.Close(context.WithoutCancel(ctx)) })
	return func(ctx context.Context) error {
		if conn.IsClosed() {
			again, err := connect(ctx)
			if err != nil {
				return err
			}
			conn = again
			return nil // something may have been recorded meanwhile
		}
		_, err := conn.WaitForNotification(ctx)
		return err
	}, nil
}
