package sqldsn

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// ParseSQLite splits a path or an SQLite URI, "file:activity.db?mode=rw", at the
// question mark. name is the part before it, with "file:" if that was there.
func ParseSQLite(dsn string) (name string, params url.Values, err error) {
	name, query, _ := strings.Cut(dsn, "?")
	if strings.TrimPrefix(name, "file:") == "" {
		return "", nil, errors.New(`must name a file, such as "file:activity.db"`)
	}
	params, err = url.ParseQuery(query)
	if err != nil {
		return "", nil, errors.New("must have parameters after the question mark, such as mode=rw&cache=shared")
	}
	return name, params, nil
}

// SQLitePath returns the path of the file, or "" for a database in memory.
func SQLitePath(dsn string) string {
	path, query, _ := strings.Cut(dsn, "?")
	if rest, ok := strings.CutPrefix(path, "file:"); ok {
		path = strings.TrimPrefix(rest, "//")
		if unescaped, err := url.PathUnescape(path); err == nil {
			path = unescaped
		}
	}
	if path == ":memory:" || strings.Contains(query, "mode=memory") {
		return ""
	}
	return path
}

// account is a password between a name and an @, which no file has.
var account = regexp.MustCompile(`^[^/\\]*:[^/\\]*@`)

// otherPrefix is how other programs begin the name of a file of SQLite. Here it would be
// a part of that name, as "file:" is in any other case.
var otherPrefix = regexp.MustCompile(`(?i)^(jdbc:)?(sqlite3?(\+\w+)?|file):`)

// CheckSQLite refuses what SQLite would take for the name of a file, and anybody
// else for the data source name of another database. The file would have the
// password in its name.
func CheckSQLite(dsn string) error {
	if strings.HasPrefix(dsn, "file:") && !strings.HasPrefix(dsn, "file://") {
		dsn = strings.TrimPrefix(dsn, "file:")
	}
	if otherPrefix.MatchString(dsn) && !strings.HasPrefix(dsn, "file://") {
		return errors.New(`must be a file, with "file:" before it and nothing else, such as "file:activity.db" or "file:/var/lib/activity.db"`)
	}
	switch other := Kind(dsn); {
	case other != "" && other != SQLite:
		return fmt.Errorf("must be one for driver sqlite, and this is one for driver %s; set driver: %s, or leave driver empty", other, other)
	case strings.Contains(dsn, "://") && !strings.HasPrefix(dsn, "file://"), account.MatchString(dsn):
		return errors.New(`must be a file with driver sqlite, such as "file:activity.db"; this looks like the address of a database server`)
	}
	return nil
}
