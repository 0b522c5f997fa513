// Package newdialect is what docs/maintain/dialects.md adds as an example: a dialect for
// Firebird, with a schema of its own.
package newdialect

import (
	"embed"
	"io/fs"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

//go:embed schema/*.sql
var schema embed.FS

// Firebird is Firebird 3 and newer by github.com/nakagami/firebirdsql. The
// statements are those of the dialect generic; a schema is what it adds.
type Firebird struct{ dialect.Generic }

// New returns the dialect.
func New() Firebird {
	// The driver gives an overlong text the SQLSTATE of a syntax error.
	return Firebird{dialect.Generic{SQLDriver: "firebirdsql", Placeholder: "?", From: "RDB$DATABASE", Refused: []string{"string truncation"}}}
}

// Goose implements [dialect.Dialect].
func (Firebird) Goose() string { return "firebird" }

// Schema implements [dialect.Dialect]. Names are not quoted, as in the statements.
func (Firebird) Schema(table string) fs.FS {
	return dialect.Expand(schema, "schema", "activity_log", table)
}

// CreateTable makes the table of versions, which goose does not know how to make.
// It commits at once: Firebird shows a new table to nobody before.
func (Firebird) CreateTable(table string) string {
	return "EXECUTE BLOCK AS BEGIN IN AUTONOMOUS TRANSACTION DO EXECUTE STATEMENT 'CREATE TABLE " + table +
		" (version_id BIGINT NOT NULL PRIMARY KEY, is_applied BOOLEAN NOT NULL, tstamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP)'; END"
}

// TableExists looks for it.
func (Firebird) TableExists(table string) string {
	return "SELECT count(*) > 0 FROM RDB$RELATIONS WHERE RDB$RELATION_NAME = UPPER('" + table + "')"
}
