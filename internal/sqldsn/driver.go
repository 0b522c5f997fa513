// Package sqldsn reads data source names, which say where a database is. The exporter
// and the lookups of the processor take the same ones. It knows no driver, so that it
// can be shared by modules that have different ones. No error of it repeats any part
// of a data source name: a password may be anywhere in it.
package sqldsn

import (
	"regexp"
	"strings"
)

// Kinds of databases, as the configuration names them.
const (
	SQLite     = "sqlite"
	Postgres   = "postgres"
	MySQL      = "mysql"
	ClickHouse = "clickhouse"
)

var (
	// keywords is how libpq and pgx write a data source name without a URL.
	keywords = regexp.MustCompile(`(^|\s)(host|hostaddr|port|dbname|user|password|service|sslmode)\s*=`)
	// parentheses are around the address, after the protocol, for MySQL.
	parentheses = regexp.MustCompile(`@([A-Za-z0-9_+]*)\(.*\)/`)
	// fileName is a file name that says what it is.
	fileName = regexp.MustCompile(`(?i)\.(db|db3|sqlite|sqlite3)(\?|$)`)
)

// Kind returns the kind of database that a data source name is for, or "" if that is
// not clear.
func Kind(dsn string) string {
	scheme, _, isURL := strings.Cut(dsn, "://")
	switch scheme = strings.ToLower(scheme); {
	case isURL && (scheme == "postgres" || scheme == "postgresql"):
		return Postgres
	case isURL && (scheme == "mysql" || scheme == "mariadb"):
		return MySQL // whose error says how to write it
	case isURL && scheme == "clickhouse":
		return ClickHouse
	case strings.HasPrefix(dsn, "file:"), otherPrefix.MatchString(dsn):
		return SQLite
	case isURL:
		return ""
	case parentheses.MatchString(dsn):
		return MySQL
	case keywords.MatchString(dsn):
		return Postgres
	case dsn == ":memory:" || fileName.MatchString(dsn):
		return SQLite
	}
	return ""
}
