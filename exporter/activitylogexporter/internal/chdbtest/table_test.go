package chdbtest_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/chdbtest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// TestTable is about what is particular to ClickHouse.
func TestTable(t *testing.T) {
	server := chdbtest.Start(t)
	for name, test := range map[string]func(*testing.T, *chdbtest.Server){
		"the first copy stays, before and after merges":               firstCopy,
		"a batch may span any number of months":                       manyMonths,
		"what comes again after a delete is written again":            afterDelete,
		"a column may get another type meanwhile":                     otherType,
		"a dead letter has the time of its id":                        deadLetterTimes,
		"common questions read a small part of the table":             questions,
		"a month can be dropped, and rows can expire":                 retention,
		"the cluster's tables work on a cluster of one":               cluster,
		"a setting that acknowledges what is not written is an error": settings,
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) { test(t, server) })
	}
}

// table is a store and a connection to look at it.
type table struct {
	*store.Store
	t  *testing.T
	db *sql.DB
}

func openTable(t *testing.T, dsn string) *table { return openWith(t, dialect.ClickHouse{}, dsn, true) }

func openWith(t *testing.T, d dialect.Dialect, dsn string, createSchema bool) *table {
	t.Helper()
	full, err := d.DSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	o := &table{t: t}
	if o.db, err = sql.Open("clickhouse", full); err != nil {
		t.Fatal(err)
	}
	if o.Store, err = store.Open(store.Config{Dialect: d, DSN: dsn, Table: "activity_log", CreateSchema: createSchema}, quiet{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.db.Close(); _ = o.Close() })
	return o
}

func (o *table) write(rows ...row.Row) {
	o.t.Helper()
	if err := o.Write(o.t.Context(), slices.Clone(rows)); err != nil {
		o.t.Fatalf("write: %v", err)
	}
}

func (o *table) exec(statement string) {
	o.t.Helper()
	if _, err := o.db.ExecContext(o.t.Context(), statement); err != nil {
		o.t.Fatalf("%s: %v", statement, err)
	}
}

func (o *table) expect(want, query string) {
	o.t.Helper()
	var got string
	if err := o.db.QueryRowContext(o.t.Context(), "SELECT toString(("+query+"))").Scan(&got); err != nil {
		o.t.Fatalf("%s: %v", query, err)
	}
	if got != want {
		o.t.Errorf("%s: got %s, want %s", query, got, want)
	}
}

type quiet struct{}

func (quiet) Wrote(context.Context, int, int, time.Duration)  {}
func (quiet) Accepted(context.Context, int, time.Duration)    {}
func (quiet) DeadLettered(context.Context, []store.Rejection) {}
func (quiet) Conflicting(context.Context, []*row.Row)         {}
func (quiet) Did(context.Context, string)                     {}
func (quiet) Noted(context.Context, string, error)            {}
func (quiet) Unsupported(context.Context, error)              {}
func (quiet) Expired(context.Context, int)                    {}
func (quiet) Dropped(context.Context, string)                 {}

func firstCopy(t *testing.T, server *chdbtest.Server) {
	o := openTable(t, newDatabase(t, server, "first"))
	rows := dialecttest.Rows(100)
	for i := range 5 {
		for j := range rows {
			rows[j].Text[row.Remarks] = fmt.Sprint("copy ", i)
			rows[j].Text[row.ActorID] = fmt.Sprint("actor ", i) // an index finds the other copies
		}
		o.write(rows...)
	}
	check := func() {
		t.Helper()
		o.expect("100", "SELECT count() FROM activity_log")
		o.expect("100", "SELECT countIf(remarks = 'copy 0') FROM activity_log")
		o.expect("0", "SELECT count() FROM activity_log WHERE actor_id = 'actor 3'")
		o.expect("100", "SELECT count() FROM activity_log WHERE actor_id = 'actor 0'")
	}
	check()
	o.exec("OPTIMIZE TABLE activity_log_store FINAL")
	o.expect("100", "SELECT count() FROM activity_log_store")
	check()
	o.write(rows...)
	check()
}

