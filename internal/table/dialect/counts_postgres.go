package dialect

import (
	"strconv"
	"strings"
	"time"
)

var _ Counter = Postgres{}

const postgresHour = "date_trunc('hour', action_time AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"

// notCounted is the condition of a trigger: the transaction does not count by itself.
const notCounted = "current_setting('activitylog.counted', true) IS DISTINCT FROM 'yes'"

var postgresEvents = []struct{ name, event, when string }{
	{"insert", "INSERT", " WHEN (" + notCounted + ")"},
	{"delete", "DELETE", " WHEN (" + notCounted + ")"}, // rows that move to a new partition
	{"update", "UPDATE OF action_time, " + strings.Join(CountedColumns(), ", "), ""},
}

// CountTriggers implements [Counter]. The function has the rights of its owner, so that
// whoever may delete a row needs no right to the counts. Partitions get the triggers of
// their table.
func (Postgres) CountTriggers(table string) (statements []string) {
	function := Quote(countTrigger(table, "change"))
	statements = []string{
		"CREATE OR REPLACE FUNCTION " + function + "() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$ BEGIN" +
			" IF TG_OP = 'TRUNCATE' THEN UPDATE " + Quote(CountsStateTable(table)) + " SET state = '" + CountsBroken + "', changed_at = now() WHERE id = 1; RETURN NULL; END IF;" +
			" IF TG_OP <> 'INSERT' THEN " + change(table, "OLD", postgresHour, "-1") + " END IF;" +
			" IF TG_OP <> 'DELETE' THEN " + change(table, "NEW", postgresHour, "1") + " END IF;" +
			" RETURN NULL; END $$",
	}
	add := func(name, text string) {
		name = unqualified(countTrigger(table, name))
		statements = append(statements, "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = '"+Quote(table)+"'::regclass AND tgname = '"+name+
			"') THEN CREATE TRIGGER \""+name+"\" AFTER "+text+" EXECUTE FUNCTION "+function+"(); END IF; END $$")
	}
	for _, e := range postgresEvents {
		add(e.name, e.event+" ON "+Quote(table)+" FOR EACH ROW"+e.when)
	}
	add("truncate", "TRUNCATE ON "+Quote(table)+" FOR EACH STATEMENT")
	return statements
}

// DropCountTriggers implements [Counter].
func (Postgres) DropCountTriggers(table string) []string {
	return []string{"DROP FUNCTION IF EXISTS " + Quote(countTrigger(table, "change")) + "() CASCADE"}
}

// BeginCounted implements [Counter].
func (Postgres) BeginCounted(string) string { return "SET LOCAL activitylog.counted = 'yes'" }

// EndCounted implements [Counter]: the transaction ends it.
func (Postgres) EndCounted(string) string { return "" }

// AddCounts implements [Counter], with one array for each column.
func (p Postgres) AddCounts(table string, counts []Count) (query string, args []any) {
	hours, numbers := make([]time.Time, len(counts)), make([]int64, len(counts))
	var texts [len(counted)][]*string
	for i := range counts {
		hours[i], numbers[i] = counts[i].Hour, counts[i].N
		for j := range counted {
			var text *string
			if !counts[i].null(j) {
				text = &counts[i].Text[j]
			}
			texts[j] = append(texts[j], text)
		}
	}
	args = []any{hours}
	params := []string{"$1::timestamptz[]"}
	for j := range counted {
		args = append(args, texts[j])
		params = append(params, "$"+strconv.Itoa(j+2)+"::text[]")
	}
	params = append(params, "$"+strconv.Itoa(len(counted)+2)+"::bigint[]")
	return "INSERT INTO " + Quote(CountsTable(table)) + " (" + countColumns() + ") SELECT * FROM unnest(" + strings.Join(params, ", ") + ")", append(args, numbers)
}

// DeleteCounts implements [Counter], with one array, so that the text of the statement is
// always the same. A list would be a new statement each time, which the server reads and
// plans anew, and which pushes another one out of the driver's cache.
func (Postgres) DeleteCounts(table string, ids []int64) (query string, args []any) {
	return "DELETE FROM " + Quote(CountsTable(table)) + " WHERE id = ANY($1::bigint[])", []any{ids}
}

// CountHour implements [Counter].
func (Postgres) CountHour(at time.Time) any { return at.UTC().Truncate(time.Hour) }

// CountAll implements [Counter].
func (Postgres) CountAll(table string) string { return countAll(table, postgresHour) }

// BuildCounts implements [Counter].
func (Postgres) BuildCounts(table string) CountBuild {
	return CountBuild{
		Lock:     []string{"BEGIN", "SET LOCAL lock_timeout = '30s'", "LOCK TABLE " + Quote(table) + ", " + Quote(CountsTable(table)) + " IN SHARE ROW EXCLUSIVE MODE"},
		Snapshot: []string{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SELECT 1"},
		Unlock:   "COMMIT",
		Back:     "ROLLBACK",
	}
}

// SumOf implements [Counter].
func (Postgres) SumOf(column string) string { return "sum(" + column + ")::bigint" }

// CountedPartitioner is a [Partitioner] whose table may have counts.
type CountedPartitioner interface {
	// DropCountedPartition is [Partitioner.DropPartition] for a partition of the rows from
	// begin until before end, with their counts, if they are on.
	DropCountedPartition(table, name string, begin, end, recorded time.Time) []string
}

// DropCountedPartition implements [CountedPartitioner]. Nobody writes to the partition or
// to the counts meanwhile, so all counts of that time can be replaced by those of the rows
// that are kept. Counts that are being built would not know of it.
func (p Postgres) DropCountedPartition(table, name string, begin, end, recorded time.Time) []string {
	drop := p.DropPartition(table, name, recorded)
	quoted := Quote(name)
	if schema, _, ok := strings.Cut(table, "."); ok {
		quoted = Quote(schema + "." + name)
	}
	counts, state := Quote(CountsTable(table)), Quote(CountsStateTable(table))
	broken := "state = '" + CountsBuilding + "'"
	if !begin.Equal(begin.Truncate(time.Hour)) || !end.Equal(end.Truncate(time.Hour)) {
		broken = "state <> '" + CountsBroken + "'" // somebody made the partition, and not of whole hours
	}
	from, to := "'"+begin.UTC().Format(time.RFC3339)+"'", "'"+end.UTC().Format(time.RFC3339)+"'"
	columns := strings.Join(CountedColumns(), ", ")
	return []string{
		lockTimeout,
		p.BeginCounted(table),
		"LOCK TABLE " + quoted + " IN SHARE ROW EXCLUSIVE MODE",
		drop[1], // keep the later rows
		"LOCK TABLE ONLY " + Quote(table) + " IN ACCESS EXCLUSIVE MODE", // as DROP does; before the counts, as writers do
		"LOCK TABLE " + counts + " IN SHARE ROW EXCLUSIVE MODE",         // also for folds
		"UPDATE " + state + " SET state = '" + CountsBroken + "', changed_at = now() WHERE id = 1 AND " + broken,
		drop[2],
		"DELETE FROM " + counts + " WHERE hour >= " + from + " AND hour < " + to,
		drop[3],
		"INSERT INTO " + counts + " (" + countColumns() + ") SELECT " + postgresHour + ", " + columns +
			", count(*) FROM pg_temp.activitylog_kept WHERE EXISTS (SELECT 1 FROM " + state + ") GROUP BY 1, " + columns,
	}
}
