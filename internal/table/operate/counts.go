package operate

import (
	"context"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// Counts is what a table of counts has.
type Counts struct {
	State string // "usable", "building", "broken", or "off"
	Rows  int    // that are counted
	Size  int    // rows of the table of counts
}

// checkCounter returns an error for a database that keeps no counts.
func (t *Table) checkCounter() error {
	if _, ok := t.dialect.(dialect.Counter); ok {
		return nil
	}
	return marked{ErrConfig, fmt.Errorf("%s keeps no counts: only sqlite, postgres, mysql and mariadb do (docs/adr/0029-counts.md)", sqldsn.ClickHouse)}
}

// Counts returns what the table of counts has.
func (t *Table) Counts(ctx context.Context) (c Counts, err error) {
	if err := t.checkCounter(); err != nil {
		return c, err
	}
	state, err := t.store.CountsState(ctx)
	if err != nil {
		return c, t.explain("look at the counts", err)
	}
	if c.State = state.State; c.State == "" {
		c.State = "off"
		return c, nil
	}
	counts := dialect.Quote(dialect.CountsTable(t.Name()))
	if c.Size, err = t.store.Count(ctx, "SELECT count(*) FROM "+counts); err == nil {
		c.Rows, err = t.store.Count(ctx, "SELECT coalesce(sum(n), 0) FROM "+counts)
	}
	return c, t.explain("look at the counts", err)
}

// RebuildCounts counts all rows, and turns counts on. Collectors may write meanwhile. It
// returns the number of rows.
func (t *Table) RebuildCounts(ctx context.Context) (rows int64, err error) {
	if err := t.checkCounter(); err != nil {
		return 0, err
	}
	if err := t.store.Prepare(ctx); err != nil {
		return 0, t.unusable(err)
	}
	rows, err = t.store.BuildCounts(ctx)
	return rows, t.explain("count the rows of "+t.Name(), err)
}

// RemoveCounts turns counts off.
func (t *Table) RemoveCounts(ctx context.Context) error {
	if err := t.checkCounter(); err != nil {
		return err
	}
	return t.explain("turn off the counts", t.store.RemoveCounts(ctx))
}

// FoldCounts puts the counts of the same key together, and returns how many fewer there
// are. A collector with create_schema: true does it by itself.
func (t *Table) FoldCounts(ctx context.Context) (saved int, err error) {
	if err := t.checkCounter(); err != nil {
		return 0, err
	}
	saved, err = t.store.FoldCounts(ctx)
	return saved, t.explain("put the counts together", err)
}

// checkCounts compares the counts of the last full day with its rows.
func (t *Table) checkCounts(ctx context.Context) []Finding {
	counter, ok := t.dialect.(dialect.Counter)
	if !ok {
		return nil
	}
	state, err := t.store.CountsState(ctx)
	rebuild := `"activitylog counts --rebuild" counts all rows; collectors may write meanwhile`
	switch {
	case err != nil:
		return []Finding{{Warn, "counts", err.Error(), t.ifDenied(err, "use an account that may read "+dialect.CountsStateTable(t.Name()))}}
	case state.State == "":
		return nil
	case state.State != dialect.CountsUsable:
		return []Finding{{Warn, "counts", "they are not used: their state is " + state.State, rebuild}}
	}
	_, newest, err := t.ends(ctx)
	if err == nil && newest.IsZero() { // somebody may have emptied the table behind the counts
		return t.checkEmptyCounts(ctx, rebuild)
	}
	if err != nil {
		return nil
	}
	day := newest.UTC().Truncate(24 * time.Hour)
	apart, err := t.store.CountsApart(ctx, counter, day.AddDate(0, 0, -1), day)
	text := "those of " + day.AddDate(0, 0, -1).Format(time.DateOnly)
	switch {
	case err != nil:
		return []Finding{{Warn, "counts", "they could not be compared with rows: " + err.Error(), ""}}
	case apart.Rows != apart.Counted:
		return []Finding{{Fail, "counts", fmt.Sprintf("%s say %d rows, and there are %d", text, apart.Counted, apart.Rows), rebuild}}
	}
	return []Finding{{OK, "counts", fmt.Sprintf("they are used; %s are those of the %d rows", text, apart.Rows), ""}}
}

// checkEmptyCounts looks whether the counts of a table without rows say so.
func (t *Table) checkEmptyCounts(ctx context.Context, rebuild string) []Finding {
	counts, err := t.Counts(ctx)
	switch {
	case err != nil:
		return []Finding{{Warn, "counts", "they could not be read: " + err.Error(), ""}}
	case counts.Rows != 0:
		return []Finding{{Fail, "counts", fmt.Sprintf("they say %d rows, and the table is empty", counts.Rows), rebuild}}
	}
	return []Finding{{OK, "counts", "they are used; the table is empty", ""}}
}
