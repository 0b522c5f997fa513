package lookup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"

	"github.com/otelactivity/activitylog/internal/sqldsn"
)

// Drivers.
const (
	driverPostgres = sqldsn.Postgres
	driverMySQL    = sqldsn.MySQL
	driverSQLite   = sqldsn.SQLite
)

func drivers() []string { return []string{driverPostgres, driverMySQL, driverSQLite} }

// maxValue is the longest value that is kept, in bytes, so that the cache is limited in
// bytes, too.
const maxValue = 4096

// database asks one query.
type database struct {
	db      *sql.DB
	text    string
	keys    int
	columns []string
	secrets *strings.Replacer
	dsn     string
}

func openDatabase(cfg *SQLConfig, keys int, columns []string) (*database, error) {
	open, err := connect(cfg)
	if err != nil {
		return nil, err
	}
	db, err := open.open()
	if err != nil {
		return nil, errors.New("the driver does not take it")
	}
	db.SetMaxOpenConns(int(cfg.MaxOpenConns))
	db.SetMaxIdleConns(int(cfg.MaxOpenConns))
	db.SetConnMaxLifetime(time.Duration(cfg.ConnMaxLifetime))
	dsn := string(cfg.DSN)
	return &database{db: db, text: string(cfg.Query), keys: keys, columns: columns, secrets: open.secrets(dsn), dsn: dsn}, nil
}

// connection is a parsed data source name.
type connection struct {
	open     func() (*sql.DB, error)
	password string
}

// secrets removes the password from errors.
func (c connection) secrets(dsn string) *strings.Replacer {
	hide := []string{dsn, "(the dsn)"}
	if c.password != "" {
		hide = append(hide, c.password, "***", url.QueryEscape(c.password), "***")
	}
	return strings.NewReplacer(hide...)
}

// connect parses the data source name. Its errors are not the drivers' own, which
// may repeat parts of the password.
func connect(cfg *SQLConfig) (connection, error) {
	dsn := string(cfg.DSN)
	switch {
	case strings.TrimSpace(dsn) == "":
		return connection{}, errors.New(`must not be empty; it looks like "postgres://user:password@host:5432/database", ` +
			`"user:password@tcp(host:3306)/database" or "file:accounts.db"`)
	case cfg.Driver == driverPostgres:
		return connectPostgres(dsn)
	case cfg.Driver == driverMySQL:
		return connectMySQL(dsn)
	}
	return connectSQLite(dsn)
}

func connectPostgres(dsn string) (connection, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return connection{}, errors.New(`must be a data source name of PostgreSQL, such as "postgres://user:password@host:5432/database"`)
	}
	open := func() (*sql.DB, error) { return stdlib.OpenDB(*cfg), nil }
	return connection{open: open, password: cfg.Password}, nil
}

func connectMySQL(dsn string) (connection, error) {
	if _, err := sqldsn.ParseMySQL(dsn); err != nil {
		return connection{}, err
	}
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil { // not that of the driver, which may repeat parts of the password
		return connection{}, sqldsn.ErrMySQL
	}
	cfg.Logger = &mysql.NopLogger{} // what it would write to standard error it returns as well
	cfg.InterpolateParams = true    // one round trip instead of three
	open := func() (*sql.DB, error) {
		connector, err := mysql.NewConnector(cfg)
		if err != nil {
			return nil, err
		}
		return sql.OpenDB(connector), nil
	}
	return connection{open: open, password: cfg.Passwd}, nil
}

// connectSQLite takes a path or an SQLite URI. The file is opened for reading, so
// that a wrong path is an error and creates no database.
func connectSQLite(dsn string) (connection, error) {
	if err := sqldsn.CheckSQLite(dsn); err != nil {
		return connection{}, err
	}
	if !strings.HasPrefix(dsn, "file:") {
		dsn = "file:" + (&url.URL{Path: dsn}).EscapedPath()
	}
	path, values, err := sqldsn.ParseSQLite(dsn)
	if err != nil {
		return connection{}, err
	}
	if !values.Has("mode") {
		values.Set("mode", "ro")
	}
	if !strings.Contains(strings.Join(values["_pragma"], " "), "busy_timeout") { // a writer locks the file for a moment
		values.Add("_pragma", "busy_timeout(500)")
	}
	dsn = path + "?" + values.Encode()
	return connection{open: func() (*sql.DB, error) { return sql.Open("sqlite", dsn) }}, nil
}

func (d *database) close() error { return d.db.Close() }

// query returns the row of key. If there are several, it returns the first.
func (d *database) query(ctx context.Context, key string) (row, bool, error) {
	parts := splitKey(key, d.keys)
	args := make([]any, len(parts))
	for i, part := range parts {
		args[i] = part
	}
	r, found, err := d.first(ctx, args)
	if err != nil && isValueError(err) {
		return "", false, nil // the key is not possible, such as a word where ids are numbers
	}
	if err != nil {
		return "", false, fmt.Errorf("query for a lookup: %s%s", d.secrets.Replace(err.Error()), d.fileTrouble(err))
	}
	return r, found, nil
}

// fileTrouble is the end of an error of SQLite, which does not name the file.
func (d *database) fileTrouble(err error) string {
	if ofSQLite := new(sqlite.Error); errors.As(err, &ofSQLite) {
		return sqldsn.FileTrouble(d.dsn, ofSQLite.Code())
	}
	return ""
}

func (d *database) first(ctx context.Context, args []any) (row, bool, error) {
	rows, err := d.db.QueryContext(ctx, d.text, args...)
	if err != nil {
		return "", false, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return "", false, err
	}
	at, err := positions(names, d.columns)
	if err != nil {
		return "", false, err
	}
	if !rows.Next() {
		return "", false, rows.Err()
	}
	values := make([]sql.NullString, len(names))
	into := make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		return "", false, err
	}
	wanted := make([]string, len(at))
	for i, position := range at {
		if wanted[i], err = clean(values[position].String); err != nil {
			return "", false, fmt.Errorf("column %q: %w", d.columns[i], err)
		}
	}
	return makeRow(wanted), true, nil
}

func clean(value string) (string, error) {
	if len(value) > maxValue {
		return "", fmt.Errorf("has a value of %d bytes; allowed are %d", len(value), maxValue)
	}
	return strings.ToValidUTF8(strings.TrimSpace(value), "\ufffd"), nil
}

// isValueError reports whether the database rejected the value of the key. Such an error
// does not count as a failure: otherwise a client that chooses a key could stop the
// lookup of others.
func isValueError(err error) bool {
	var pg *pgconn.PgError
	var my *mysql.MySQLError
	switch {
	case errors.As(err, &pg):
		return strings.HasPrefix(pg.Code, "22") // data exception
	case errors.As(err, &my):
		return slices.Contains(mysqlValueErrors, my.Number) || strings.HasPrefix(string(my.SQLState[:]), "22")
	}
	return false
}

// mysqlValueErrors are the codes for text that is not in the column's character set, of
// MariaDB, of MySQL, and of both.
var mysqlValueErrors = []uint16{1267, 3988, 1366}
