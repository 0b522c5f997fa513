package dialect

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

const (
	// manyRuns is how many runs of ids are each looked up by a range.
	manyRuns = 8
	// runGap parts two runs.
	runGap = time.Minute
)

// Present implements [Prober]. The ids of a batch are mostly those of a few
// seconds, of which the table has few or none: one range of the index of the key
// is read for each such run. Where the table has many others in it, or where
// there are many runs, each id is looked up.
func (p Postgres) Present(ctx context.Context, tx *sql.Tx, table string, rows []row.Row) (map[activity.ID]bool, error) {
	// The key's index serves these, whatever the planner thinks of so many.
	if _, err := tx.ExecContext(ctx, "SET LOCAL enable_seqscan = off"); err != nil {
		return nil, fmt.Errorf("set planner: %w", err)
	}
	present := map[activity.ID]bool{}
	parts := runs(rows)
	if len(parts) > manyRuns {
		_, err := p.presentIDs(ctx, tx, table, rows, present)
		return present, err
	}
	for _, run := range parts {
		limit := 2*len(run) + 16
		n, err := p.presentRange(ctx, tx, table, run, limit, present)
		if err == nil && n == limit {
			_, err = p.presentIDs(ctx, tx, table, run, present)
		}
		if err != nil {
			return nil, err
		}
	}
	return present, nil
}

// runs parts rows, which are sorted, where nothing happened for a while.
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

func (p Postgres) presentRange(ctx context.Context, tx *sql.Tx, table string, run []row.Row, limit int, present map[activity.ID]bool) (int, error) {
	first, last := run[0].ID, run[len(run)-1].ID
	column, kind, from, to := "event_id", "::uuid", any(first.String()), any(last.String())
	if p.partitioned() {
		column, kind, from, to = "action_time", "", any(first.Time()), any(last.Time())
	}
	return note(ctx, tx, present, "SELECT event_id::text FROM "+Quote(table)+" WHERE "+column+" BETWEEN $1"+kind+" AND $2"+kind+" ORDER BY "+column+" LIMIT $3", from, to, limit)
}

// presentIDs looks up by time alone where the key begins with it, since two
// arrays would be looked up in all their combinations.
func (p Postgres) presentIDs(ctx context.Context, tx *sql.Tx, table string, rows []row.Row, present map[activity.ID]bool) (int, error) {
	ids, times := postgresKeys(rows)
	column, kind, keys := "event_id", "uuid[]", any(ids)
	if p.partitioned() {
		column, kind, keys = "action_time", "timestamptz[]", any(times)
	}
	return note(ctx, tx, present, "SELECT event_id::text FROM "+Quote(table)+" WHERE "+column+" = ANY ($1::"+kind+")", keys)
}

// note adds the ids that a query finds, and returns how many there were.
func note(ctx context.Context, tx *sql.Tx, present map[activity.ID]bool, query string, args ...any) (n int, err error) {
	result, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("look up rows: %w", err)
	}
	defer func() { _ = result.Close() }()
	for ; result.Next(); n++ {
		var text string
		if err := result.Scan(&text); err != nil {
			return n, fmt.Errorf("look up rows: %w", err)
		}
		if id, err := activity.ParseID(text); err == nil { // else it is not one of ours
			present[id] = true
		}
	}
	return n, result.Err()
}

// MaxRead implements [Reader].
func (Postgres) MaxRead() int { return 2000 }

// Read implements [Reader]. With the times, only the partitions are read that can
// have the ids.
func (p Postgres) Read(table string, columns []string, ids []activity.ID) (query string, args []any) {
	keys, times := make([]string, len(ids)), make([]time.Time, len(ids))
	for i, id := range ids {
		keys[i], times[i] = id.String(), id.Time()
	}
	names := strings.Join(columns, ", ")
	if p.partitioned() && !strings.HasSuffix(table, DeadLetterTable("")) {
		return "SELECT event_id::text, " + names + " FROM unnest($1::uuid[], $2::timestamptz[]) AS wanted (id, at) JOIN " + Quote(table) +
			" ON event_id = wanted.id AND action_time = wanted.at", []any{keys, times}
	}
	return "SELECT event_id::text, " + names + " FROM " + Quote(table) + " WHERE event_id = ANY ($1::uuid[])", []any{keys}
}
