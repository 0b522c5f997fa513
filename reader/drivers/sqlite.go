package drivers

import (
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"strings"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/sqldsn"
)

// openSQLite opens a file, by its path or an SQLite URI.
func openSQLite(dsn string) (*sql.DB, error) {
	if err := sqldsn.CheckSQLite(dsn); err != nil {
		return nil, err
	}
	_, params, err := sqldsn.ParseSQLite(dsn)
	if err != nil {
		return nil, err
	}
	path := sqldsn.SQLitePath(dsn)
	if path == "" {
		return nil, errors.New("must be a file: a database in memory is empty")
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, missing(sqldsn.SQLiteFile(dsn))
	}
	params.Set("mode", "ro")
	params.Del("immutable") // another process writes to the file
	params.Del("_txlock")
	params["_pragma"] = []string{"busy_timeout(10000)", "query_only(1)"}
	return sql.Open("sqlite", "file:"+escape(path)+"?"+params.Encode())
}

// missing is the error of a file that is not there.
type missing string

// Error implements [error].
func (m missing) Error() string {
	return "names the file " + string(m) + ", which does not exist; the collector creates it when it starts"
}

// Is lets [errors.Is] find [fs.ErrNotExist].
func (missing) Is(target error) bool { return target == fs.ErrNotExist }

// escape writes a path as the part of a URI that SQLite reads.
func escape(path string) string {
	return strings.ReplaceAll((&url.URL{Path: path}).EscapedPath(), ":", "%3A")
}
