package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/pressly/goose/v3/database"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// VersionStatements returns the statements that note migrations as applied, as
// [Migrations] would: one that creates the table of versions and notes version 0, if
// create is set, and one for each of the versions.
func VersionStatements(d dialect.Dialect, table string, create bool, versions ...int) (statements []string, err error) {
	inner, err := newVersionTable(d, table)
	if err != nil {
		return nil, fmt.Errorf("name version table: %w", err)
	}
	recorded := &recorder{}
	if create {
		err = inner.CreateVersionTable(context.Background(), recorded)
		versions = append([]int{0}, versions...)
	}
	for _, version := range versions {
		err = errors.Join(err, inner.Insert(context.Background(), recorded, database.InsertRequest{Version: int64(version)}))
	}
	return recorded.statements, err
}

// recorder is a database that keeps statements instead of running them.
type recorder struct{ statements []string }

var _ database.DBTxConn = (*recorder)(nil)

// parameter is a parameter of a statement: "$1" or "?".
var parameter = regexp.MustCompile(`\$\d|\?`)

// ExecContext implements goose's database.DBTxConn. The arguments are numbers and
// booleans.
func (r *recorder) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	n := 0
	query = parameter.ReplaceAllStringFunc(query, func(string) string {
		n++
		return fmt.Sprint(args[n-1])
	})
	query = strings.TrimSpace(query)
	if rest, ok := strings.CutPrefix(query, "CREATE TABLE "); ok && !strings.HasPrefix(rest, "IF NOT EXISTS") {
		query = "CREATE TABLE IF NOT EXISTS " + rest // for one who runs them twice
	}
	r.statements = append(r.statements, query)
	return driver.RowsAffected(1), nil
}

// QueryContext implements goose's database.DBTxConn.
func (*recorder) QueryContext(context.Context, string, ...any) (*sql.Rows, error) {
	return nil, errors.ErrUnsupported
}

// QueryRowContext implements goose's database.DBTxConn.
func (*recorder) QueryRowContext(context.Context, string, ...any) *sql.Row { return nil }
