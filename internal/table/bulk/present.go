package bulk

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

const (
	// maxRuns is the most runs of ids that are looked up by a range each.
	maxRuns = 8
	// runGap is the time without a row that ends a run.
	runGap = time.Minute
)

// Present returns the ids of rows that exist in the table, and perhaps others. rows
// must be sorted by id. It changes nothing.
//
// The ids of a batch are mostly from a few seconds, from which the table has few rows
// or none. So if the dialect can, one range of the key's index is read for each such
// run. If the range has many other ids, or if there are many runs, each id is looked
// up.
func Present(ctx context.Context, tx *sql.Tx, by dialect.Lookup, table string, rows []row.Row) (map[activity.ID]bool, error) {
	p := present{tx: tx, by: by, table: table, found: map[activity.ID]bool{}}
	err := p.find(ctx, rows)
	if err != nil {
		return nil, fmt.Errorf("look up rows: %w", err)
	}
	return p.found, nil
}

// present is one search for ids.
type present struct {
	tx    *sql.Tx
	by    dialect.Lookup
	table string
	found map[activity.ID]bool
}

func (p *present) find(ctx context.Context, rows []row.Row) error {
	ranges, ok := p.by.(dialect.RangeLookup)
	if !ok {
		return p.ids(ctx, rows)
	}
	if _, err := p.tx.ExecContext(ctx, ranges.BeforeLookup()); err != nil {
		return err
	}
	parts := runs(rows)
	if len(parts) > maxRuns {
		return p.ids(ctx, rows)
	}
	for _, run := range parts {
		limit := 2*len(run) + 16
		query, args := ranges.LookupRange(p.table, run[0].ID, run[len(run)-1].ID, limit)
		n, err := p.note(ctx, query, args)
		if err == nil && n == limit {
			err = p.ids(ctx, run)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// runs splits sorted rows at gaps in time.
func runs(rows []row.Row) (all [][]row.Row) {
	start := 0
	for i := 1; i <= len(rows); i++ {
		if i == len(rows) || rows[i].ID.Time().Sub(rows[i-1].ID.Time()) > runGap {
			all = append(all, rows[start:i])
			start = i
		}
	}
	return all
}

// ids looks up each id.
func (p *present) ids(ctx context.Context, rows []row.Row) error {
	most := p.by.MaxLookup()
	if most == 0 {
		most = max(1, len(rows))
	}
	for part := range slices.Chunk(rows, most) {
		query, args := p.by.LookupIDs(p.table, part)
		if _, err := p.note(ctx, query, args); err != nil {
			return err
		}
	}
	return nil
}

// note adds the ids that a query finds, and returns how many there were.
func (p *present) note(ctx context.Context, query string, args []any) (n int, err error) {
	result, err := p.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	defer func() { _ = result.Close() }()
	for ; result.Next(); n++ {
		var text string
		if err := result.Scan(&text); err != nil {
			return n, err
		}
		if id, err := activity.ParseID(text); err == nil { // another id is not from us
			p.found[id] = true
		}
	}
	return n, result.Err()
}
