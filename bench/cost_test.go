package bench

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/otelactivity/activitylog/bench/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// costQueued is how many records wait in the queue that is measured.
const costQueued = 50 * requestRows

// BenchmarkCost measures what a record costs each stage between a service and PostgreSQL: bytes on
// the wire, in the queue, in the table and in each index, in PostgreSQL's write-ahead log, and the
// processor time of the Collector and of PostgreSQL. examples/scale/size reckons with these.
// ACTIVITYLOG_BENCH_COST_ROWS says with how many records; the default is 300,000.
func BenchmarkCost(b *testing.B) {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("ACTIVITYLOG_BENCH_COST_ROWS"), strconv.Itoa(roundRows)))
	if err != nil || n < requestRows {
		b.Fatalf("ACTIVITYLOG_BENCH_COST_ROWS must be a number of rows, at least %d", requestRows)
	}
	server, db := emptyTable(b)
	for b.Loop() {
		for name, value := range costs(b, server, db, n) {
			b.ReportMetric(value, name)
		}
	}
	b.ReportMetric(0, "ns/op")
}

// TestCost goes through a small round.
func TestCost(t *testing.T) {
	server, db := emptyTable(t)
	found := costs(t, server, db, 20*requestRows)
	for _, name := range []string{"wire-B/record", "gzip-B/record", "queue-B/record", "table-B/record", "all-indexes-B/record",
		"index-actor-B/record", "WAL-B/record", "collector-µs/record", "postgres-µs/record", "records/s"} {
		if found[name] <= 0 {
			t.Errorf("%s is %v", name, found[name])
		}
	}
	if found["gzip-B/record"] >= found["wire-B/record"] {
		t.Errorf("compressed, a record has %v bytes, and not compressed %v", found["gzip-B/record"], found["wire-B/record"])
	}
}

// costs returns what each of n records costs, by the name of the metric.
func costs(tb testing.TB, server *pgtest.Server, db database, n int) map[string]float64 {
	tb.Helper()
	requests := newRequests(tb, n)
	found := map[string]float64{}
	plain, compressed, err := requests[0].Bytes()
	if err != nil {
		tb.Fatal(err)
	}
	found["wire-B/record"], found["gzip-B/record"] = float64(plain)/requestRows, float64(compressed)/requestRows
	before := db.number("SELECT (pg_current_wal_lsn() - '0/0')::bigint")
	m := collect(tb, server, db, requests)
	wal := db.number("SELECT (pg_current_wal_lsn() - '0/0')::bigint") - before
	found["collector-µs/record"], found["postgres-µs/record"], found["records/s"] = m.perRecord()/1000, m.database.Seconds()*1e6/float64(m.rows), m.rate()
	rows := float64(db.number("SELECT count(*) FROM activity_log"))
	found["WAL-B/record"] = float64(wal) / rows
	found["table-B/record"] = float64(db.number("SELECT pg_table_size('activity_log')")) / rows
	found["all-indexes-B/record"] = float64(db.number("SELECT pg_indexes_size('activity_log')")) / rows
	for name, size := range db.indexSizes() {
		found["index-"+name+"-B/record"] = float64(size) / rows
	}
	found["queue-B/record"] = queued(tb, requests[:min(len(requests), costQueued/requestRows)])
	return found
}

// indexSizes returns the bytes of each index of the table, by the middle of its name.
func (d database) indexSizes() map[string]int64 {
	d.tb.Helper()
	rows, err := d.conn.Query(d.tb.Context(), "SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) FROM pg_index WHERE indrelid = 'activity_log'::regclass")
	if err != nil {
		d.tb.Fatal(err)
	}
	sizes := map[string]int64{}
	var name string
	var size int64
	if _, err := pgx.ForEachRow(rows, []any{&name, &size}, func() error {
		sizes[strings.TrimSuffix(strings.TrimPrefix(name, "activity_log_"), "_idx")] = size
		return nil
	}); err != nil {
		d.tb.Fatal(err)
	}
	return sizes
}

// queued returns how many bytes a record takes in the queue of a Collector whose database is away.
func queued(tb testing.TB, requests []load.Request) float64 {
	tb.Helper()
	storage := tb.TempDir()
	c := collectortest.Start(tb, collectortest.Config{Driver: "postgres", Storage: storage,
		DSN: "postgres://nobody@" + testserver.FreeAddr(tb) + "/none?sslmode=disable"})
	defer c.Kill()
	if err := load.SendAll(tb.Context(), c.GRPC, senders, requests); err != nil {
		tb.Fatal(err)
	}
	var bytes int64
	err := filepath.WalkDir(storage, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return float64(bytes) / float64(len(requests)*requestRows)
}
