package sqldsn

import (
	"errors"
	"slices"
	"strings"
)

// ErrMySQL is the error of a data source name that is not one for MySQL.
var ErrMySQL = errors.New(`must be a data source name of MySQL or MariaDB, "user:password@tcp(host:3306)/database" ` +
	`or "user:password@unix(/path/to/socket)/database"; parameters follow a question mark, such as "?tls=true"; ` +
	`nothing in the password is encoded`)

// MySQLParts are the parts of a data source name for MySQL.
type MySQLParts struct {
	Server   string // "user:password@tcp(host:3306)"
	Database string // may be empty
	Params   string // "tls=true&timeout=5s", without the question mark
}

// ParseMySQL splits a data source name as github.com/go-sql-driver/mysql does:
// "user:password@tcp(host:3306)/database?tls=true", of which the password may have
// any character. Its error is [ErrMySQL]. What it takes can be given to the
// driver's ParseDSN, which panics at a parameter "strict".
func ParseMySQL(dsn string) (MySQLParts, error) {
	slash := strings.LastIndexByte(dsn, '/')
	if slash < 0 {
		return MySQLParts{}, ErrMySQL
	}
	parts := MySQLParts{Server: dsn[:slash]}
	parts.Database, parts.Params, _ = strings.Cut(dsn[slash+1:], "?")
	for param := range strings.SplitSeq(parts.Params, "&") {
		if strings.HasPrefix(param, "strict=") {
			return MySQLParts{}, ErrMySQL
		}
	}
	// A protocol that Go does not know may be a part of the password.
	protocol, _, _ := strings.Cut(parts.Server[strings.LastIndexByte(parts.Server, '@')+1:], "(")
	if !slices.Contains([]string{"", "tcp", "tcp4", "tcp6", "unix"}, protocol) {
		return MySQLParts{}, ErrMySQL
	}
	return parts, nil
}
