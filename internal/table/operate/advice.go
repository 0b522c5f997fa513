package operate

import (
	"context"
	"errors"
	"io/fs"
	"net"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// Advice says what to do about an error of [Open] that is [ErrDatabase].
func (c Config) Advice(err error) string {
	const other = ", or set ACTIVITYLOG_DSN to the database that the collector writes to"
	var ofName *net.DNSError
	var ofNetwork *net.OpError
	d, wrong := c.find()
	switch {
	case errors.Is(err, fs.ErrNotExist): // the error says how to create it
		return "set ACTIVITYLOG_DSN to the file that the collector writes to"
	case wrong == nil && refusals[d.Goose()][d.Classify(err).Code] != "":
		return refusals[d.Goose()][d.Classify(err).Code] + other
	case errors.As(err, &ofName):
		return "correct the host in the DSN" + other
	case errors.As(err, &ofNetwork), errors.Is(err, context.DeadlineExceeded):
		return "start it" + other
	}
	return "read the error" + other
}

// ifDenied returns what to do about an error, if it is one of a missing right.
func (t *Table) ifDenied(err error, todo string) string {
	if t.dialect.Classify(err).Kind == dialect.Denied {
		return todo
	}
	return ""
}

// What to do about databases that refuse a connection.
const (
	notThere = "create the database on the server (docs/databases)"
	noLogin  = "correct the account and its password in the DSN"
)

// refusals are the codes of [dialect.Verdict] that a new connection gets, by the name that
// goose has for the dialect, and what to do about them.
var refusals = map[string]map[string]string{
	"sqlite3": {
		"14":   "make it a file that this account may read", // SQLITE_CANTOPEN
		"26":   "restore the file from a backup, if it was one of SQLite",
		"1544": "let this account write to the folder of the file", // SQLITE_READONLY_DIRECTORY
	},
	"postgres":   {"3D000": notThere, "28P01": noLogin, "28000": noLogin},
	"mysql":      {"1049": notThere, "1044": noLogin, "1045": noLogin},
	"clickhouse": {"81": notThere, "516": noLogin},
}
