package activitylogexporter

import (
	"fmt"
	"regexp"
	"strings"
)

// Names of drivers.
const (
	driverSQLite     = "sqlite"
	driverPostgres   = "postgres"
	driverMySQL      = "mysql"
	driverClickHouse = "clickhouse"
)

var (
	// keywordDSN is how libpq and pgx write a DSN without a URL.
	keywordDSN = regexp.MustCompile(`(^|\s)(host|hostaddr|port|dbname|user|password|service|sslmode)\s*=`)
	// mysqlDSN has the protocol and address in parentheses.
	mysqlDSN = regexp.MustCompile(`@([A-Za-z0-9_+]*)\(.*\)/`)
	// sqliteName is a file name that says what it is.
	sqliteName = regexp.MustCompile(`(?i)\.(db|db3|sqlite|sqlite3)(\?|$)`)
	// accountDSN has a password between a name and an @, as no file has.
	accountDSN = regexp.MustCompile(`^[^/\\]*:[^/\\]*@`)
)

// driverOf returns the driver that a DSN is for, or "" when that is not clear.
func driverOf(dsn string) string {
	scheme, _, isURL := strings.Cut(dsn, "://")
	switch scheme = strings.ToLower(scheme); {
	case isURL && (scheme == "postgres" || scheme == "postgresql"):
		return driverPostgres
	case isURL && (scheme == "mysql" || scheme == "mariadb"):
		return driverMySQL // which says how to write it
	case isURL && scheme == "clickhouse":
		return driverClickHouse
	case strings.HasPrefix(dsn, "file:"):
		return driverSQLite
	case isURL:
		return ""
	case mysqlDSN.MatchString(dsn):
		return driverMySQL
	case keywordDSN.MatchString(dsn):
		return driverPostgres
	case dsn == ":memory:" || sqliteName.MatchString(dsn):
		return driverSQLite
	}
	return ""
}

// validateSQLitePath refuses what SQLite would take for the name of a file, and
// anybody else for the DSN of another database. The file would have the
// password in its name.
func validateSQLitePath(dsn string) error {
	if strings.HasPrefix(dsn, "file:") && !strings.HasPrefix(dsn, "file://") {
		dsn = strings.TrimPrefix(dsn, "file:")
	}
	switch other := driverOf(dsn); {
	case other != "" && other != driverSQLite:
		return fmt.Errorf("dsn: is one for driver %s, and driver is sqlite; set driver: %s, or leave driver empty", other, other)
	case strings.Contains(dsn, "://") && !strings.HasPrefix(dsn, "file://"), accountDSN.MatchString(dsn):
		return fmt.Errorf(`dsn: looks like the address of a database server, and driver is sqlite, which wants a file: "file:activity.db"`)
	}
	return nil
}
