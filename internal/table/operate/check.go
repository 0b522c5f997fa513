package operate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// Check compares the tables with the schema of this program.
func (t *Table) Check(ctx context.Context) []Finding {
	all := []Finding{t.checkTable(ctx)}
	if all[0].Level == Fail {
		return append(all, t.checkVersion(ctx))
	}
	all = append(all, t.checkVersion(ctx))
	all = append(all, t.checkThings(ctx)...)
	all = append(all, t.checkPartitions(ctx)...)
	return append(all, t.checkLate(ctx)...)
}

func schemaOf(table string) string {
	schema, _, ok := strings.Cut(table, ".")
	if !ok {
		return ""
	}
	return schema
}

func (t *Table) checkTable(ctx context.Context) Finding {
	err := t.store.Prepare(ctx)
	if err == nil {
		return Finding{OK, "table", t.Name() + " has all columns, of the right types", ""}
	}
	return Finding{Fail, "table", err.Error(), t.todo(ctx, err)}
}

// todo says what to do about a table that cannot be used. "schema apply" creates tables
// where none were, and brings older ones to the newest version. It changes no others.
func (t *Table) todo(ctx context.Context, err error) string {
	v, _ := t.Versions(ctx)
	changed := errors.Is(err, store.ErrNoColumn) || errors.Is(err, store.ErrWrongType)
	switch {
	case errors.Is(err, store.ErrNoTable) && v.Database == 0:
		return `"activitylog schema apply" creates it`
	case errors.Is(err, store.ErrNoTable):
		return "it was dropped or renamed: restore it; or drop " + dialect.SchemaTable(t.Name()) + ` as well, and "activitylog schema apply" creates an empty one`
	case changed && 0 < v.Database && v.Database < v.Program:
		return `"activitylog schema apply" brings it to the newest version`
	case changed:
		return `change it as "activitylog schema print" has it, or use --table if it is another program's`
	}
	return ""
}

func (t *Table) checkVersion(ctx context.Context) Finding {
	v, err := t.Versions(ctx)
	text := fmt.Sprintf("version %d, and this program has version %d", v.Database, v.Program)
	switch {
	case errors.Is(err, ErrDenied):
		return Finding{Warn, "version", "unknown: the account may not read " + dialect.SchemaTable(t.Name()), "use an account that may, such as the owner of the tables"}
	case err != nil:
		return Finding{Warn, "version", err.Error(), ""}
	case v.Database == 0:
		return Finding{Warn, "version", "no version is noted in " + dialect.SchemaTable(t.Name()),
			`if the tables are right, "activitylog schema apply" notes it, and leaves them`}
	case v.Database < v.Program:
		return Finding{Warn, "version", text, `run "activitylog schema apply", or start a collector of this release with create_schema: true`}
	case v.Database > v.Program:
		return Finding{Warn, "version", text, "update this program, and the collectors"}
	}
	return Finding{OK, "version", fmt.Sprintf("version %d, the newest", v.Database), ""}
}

// checkThings looks for the tables, views and indexes of the schema.
func (t *Table) checkThings(ctx context.Context) []Finding {
	wanted, err := dialect.SchemaThings(t.dialect, t.Name())
	if err != nil {
		return []Finding{{Fail, "schema", err.Error(), ""}}
	}
	there := map[dialect.Thing]bool{}
	err = t.query(ctx, t.dialect.Things(t.Name()), nil, 2, func(values []any) error {
		there[dialect.Thing{Kind: textOf(values[0]), Name: textOf(values[1])}] = true
		return nil
	})
	if err != nil {
		return []Finding{{Warn, "schema", "tables, views and indexes could not be listed: " + err.Error(), t.ifDenied(err, "check the rights of the account")}}
	}
	missing := map[string][]string{}
	for _, thing := range wanted {
		if !there[thing] {
			missing[thing.Kind] = append(missing[thing.Kind], thing.Name)
		}
	}
	var all []Finding
	for kind, level := range map[string]Level{"table": Fail, "view": Warn, "index": Warn} {
		if names := missing[kind]; len(names) > 0 {
			todo := `"activitylog schema print" has the statement for each; it leaves what is there`
			if kind == "table" && t.onlyCounts(names) { // rows are written without them
				level, todo = Warn, `if the schema is older, "activitylog schema apply" creates them; else `+todo
			}
			all = append(all, Finding{level, kind, "missing, or hidden from this account: " + strings.Join(names, ", "), todo})
		}
	}
	slices.SortFunc(all, func(a, b Finding) int { return strings.Compare(a.About, b.About) })
	if len(all) == 0 {
		all = []Finding{{OK, "schema", fmt.Sprintf("all %d tables, views and indexes are there", len(wanted)), ""}}
	}
	return all
}