func manyMonths(t *testing.T, server *chdbtest.Server) {
	o := openTable(t, newDatabase(t, server, "months"))
	rows := dialecttest.Rows(130) // by default, the limit is a hundred
	for i := range rows {
		rows[i].ID = activity.NewIDAt(time.Date(1990, time.Month(i), 1, 0, 0, 0, 0, time.UTC))
	}
	o.write(rows...)
	o.write(rows...)
	o.expect("130", "SELECT count() FROM activity_log")
	o.expect("130", "SELECT uniqExact(toYYYYMM(action_time)) FROM activity_log")
}

// afterDelete would fail with a deduplication window, in which a server that
// lost an insert remembers it.
func afterDelete(t *testing.T, server *chdbtest.Server) {
	o := openTable(t, newDatabase(t, server, "again"))
	rows := dialecttest.Rows(10)
	o.write(rows...)
	o.exec("DELETE FROM activity_log_store WHERE true")
	o.expect("0", "SELECT count() FROM activity_log")
	o.write(rows...)
	o.expect("10", "SELECT count() FROM activity_log")
}

// otherType: the types of the last block are not used for ever.
func otherType(t *testing.T, server *chdbtest.Server) {
	o := openTable(t, newDatabase(t, server, "type"))
	o.write(dialecttest.Rows(10)...)
	o.exec("ALTER TABLE activity_log_store MODIFY COLUMN session_id String DEFAULT ''")
	o.exec("ALTER TABLE activity_log_store MODIFY COLUMN status Enum8('Success' = 1, 'Failed' = 2)")
	rows := dialecttest.Rows(10) // without a session
	rows[3].Text[row.Status] = "Perhaps"
	o.write(rows...)
	o.expect("19", "SELECT count() FROM activity_log")
	o.expect("1", "SELECT count() FROM activity_log_dead_letter")
}

func deadLetterTimes(t *testing.T, server *chdbtest.Server) {
	o := openTable(t, newDatabase(t, server, "dead"))
	o.write(dialecttest.Rows(1)...)
	o.exec("ALTER TABLE activity_log_store ADD CONSTRAINT refuse CHECK actor_id <> 'refused'")
	rows := dialecttest.Rows(4)
	for i, at := range []time.Time{
		time.UnixMicro(0), time.UnixMicro(1_700_000_000_123_457), time.Date(2280, 1, 2, 3, 4, 5, 6000, time.UTC), time.UnixMilli(1<<48 - 1),
	} {
		rows[i].ID = activity.NewIDAt(at)
		rows[i].Text[row.ActorID] = "refused"
	}
	o.write(rows...)
	for i, want := range []string{"1970-01-01 00:00:00.000000", "2023-11-14 22:13:20.123457", "2280-01-02 03:04:05.000006", "NULL"} {
		o.expect(want, fmt.Sprintf("SELECT ifNull(toString(action_time), 'NULL') FROM activity_log_dead_letter WHERE event_id = '%s'", rows[i].ID))
	}
	o.expect("1", "SELECT count() FROM activity_log_dead_letter WHERE reason LIKE '%10889-08-02%'")
}

// questions looks at how many granules of the index the engine would read.
func questions(t *testing.T, server *chdbtest.Server) {
	o := openTable(t, newDatabase(t, server, "questions"))
	o.write(dialecttest.Rows(1)...)
	o.exec("TRUNCATE TABLE activity_log_store")
	o.exec(`INSERT INTO activity_log_store (event_id, action_time, actor_id, action_type, object_type, object_id, status, trace_id, source)
		SELECT generateUUIDv4(), toDateTime64('2026-03-01 00:00:00', 6, 'UTC') + toIntervalSecond(number), toString(intDiv(number, 20)), 'Login Failed',
			'article', toString(intDiv(number, 20)), 'Failed', lower(hex(sipHash128(number))), 'declared' FROM numbers(1000000)`)
	var id, trace string
	if err := o.db.QueryRowContext(t.Context(), "SELECT event_id, trace_id FROM activity_log LIMIT 1 OFFSET 500000").Scan(&id, &trace); err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{
		"actor_id = '777'", "object_type = 'article' AND object_id = '777'", "trace_id = '" + trace + "'", "event_id = '" + id + "'",
		"action_type = 'Login Failed' AND action_time > '2026-03-12 00:00:00'",
	} {
		plan := o.plan("EXPLAIN indexes = 1 SELECT * FROM activity_log WHERE " + where + " ORDER BY action_time DESC LIMIT 100")
		granules := regexp.MustCompile(`Granules: (\d+)/(\d+)`).FindAllStringSubmatch(plan, -1)
		if len(granules) < 3 {
			t.Fatalf("%s: no granules in\n%s", where, plan)
		}
		var least, all int
		for i, match := range granules {
			var n, of int
			_, _ = fmt.Sscan(match[1]+" "+match[2], &n, &of)
			if i == 0 {
				least, all = n, of
			}
			least = min(least, n)
		}
		if least*5 > all {
			t.Errorf("%s: reads %d granules of %d\n%s", where, least, all, plan)
		}
		o.expect("1", "SELECT count() > 0 FROM activity_log WHERE "+where)
	}
}

