package drivers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/reader"
)

// ErrDSN is the error of a data source name that is wrong, or not one for the driver. No
// database was asked.
var ErrDSN = errors.New("the data source name or its driver is wrong")

// dsnError is an [ErrDSN] of which only the text of its cause shows.
type dsnError struct{ error }

// Is lets [errors.Is] find ErrDSN.
func (dsnError) Is(target error) bool { return target == ErrDSN }

// Open opens a database and returns a reader of its table. driver is "sqlite",
// "postgres", "mysql", "mariadb" or "clickhouse", or "" for the one that the data source
// name is for. The reader is to be closed.
//
// If the data source name is wrong, the error is [ErrDSN]. If the database does not have the
// table, it is [reader.ErrNoTable], and if the table is of an older release,
// [reader.ErrOldSchema].
func Open(ctx context.Context, driver, dsn string, options ...reader.Option) (*reader.Reader, error) {
	db, kind, err := OpenDB(driver, dsn)
	if err != nil {
		return nil, err
	}
	r, err := reader.New(ctx, db, kind, options...)
	if err != nil {
		_ = db.Close()
		return nil, &openError{text: clean(err.Error(), kind, dsn) + hint(kind, dsn, err), err: err}
	}
	return r, nil
}

// hint says what to do about an error of a database whose own text does not.
func hint(kind reader.Dialect, dsn string, err error) string {
	if ofSQLite := new(sqlite.Error); errors.As(err, &ofSQLite) {
		return sqldsn.FileTrouble(dsn, ofSQLite.Code())
	}
	if strings.Contains(err.Error(), "unsupported startup parameter") {
		return "; PgBouncer does not know the settings of a reader: connect to the server itself, " +
			"or set ignore_startup_parameters = default_transaction_read_only, random_page_cost"
	}
	switch {
	case denied(err):
		return `; the account may not read the table: "activitylog grant --role reader" prints the statements that let it`
	case errors.Is(err, reader.ErrNoTable) && kind != "sqlite": // which has no accounts
		return `, or let the account see it: "activitylog grant --role reader" prints the statements`
	}
	return ""
}

// denied reports whether an account lacks a right: to a table or its schema, or of MySQL
// also to a column or the database.
func denied(err error) bool {
	var ofPostgres *pgconn.PgError
	var ofMySQL *mysql.MySQLError
	var ofClickHouse *clickhouse.Exception
	switch {
	case errors.As(err, &ofPostgres):
		return ofPostgres.Code == "42501"
	case errors.As(err, &ofMySQL):
		return slices.Contains([]uint16{1044, 1142, 1143}, ofMySQL.Number)
	case errors.As(err, &ofClickHouse):
		return ofClickHouse.Code == 497
	}
	return false
}

// OpenDB opens a database for reading, and says of which kind it is. It does not
// connect: the first query does.
func OpenDB(driver, dsn string) (*sql.DB, reader.Dialect, error) {
	if driver == "" {
		if driver = sqldsn.Kind(dsn); driver == "" {
			return nil, "", dsnError{errors.New(`the dsn does not say for which database it is; set the driver to one of ` + names)}
		}
	}
	open, ok := openers[driver]
	if !ok {
		return nil, "", dsnError{fmt.Errorf("the driver must be one of %s; got %.64q", names, driver)}
	}
	db, err := open(dsn)
	if err != nil {
		err = fmt.Errorf("the dsn %w", err)
		if !errors.Is(err, fs.ErrNotExist) {
			err = dsnError{err}
		}
		return nil, "", err
	}
	return db, reader.Dialect(driver), nil
}

const names = `"clickhouse", "mariadb", "mysql", "postgres", "sqlite"`

// openers check a data source name, and open it for reading. The text of their errors
// goes on after "the dsn".
var openers = map[string]func(dsn string) (*sql.DB, error){
	"clickhouse": openClickHouse,
	"mariadb":    openMySQL,
	"mysql":      openMySQL,
	"postgres":   openPostgres,
	"sqlite":     openSQLite,
}

// Drivers returns the names that [Open] takes.
func Drivers() []string {
	var all []string
	for name := range openers {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// openError is an error whose text was cleaned.
type openError struct {
	text string
	err  error
}

// Error implements [error].
func (e *openError) Error() string { return e.text }

// Is lets [errors.Is] find what is wrapped. The text of that is not to be had: there is
// no Unwrap.
func (e *openError) Is(target error) bool { return errors.Is(e.err, target) }

// clean returns the text of an error of a driver without the data source name and its
// password. Drivers do not put them there, as far as we know.
func clean(text string, kind reader.Dialect, dsn string) string {
	if sqldsn.IsFile(string(kind), dsn) {
		return text
	}
	for _, secret := range append(passwords(dsn), dsn) {
		if len(secret) > 2 {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}