// onlyCounts reports whether tables are those of counts, which an older schema lacks.
func (t *Table) onlyCounts(names []string) bool {
	for _, name := range names {
		if !strings.HasSuffix(dialect.CountsTable(t.Name()), name) && !strings.HasSuffix(dialect.CountsStateTable(t.Name()), name) {
			return false
		}
	}
	return true
}

// checkPartitions looks whether the partitions of now and of the next month or day are
// there.
func (t *Table) checkPartitions(ctx context.Context) []Finding {
	p, ok := t.dialect.(dialect.Partitioner)
	if !ok || p.Interval() == dialect.PartitionNone {
		return nil
	}
	spans, err := t.store.Spans(ctx)
	if err != nil {
		return []Finding{{Fail, "partitions", err.Error(), ""}}
	}
	has := func(at time.Time) bool {
		for _, span := range spans {
			if !at.Before(span.Begin) && at.Before(span.End) {
				return true
			}
		}
		return false
	}
	apply := `run "activitylog schema apply" now, and each ` + string(p.Interval()) + `; a collector with create_schema: true does it itself`
	now := time.Now()
	switch next := p.Interval().Add(now, 1); {
	case !has(now):
		return []Finding{{Fail, "partitions", "there is no partition for now: rows go to " + t.Name() + "_default", apply}}
	case !has(next):
		return []Finding{{Warn, "partitions", "there is no partition from " + next.Format(time.DateOnly), apply}}
	}
	return []Finding{{OK, "partitions", fmt.Sprintf("%d, %s, with the next one", len(spans), sizes(spans)), ""}}
}

// sizes says of what sizes partitions are: the setting may have been changed.
func sizes(spans []store.Span) string {
	var by []string
	for _, size := range []dialect.Partition{dialect.PartitionMonth, dialect.PartitionDay} {
		if slices.ContainsFunc(spans, func(s store.Span) bool { return sizeOf(s) == size }) {
			by = append(by, "by "+string(size))
		}
	}
	return strings.Join(by, " and ")
}

// checkLate looks whether partitions whose time is over have got their late indexes.
func (t *Table) checkLate(ctx context.Context) []Finding {
	late, err := t.store.Late(ctx)
	const apply = `a collector with create_schema: true makes it within an hour; or run "activitylog schema apply"`
	switch {
	case err != nil:
		return []Finding{{Warn, "late indexes", err.Error(), ""}}
	case late.Building:
		return []Finding{{OK, "late indexes", "one is made at this moment", ""}}
	case len(late.Taken) > 0:
		return []Finding{{Warn, "late indexes", "they were on, and SQL made the index of the table again, with these as its parts: " + strings.Join(late.Taken, ", "),
			`run "activitylog schema apply --late-indexes on", or a collector with late_indexes: true does it within an hour; with "off" they stay off`}}
	case len(late.Twice) > 0:
		return []Finding{{Warn, "late indexes", "they were to be turned on, and that is not finished; these are there beside parts of the table's index: " + strings.Join(late.Twice, ", "),
			`run "activitylog schema apply" with "--late-indexes on" or "off"; a collector with late_indexes: true finishes it within an hour`}}
	case len(late.Missing) > 0:
		return []Finding{{Warn, "late indexes", "missing on partitions whose time is over: " + strings.Join(late.Missing, ", "), apply}}
	case len(late.Unwhole) > 0:
		return []Finding{{Warn, "late indexes", "turned off, but partitions lack the index: " + strings.Join(late.Unwhole, ", "), `run "activitylog schema apply --late-indexes off" again`}}
	case late.On:
		return []Finding{{OK, "late indexes", "on: partitions get those of actors and traces when their time is over, and all such have them", ""}}
	}
	return nil
}
