package operate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// resized is a table with partitions of a month that is to have those of a day from now on,
// with rows of each of the last forty days. No partition of this month is there, so that it
// takes effect today.
func resized(t *testing.T, server *server) (db *database, rows []row.Row) {
	t.Helper()
	db = server.open(t)
	applyAsPlanned(t, db, "month", "")
	for _, month := range []int{0, 1} {
		execute(t, "pgx", db.dsn, "DROP TABLE "+dialect.PartitionMonth.Add(time.Now(), month).Format("activity_log_p20060102"))
	}
	for day := range 40 {
		rows = append(rows, rowAt(time.Now().AddDate(0, 0, -day), "resized"))
	}
	applyAsPlanned(t, db, "day", "")
	return db, rows
}

// partitions returns what is said about them, which must be right.
func partitions(t *testing.T, table *operate.Table) string {
	t.Helper()
	all := table.Check(t.Context())
	worst(t, all, operate.OK)
	i := slices.IndexFunc(all, func(f operate.Finding) bool { return f.About == "partitions" })
	if i < 0 {
		t.Fatalf("nothing is said about partitions: %+v", all)
	}
	return all[i].Text
}

// ending is a query for the number of partitions that end at a time.
func ending(at time.Time) string {
	return "SELECT count(*) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = 'activity_log'::regclass " +
		"AND pg_get_expr(c.relpartbound, c.oid) LIKE '%TO (''" + at.Format(time.DateOnly) + "%'"
}

// The size of a partition may be changed: it is that of new ones. What is there stays, is
// dropped when it is old, gets late indexes when its time is over, and is counted.
func TestPartitionsOfAnotherSize(t *testing.T) {
	db, rows := resized(t, postgresServer(t, dialect.PartitionDay))
	db.exporter(t, rows...)
	table := db.table(t)
	if got := partitions(t, table); !strings.HasSuffix(got, ", by month and by day, with the next one") {
		t.Errorf("got %q, want both sizes", got)
	}
	last := dialect.PartitionDay.Add(time.Now(), 7)
	db.exec(t, last.Format("DROP TABLE activity_log_p20060102"))
	applyAsPlanned(t, db, "", "") // finds out that new ones are days
	db.number(t, 1, ending(last.AddDate(0, 0, 1)))

	if n, err := table.RebuildCounts(t.Context()); err != nil || n != 40 {
		t.Errorf("counted %d rows: %v", n, err)
	}
	applyAsPlanned(t, db, "", "on")
	hasLate(t, db.table(t), operate.OK, "on: partitions get those")
	applyAsPlanned(t, db, "month", "") // and back: months get what days leave
	if got := partitions(t, db.table(t)); !strings.Contains(got, "by month and by day") {
		t.Errorf("got %q, want both sizes", got)
	}
	db.number(t, 1, ending(dialect.PartitionMonth.Add(time.Now(), 2)))
	db.exporter(t, rows...) // which are all there
	db.count(t, 40, 0)

	db.exec(t, "UPDATE activity_log SET recorded_at = action_time")
	if err := db.table(t).Prune(t.Context(), dialect.PartitionDay.Floor(time.Now())); err != nil {
		t.Fatal(err)
	}
	db.number(t, 0, "SELECT count(*) FROM pg_class WHERE relname = 'activity_log_p"+dialect.PartitionMonth.Add(time.Now(), -1).Format("20060102")+"'")
	if all := db.table(t).Doctor(t.Context()); found(all, "counts", operate.Fail, "") {
		t.Errorf("the counts are wrong: %+v", all)
	}
	var left, counted int
	if err := db.sql.QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM activity_log), (SELECT sum(n) FROM activity_log_counts)").Scan(&left, &counted); err != nil {
		t.Fatal(err)
	}
	if left != counted || left > 2 || left < 1 { // of today, and perhaps of a moment before midnight
		t.Errorf("%d rows are left, and %d are counted", left, counted)
	}
}
