package sqldsn

import (
	"os"
	"path/filepath"
	"strings"
)

// Primary codes of SQLite: sqlite.org/rescode.html.
const (
	codeReadOnly = 8
	codeIO       = 10
	codeCorrupt  = 11
	codeCantOpen = 14
	codeNotADB   = 26
)

// IsFile reports whether a data source name is nothing but the name of a file of SQLite,
// which may be shown: any other may have a password. driver may be "".
func IsFile(driver, dsn string) bool {
	if driver == "" {
		driver = Kind(dsn)
	}
	return driver == SQLite && CheckSQLite(dsn) == nil && !strings.ContainsAny(dsn, "?@;=")
}

// SQLiteFile is [SQLitePath] from the root of the file system, for errors: a relative one
// says nothing to whoever does not know the folder.
func SQLiteFile(dsn string) string {
	path := SQLitePath(dsn)
	if path == "" {
		return ""
	}
	if absolute, err := filepath.Abs(path); err == nil {
		return absolute
	}
	return path
}

// FileTrouble is the end of an error of SQLite, which has a code and says neither the file
// nor the reason: ": open /var/a.db: permission denied". It is "" if there is nothing to
// add. It does not open the file: closing it would end the locks that this process has on
// it by SQLite.
func FileTrouble(dsn string, code int) string {
	path := SQLiteFile(dsn)
	if path == "" {
		return ""
	}
	switch code & 0xff {
	case codeNotADB:
		return ": " + path + " is not a file of SQLite"
	case codeCorrupt:
		return ": " + path + " is damaged"
	case codeCantOpen, codeIO:
		return ": " + whyNot(path)
	case codeReadOnly:
		return ": this account may not write to the folder of " + path + ", or to its -wal and -shm; a reader must, too"
	}
	return ""
}

// whyNot says why a file cannot be opened, or at least which one it is.
func whyNot(path string) string {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err.Error()
	case info.IsDir():
		return path + " is a folder"
	case !info.Mode().IsRegular():
		return path + " is not a file"
	}
	if err := mayRead(path); err != nil {
		return "open " + path + ": " + err.Error()
	}
	return "the file is " + path
}
