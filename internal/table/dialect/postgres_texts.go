package dialect

import (
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// Staging implements [Stager]. The columns are spelled out, because LIKE needs the
// right to read the table.
func (p Postgres) Staging(table string) Staging {
	columns := Columns()
	types := make([]string, len(columns))
	for i, column := range columns {
		types[i] = column + " " + postgresType(column, "jsonb")
	}
	staging := `"` + strings.ReplaceAll(table, ".", "_") + `_staging"`
	names := strings.Join(columns, ", ")
	return Staging{
		Table: "pg_temp." + staging,
		Before: []string{"CREATE TEMPORARY TABLE IF NOT EXISTS " + staging + " (" + strings.Join(types, ", ") +
			") ON COMMIT DELETE ROWS"},
		Merge: "INSERT INTO " + Quote(table) + " (" + names + ") SELECT " + names + " FROM pg_temp." + staging + " " + p.skip(),
	}
}

// MaxLookup implements [Lookup].
func (Postgres) MaxLookup() int { return 0 }

// BeforeLookup implements [RangeLookup]. It makes the planner use the index of the
// key, even for many ids.
func (Postgres) BeforeLookup() string { return "SET LOCAL enable_seqscan = off" }

// LookupRange implements [RangeLookup].
func (p Postgres) LookupRange(table string, first, last activity.ID, limit int) (query string, args []any) {
	column, kind, from, to := "event_id", "::uuid", any(first.String()), any(last.String())
	if p.partitioned() {
		column, kind, from, to = "action_time", "", any(first.Time()), any(last.Time())
	}
	return "SELECT event_id::text FROM " + Quote(table) + " WHERE " + column + " BETWEEN $1" + kind + " AND $2" + kind +
		" ORDER BY " + column + " LIMIT $3", []any{from, to, limit}
}

// LookupIDs implements [Lookup]. It looks up by time only if the key begins with the
// time, because two arrays would be looked up in all their combinations.
func (p Postgres) LookupIDs(table string, rows []row.Row) (query string, args []any) {
	ids, times := postgresKeys(rows)
	column, kind, keys := "event_id", "uuid[]", any(ids)
	if p.partitioned() {
		column, kind, keys = "action_time", "timestamptz[]", any(times)
	}
	return "SELECT event_id::text FROM " + Quote(table) + " WHERE " + column + " = ANY ($1::" + kind + ")", []any{keys}
}

// MaxRead implements [Reader].
func (Postgres) MaxRead() int { return 2000 }

// Read implements [Reader]. It also compares the times, so that only partitions that
// can have the ids are read.
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
