package reader

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// Errors of [New] and of package reader/drivers.
var (
	// ErrNoTable is the error of a database without the table.
	ErrNoTable = errors.New("no such table")

	// ErrOldSchema is the error of a table that lacks a column.
	ErrOldSchema = errors.New("the schema is too old for this reader")
)

// check looks for the table and its columns.
func (r *Reader) check(ctx context.Context) error {
	found, err := r.strings(ctx, r.dialect.Columns(r.table))
	if err != nil {
		return fmt.Errorf("look for the table %s: %w", r.table, err)
	}
	if len(found) == 0 {
		return fmt.Errorf("%w: %s is not in this database, or this account may not see it; %s", ErrNoTable, r.table, r.create(ctx))
	}
	var missing []string
	for _, c := range activity.Columns() {
		if !slices.Contains(found, c.Name) {
			missing = append(missing, c.Name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: %s has %s and lacks the columns %s; start a collector of this release, which updates it",
			ErrOldSchema, r.table, r.hasVersion(ctx), strings.Join(missing, ", "))
	}
	err = r.query(ctx, "SELECT 1"+r.from()+" WHERE 1 = 0", nil, func(*sql.Rows) error { return nil })
	if err != nil {
		return fmt.Errorf("read %s: %w", r.table, err)
	}
	return nil
}

// create says how to get a table that is not there. The collector does not create one that
// was created before.
func (r *Reader) create(ctx context.Context) string {
	if r.version(ctx) == 0 {
		return "start the collector, which creates it"
	}
	return fmt.Sprintf("%[1]s_schema says that it was created: if it was dropped or renamed, restore it, or drop %[1]s_schema as well, "+
		"and the collector creates an empty one", r.table)
}

// hasVersion says which version the schema has, for people.
func (r *Reader) hasVersion(ctx context.Context) string {
	version := r.version(ctx)
	if version == 0 {
		return "no version that can be read (table " + r.table + "_schema)"
	}
	return fmt.Sprintf("schema version %d", version)
}

// version reads the version of the schema, 0 if none can be read.
func (r *Reader) version(ctx context.Context) int64 {
	var version sql.NullInt64
	if err := r.db.QueryRowContext(ctx, r.dialect.Version(r.table)).Scan(&version); err != nil {
		return 0
	}
	return version.Int64
}
