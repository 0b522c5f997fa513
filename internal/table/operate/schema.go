package operate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// Migration is a numbered file of SQL.
type Migration struct {
	Version int
	Name    string // "00002_views.sql"
	SQL     string
}

// migrations returns the migrations of a table after a version.
func migrations(d dialect.Dialect, table string, after int) (all []Migration, err error) {
	schema := d.Schema(table)
	files, err := fs.Glob(schema, "*.sql")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		number, _, _ := strings.Cut(path.Base(file), "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("number of the migration %s: %w", file, err)
		}
		if version <= after {
			continue
		}
		text, err := fs.ReadFile(schema, file)
		if err != nil {
			return nil, fmt.Errorf("read the migration %s: %w", file, err)
		}
		all = append(all, Migration{version, file, plain(string(text))})
	}
	return all, nil
}

// plain returns a migration without the comments that are for goose.
func plain(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "-- +goose") {
			kept = append(kept, line)
		}
	}
	return strings.TrimSpace(strings.Join(kept, ""))
}

// view is a statement that creates a view, with the comment before it. No view has a ";".
var view = regexp.MustCompile(`(?m)(?:^-- .*\n)*^CREATE OR REPLACE VIEW (\S+) [^;]*;`)

// newestViews returns the SQL of a migration with those views alone that no later one
// replaces. PostgreSQL refuses to replace a view by an earlier one, which has fewer
// columns, so the SQL could not be run twice.
func newestViews(text string, later []Migration) string {
	return strings.TrimSpace(view.ReplaceAllStringFunc(text, func(statement string) string {
		name := view.FindStringSubmatch(statement)[1]
		for _, m := range slices.Backward(later) {
			for _, other := range view.FindAllStringSubmatch(m.SQL, -1) {
				if other[1] == name {
					return "-- The view " + name + " is in " + m.Name + "."
				}
			}
		}
		return statement
	}))
}

// Script returns the SQL that brings the tables from a version, 0 if there are none, to
// the newest. It also notes the versions, so that the exporter does not apply them
// again. After the newest version it is only a comment. It needs no database.
func Script(cfg Config, after int) (string, error) {
	d, err := cfg.find()
	if err != nil {
		return "", marked{ErrConfig, err}
	}
	if p, ok := d.(dialect.Partitioner); cfg.LateIndexes == lateOn && ok && p.Interval() == dialect.PartitionNone {
		return "", marked{ErrConfig, errors.New("late indexes need --partition month or day")}
	}
	all, err := migrations(d, cfg.table(), 0)
	if err != nil {
		return "", err
	}
	newest := all[len(all)-1].Version
	switch {
	case after < 0 || after > newest:
		return "", marked{ErrConfig, fmt.Errorf("--from must be 0 to %d, the newest version; got %d", newest, after)}
	case after == newest:
		return fmt.Sprintf("-- Version %d of the schema of %s for %s is the newest: there is nothing to do.\n", newest, cfg.table(), cfg.driver()), nil
	}
	all = slices.DeleteFunc(all, func(m Migration) bool { return m.Version <= after })
	var out strings.Builder
	fmt.Fprintf(&out, "-- The schema of %s for %s, from version %d to %d, by \"activitylog schema print\".\n", cfg.table(), cfg.driver(), after, newest)
	if after == 0 {
		out.WriteString("-- Each statement leaves what is there already.\n")
	}
	if d.Driver() == sqldsn.MySQL {
		out.WriteString("\nSET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',ANSI_QUOTES');\n")
	}
	var versions []int
	for i, m := range all {
		fmt.Fprintf(&out, "\n-- %s\n%s\n", m.Name, newestViews(m.SQL, all[i+1:]))
		versions = append(versions, m.Version)
	}
	notes, err := store.VersionStatements(d, cfg.table(), after == 0, versions...)
	if err != nil {
		return "", err
	}
	out.WriteString("\n-- The versions that were applied. One that is noted twice counts once.\n")
	for _, statement := range notes {
		out.WriteString(strings.TrimSuffix(statement, ";") + ";\n")
	}
	if p, ok := d.(dialect.Partitioner); ok && p.Interval() != dialect.PartitionNone {
		fmt.Fprintf(&out, "\n-- Until partitions are created, rows are in %s_default: \"activitylog schema apply\" creates them.\n", cfg.table())
	}
	return out.String(), nil
}

