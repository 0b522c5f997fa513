package operate

import (
	"context"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// Old is what [Table.Prune] removes.
type Old struct {
	Rows       int         `json:"rows"` // without those of the partitions
	Letters    int         `json:"dead_letters"`
	Partitions []Partition `json:"partitions,omitempty"`
	Kept       *Partition  `json:"kept,omitempty"` // it has older rows too, and stays
}

// Partition is a partition with the number of its rows.
type Partition struct {
	Name  string    `json:"name"`
	Begin time.Time `json:"begin"`
	End   time.Time `json:"end"`
	Rows  int       `json:"rows"`
}

// Nothing reports whether there is nothing to remove.
func (o *Old) Nothing() bool { return o.Rows == 0 && o.Letters == 0 && len(o.Partitions) == 0 }

// CountOld returns what [Table.Prune] removes.
func (t *Table) CountOld(ctx context.Context, before time.Time) (old Old, err error) {
	if pruner, ok := t.dialect.(dialect.Pruner); ok {
		for table, n := range map[string]*int{t.Name(): &old.Rows, dialect.DeadLetterTable(t.Name()): &old.Letters} {
			query, args := pruner.CountPruned(table, before)
			if *n, err = t.store.Count(ctx, query, args...); err != nil {
				return old, t.explain("count old rows of "+table, err)
			}
		}
		return old, nil
	}
	counted, err := t.store.CountOld(ctx, before)
	if err != nil {
		return old, t.explain("look for what to remove", err)
	}
	old.Rows, old.Letters = counted.Rows, counted.Letters
	spans, err := t.store.Spans(ctx)
	if err != nil {
		return old, t.explain("list the partitions", err)
	}
	for _, span := range spans {
		if !span.Begin.Before(before) {
			continue
		}
		p := Partition{Name: span.Name, Begin: span.Begin.UTC(), End: span.End.UTC()}
		if p.Rows, err = t.store.Count(ctx, "SELECT count(*) FROM "+dialect.Quote(t.partition(span.Name))); err != nil {
			return old, t.explain("count the rows of "+span.Name, err)
		}
		if span.End.After(before) {
			old.Kept = &p
			continue
		}
		old.Partitions = append(old.Partitions, p)
	}
	return old, nil
}

// partition returns the name of a partition with the schema of the table.
func (t *Table) partition(name string) string {
	if schema := schemaOf(t.Name()); schema != "" {
		return schema + "." + name
	}
	return name
}

// Prune removes the rows, and the dead letters, whose time and recorded_at are before a
// time. It is safe to stop at any point, and to run again. Of a partition that ends later
// nothing is removed.
func (t *Table) Prune(ctx context.Context, before time.Time) error {
	if before.After(time.Now()) {
		return marked{ErrConfig, fmt.Errorf("the time must be in the past; got %s", before.Format(time.RFC3339))}
	}
	if err := t.checkDeletes(ctx); err != nil {
		return err
	}
	pruner, ok := t.dialect.(dialect.Pruner)
	if !ok {
		t.notes.begin()
		defer t.notes.sum(ctx) // also of what was removed before an error
		return t.explain("remove old rows", t.store.Prune(ctx, before))
	}
	for _, table := range []string{t.Name(), dialect.DeadLetterTable(t.Name())} {
		query, args := pruner.PruneRows(table, before)
		if err := t.store.Exec(ctx, query, args...); err != nil {
			return t.explain("remove old rows of "+table, err)
		}
	}
	return nil
}
