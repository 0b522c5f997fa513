package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/otelactivity/activitylog/instrument/outbox"
	"github.com/otelactivity/activitylog/internal/sqldsn"
)

// openOutbox opens the database of a service, and looks at its outbox.
func (o *outboxCommand) openOutbox(ctx context.Context) (*outbox.Outbox, *sql.DB, outbox.Stats, error) {
	s, err := o.dataSource()
	if err != nil {
		return nil, nil, outbox.Stats{}, err
	}
	dialect, err := outboxDialect(s)
	if err != nil {
		return nil, nil, outbox.Stats{}, err
	}
	db, err := openToWrite(dialect, s.dsn)
	if err != nil {
		return nil, nil, outbox.Stats{}, withCode(exitDatabase, fmt.Errorf("open the database of %s: the dsn %w", s.origin, err))
	}
	box := outbox.New(dialect, outbox.WithTable(o.table))
	stats, err := box.Stats(ctx, db)
	if err != nil {
		_ = db.Close()
		return nil, nil, stats, withCode(exitDatabase, fmt.Errorf("look at the outbox of %s: %w; "+
			`if the table is missing, "activitylog outbox schema" prints the statement that creates it`, s.origin, err))
	}
	return box, db, stats, nil
}

// outboxDialect is the kind of a database that can have an outbox.
func outboxDialect(s source) (outbox.Dialect, error) {
	driver := s.driver
	if driver == "" {
		driver = sqldsn.Kind(s.dsn)
	}
	switch driver {
	case "postgres":
		return outbox.PostgreSQL, nil
	case "mysql", "mariadb":
		return outbox.MySQL, nil
	case "sqlite":
		return outbox.SQLite, nil
	case "":
		return "", usagef(`the dsn does not say for which database it is; set --driver to "postgres", "mysql", "mariadb" or "sqlite"`)
	}
	return "", usagef(`an outbox is in a database with transactions: the driver must be "postgres", "mysql", "mariadb" or "sqlite"; got %.64q`, driver)
}

// openToWrite opens a database of a service. The text of its errors goes on after "the dsn",
// and has no part of it.
func openToWrite(dialect outbox.Dialect, dsn string) (*sql.DB, error) {
	switch dialect {
	case outbox.PostgreSQL:
		cfg, err := pgx.ParseConfig(dsn)
		if err != nil {
			return nil, errPostgres
		}
		return stdlib.OpenDB(*cfg), nil
	case outbox.MySQL:
		return openMySQL(dsn)
	}
	if err := sqldsn.CheckSQLite(dsn); err != nil {
		return nil, err
	}
	path := sqldsn.SQLitePath(dsn)
	if _, err := os.Stat(path); path == "" || errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("must name a file that exists; got %.200q", path)
	}
	separator := "?"
	if strings.Contains(dsn, "?") {
		separator = "&"
	}
	return sql.Open("sqlite", dsn+separator+"_pragma=busy_timeout(10000)")
}

var errPostgres = errors.New(`must be a PostgreSQL connection string: a URL, "postgres://user:password@host:5432/database", ` +
	`with special characters of the password percent-encoded, or keywords and values, "host=... port=5432 dbname=..."`)

func openMySQL(dsn string) (*sql.DB, error) {
	parts, err := sqldsn.ParseMySQL(dsn)
	if err != nil || parts.Database == "" {
		return nil, sqldsn.ErrMySQL
	}
	cfg, err := mysql.ParseDSN(parts.Server + "/" + parts.Database + "?timeout=10s&" + parts.Params + "&charset=utf8mb4")
	if err != nil { // not the driver's error, which may have parts of the password
		return nil, sqldsn.ErrMySQL
	}
	cfg.Logger = &mysql.NopLogger{} // what it would log, it returns as an error
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, sqldsn.ErrMySQL
	}
	return sql.OpenDB(connector), nil
}

// listen returns a function that waits for a notification of PostgreSQL, on a connection of
// its own that is made again if it breaks.
func listen(ctx context.Context, s source, channel string) (func(context.Context) error, error) {
	if dialect, err := outboxDialect(s); err != nil || dialect != outbox.PostgreSQL {
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