func (o *table) plan(explain string) string {
	o.t.Helper()
	result, err := o.db.QueryContext(o.t.Context(), explain)
	if err != nil {
		o.t.Fatalf("%s: %v", explain, err)
	}
	defer result.Close()
	var lines []string
	for result.Next() {
		var line string
		if err := result.Scan(&line); err != nil {
			o.t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := result.Err(); err != nil {
		o.t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func retention(t *testing.T, server *chdbtest.Server) {
	o := openTable(t, newDatabase(t, server, "retention"))
	rows := dialecttest.Rows(30)
	for i := range 10 {
		rows[i].ID = activity.NewIDAt(time.Date(2021, 5, 1, 0, 0, i, 0, time.UTC))
		rows[10+i].ID = activity.NewIDAt(time.Date(2021, 6, 1, 0, 0, i, 0, time.UTC))
	}
	o.write(rows...)
	o.exec("ALTER TABLE activity_log_store DROP PARTITION 202105")
	o.expect("20", "SELECT count() FROM activity_log")
	o.exec("ALTER TABLE activity_log_store MODIFY TTL toDateTime(action_time) + INTERVAL 1 YEAR")
	o.exec("OPTIMIZE TABLE activity_log_store FINAL")
	o.expect("10", "SELECT count() FROM activity_log")
}

// cluster runs the cluster's DDL with what needs a Keeper taken out: replication,
// and the queue that brings DDL to the other servers. What is left is sharding.
func cluster(t *testing.T, server *chdbtest.Server) {
	d := dialect.ClickHouse{Cluster: chdbtest.Cluster}
	dsn := newDatabase(t, server, "cluster")
	ddl, err := fs.ReadFile(d.Schema("activity_log"), "00001_activity_log.sql")
	if err != nil {
		t.Fatal(err)
	}
	alone := strings.NewReplacer(" ON CLUSTER '"+chdbtest.Cluster+"'", "",
		"ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', precedence)", "ReplacingMergeTree(precedence)")
	o := openWith(t, d, dsn, false)
	for statement := range strings.SplitSeq(alone.Replace(string(ddl)), ";\n") {
		if strings.Contains(statement, "CREATE") {
			o.exec(statement)
			o.exec(statement) // there is no lock: each must be safe to run twice
		}
	}
	rows := dialecttest.Rows(1000)
	o.write(rows...)
	for i := range rows {
		rows[i].Text[row.Remarks] = "changed"
	}
	o.write(rows...)
	o.expect("1000", "SELECT count() FROM activity_log")
	o.expect("0", "SELECT count() FROM activity_log WHERE remarks = 'changed'")
	o.expect("2000", "SELECT count() FROM activity_log_local")
	o.exec("ALTER TABLE activity_log_local ADD CONSTRAINT refuse CHECK actor_id <> 'refused'")
	rows = dialecttest.Rows(10)
	rows[5].Text[row.ActorID] = "refused"
	o.write(rows...)
	o.write(rows...)
	o.expect("1009", "SELECT count() FROM activity_log")
	o.expect("1", "SELECT count() FROM activity_log_dead_letter")
}

func settings(t *testing.T, server *chdbtest.Server) {
	_, err := dialect.ClickHouse{}.DSN(server.DSN("default") + "?wait_for_async_insert=0")
	if err == nil || !strings.Contains(err.Error(), "wait_for_async_insert") {
		t.Errorf("got %v, want an error that names the setting", err)
	}
}