// Versions are the version of the schema in a database, 0 if it has none, and the newest
// that this program has.
type Versions struct {
	Database int `json:"database"`
	Program  int `json:"program"`
}

// Versions returns the versions of the schema. The error is [ErrDenied] for an account
// that may not read that of the database.
func (t *Table) Versions(ctx context.Context) (v Versions, err error) {
	v.Database, v.Program, err = t.store.Versions(ctx)
	return v, t.explain("read the version of the schema", err)
}

// Migrations returns all migrations of a kind of database. It needs no database.
func Migrations(cfg Config) ([]Migration, error) {
	d, err := cfg.find()
	if err != nil {
		return nil, marked{ErrConfig, err}
	}
	return migrations(d, cfg.table(), 0)
}

// Pending returns the migrations that [Table.Apply] would apply.
func (t *Table) Pending(ctx context.Context) ([]Migration, error) {
	v, err := t.Versions(ctx)
	if err != nil {
		return nil, err
	}
	return migrations(t.dialect, t.Name(), v.Database)
}

// Plan is what [Table.Apply] would do.
type Plan struct {
	Migrations []Migration
	store.Plan
}

// Plan returns what [Table.Apply] would do. It changes nothing.
func (t *Table) Plan(ctx context.Context) (plan Plan, err error) {
	if plan.Migrations, err = t.Pending(ctx); err != nil {
		return plan, err
	}
	plan.Plan, err = t.store.Plan(ctx, t.cfg.LateIndexes == lateOff)
	return plan, t.explainWith("look at the partitions", err, "")
}

// Applied is what [Table.Apply] did. If somebody else does the same at the same time, it
// includes what they did.
type Applied struct {
	Migrations []Migration
	Partitions []string
	Indexes    bool // late indexes were turned on or off, or made of a partition that was there
}

// Apply creates the tables, or brings them to the newest version, and creates the next
// partitions and late indexes. It waits while somebody else does the same, except for late
// indexes, which may take hours: it leaves them to who makes them, and notes that.
func (t *Table) Apply(ctx context.Context) (done Applied, err error) {
	if done.Migrations, err = t.Pending(ctx); err != nil {
		return done, err
	}
	had := map[string]bool{}
	before, _ := t.store.Spans(ctx) // fails if there is no table yet
	for _, span := range before {
		had[span.Name] = true
	}
	late, _ := t.store.Late(ctx) // the same
	if err := t.reopen(true); err != nil {
		return done, err
	}
	if err := t.store.Prepare(ctx); err != nil {
		return done, t.explainWith("apply the schema", err, "")
	}
	if t.cfg.LateIndexes == lateOff {
		if err := t.store.EndLate(ctx); err != nil {
			return done, t.explainWith("make the indexes of the table again", err, "")
		}
	}
	if err := t.store.Maintain(ctx); err != nil {
		return done, t.explainWith("apply the schema", err, "")
	}
	has, err := t.store.Late(ctx)
	if err != nil {
		return done, t.explainWith("look at the late indexes", err, "")
	}
	if has.Building || len(has.Missing) > 0 || t.cfg.LateIndexes == lateOn && !has.On {
		t.notes.Did(ctx, `Somebody else makes or drops indexes of this table at this moment, so late indexes are left to them. Later, "activitylog schema check" says whether all are there.`)
	}
	done.Indexes = !reflect.DeepEqual(late, has)
	after, err := t.store.Spans(ctx)
	for _, span := range after {
		if !had[span.Name] {
			done.Partitions = append(done.Partitions, span.Name)
		}
	}
	return done, err
}
