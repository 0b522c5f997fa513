package activitylogexporter

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/rowtest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// largeRows is how many rows the large tables have; ACTIVITYLOG_BENCH_ROWS sets it.
func largeRows(b *testing.B) int {
	b.Helper()
	n, err := strconv.Atoi(os.Getenv("ACTIVITYLOG_BENCH_ROWS"))
	if err != nil {
		b.Skip("SKIPPED: ACTIVITYLOG_BENCH_ROWS is not set to the size of the tables; make bench sets 20000000")
	}
	return n
}

// largeDays is how many days the rows are of: twenty million rows in 400 days are 1.5
// million a month. ACTIVITYLOG_BENCH_DAYS sets it, to have as many a month with fewer rows.
func largeDays() int {
	if n, err := strconv.Atoi(os.Getenv("ACTIVITYLOG_BENCH_DAYS")); err == nil {
		return n
	}
	return 400
}

// BenchmarkLarge fills a table with rows of 400 days, as the exporter makes it,
// and measures in it the queries that must stay fast, and how many rows a
// second come in; against pgx.CopyFrom into the same table, and for one with
// partitions, into an empty one without, which has all indexes.
func BenchmarkLarge(b *testing.B) {
	rows := largeRows(b)
	for _, d := range []dialect.Postgres{
		{Partition: dialect.PartitionNone}, {Partition: dialect.PartitionMonth},
		{Partition: dialect.PartitionMonth, LateIndexes: true}, {Partition: dialect.PartitionDay},
	} {
		name := "partition=" + string(d.Partition)
		if d.LateIndexes {
			name += ",late_indexes"
		}
		b.Run(name, func(b *testing.B) {
			server := pgtest.Start(b)
			change := func(cfg *Config) { cfg.Partition, cfg.LateIndexes = Partition(d.Partition), d.LateIndexes }
			ours := synchronous(b, "postgres", server.DSN(), change)
			must(b, ours.ConsumeLogs(b.Context(), rowtest.Logs(dialecttest.Rows(1))))
			must(b, ours.Maintain(b.Context())) // which makes the partition of now
			conn := connect(b, server.DSN())
			defer conn.Close(context.Background())
			fill(b, conn, rows, d.Partition)
			must(b, ours.Maintain(b.Context())) // which makes late indexes
			for _, query := range largeQueries {
				b.Run(query.name, func(b *testing.B) { timeQuery(b, conn, query.sql) })
			}
			b.Run("ingest", func(b *testing.B) { ingestLarge(b, conn, ours.ConsumeLogs, d) })
		})
	}
}

// ingestLarge writes batches in turns, one by the exporter and one raw.
func ingestLarge(b *testing.B, conn *pgx.Conn, consume func(context.Context, plog.Logs) error, d dialect.Postgres) {
	table := "activity_log"
	if d.Partition != dialect.PartitionNone {
		table = "raw"
		execute(b, conn, `CREATE TABLE raw (LIKE activity_log INCLUDING ALL)`)
		defer execute(b, conn, `DROP TABLE raw`)
	}
	if d.LateIndexes { // the raw table has what activity_log lacks
		execute(b, conn, `CREATE INDEX ON raw (actor_id, action_time)`)
		execute(b, conn, `CREATE INDEX ON raw USING hash (trace_id)`)
	}
	execute(b, conn, "CHECKPOINT") // and no more, as in five minutes of a server's life
	var ours, raw time.Duration
	for b.Loop() {
		for range batches {
			b.StopTimer()
			signal, args := rowtest.Logs(dialecttest.Rows(batchRows)), readyCopy(dialecttest.Rows(batchRows))
			b.StartTimer()
			start := time.Now()
			must(b, consume(b.Context(), signal))
			ours += time.Since(start)
			start = time.Now()
			_, err := conn.CopyFrom(b.Context(), pgx.Identifier{table}, dialect.Columns(), pgx.CopyFromRows(args))
			must(b, err)
			raw += time.Since(start)
		}
	}
	report(b, batches*batchRows, ours, raw)
}

// largeQueries are those that must stay under 10 ms.
var largeQueries = []struct{ name, sql string }{
	{"last 100", `SELECT * FROM activity_log ORDER BY action_time DESC LIMIT 100`},
	{"last 100 of an actor with a million rows", `SELECT * FROM activity_log WHERE actor_id = '1' ORDER BY action_time DESC LIMIT 100`},
	{"of an actor with few rows", `SELECT * FROM activity_log WHERE actor_id = '9950' ORDER BY action_time DESC LIMIT 100`},
	{"of an object", `SELECT * FROM activity_log WHERE object_type = 'invoice' AND object_id = '4711' ORDER BY action_time DESC LIMIT 100`},
	{"failed logins of the last day", `SELECT * FROM activity_log WHERE action_type = 'Login Failed' AND action_time > now() - interval '1 day' ORDER BY action_time DESC`},
	{"by trace id", `SELECT * FROM activity_log WHERE trace_id = md5('4711x')`},
}

// timeQuery reports the time of the first run and of the next ones, and prints
// the plan.
func timeQuery(b *testing.B, conn *pgx.Conn, query string) {
	ask := func() (n int, took time.Duration) {
		start := time.Now()
		result, err := conn.Query(b.Context(), query)
		must(b, err)
		for result.Next() {
			n++
		}
		must(b, result.Err())
		return n, time.Since(start)
	}
	n, first := ask()
	var warm time.Duration
	for b.Loop() {
		_, took := ask()
		warm += took
	}
	b.ReportMetric(float64(n), "rows")
	b.ReportMetric(first.Seconds()*1000, "ms-first")
	b.ReportMetric(warm.Seconds()*1000/float64(b.N), "ms-warm")
	b.ReportMetric(0, "ns/op")
	if os.Getenv("ACTIVITYLOG_BENCH_EXPLAIN") != "" {
		result, err := conn.Query(b.Context(), "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) "+query)
		must(b, err)
		plan, err := pgx.CollectRows(result, pgx.RowTo[string])
		must(b, err)
		fmt.Printf("%s\n%s\n", query, strings.Join(plan, "\n"))
	}
}

// fill adds n rows of the last 400 days ([largeDays]): 10,000 actors, of whom one has a
// twentieth of the rows and a hundred have 20 or so, a million objects. It makes
// the indexes again at the end, since that is faster.
func fill(b *testing.B, conn *pgx.Conn, n int, partition dialect.Partition) {
	b.Helper()
	if partition != dialect.PartitionNone {
		for begin := partition.Floor(time.Now().AddDate(0, 0, -largeDays())); begin.Before(partition.Add(time.Now(), -1)); begin = partition.Add(begin, 1) {
			statements := dialect.Postgres{Partition: partition}.AddPartition("activity_log", begin, partition.Add(begin, 1))
			execute(b, conn, "BEGIN; "+strings.Join(statements, "; ")+"; COMMIT")
		}
	}
	result, err := conn.Query(b.Context(), `SELECT replace(indexdef, ' ON ONLY ', ' ON '), indexname FROM pg_indexes
		WHERE tablename = 'activity_log' AND indexname NOT LIKE '%pkey'`)
	must(b, err)
	type index struct{ Definition, Name string }
	indexes, err := pgx.CollectRows(result, pgx.RowToStructByPos[index])
	must(b, err)
	for _, i := range indexes {
		execute(b, conn, "DROP INDEX "+pgx.Identifier{i.Name}.Sanitize())
	}
	execute(b, conn, strings.NewReplacer("$n", strconv.Itoa(n), "$days", strconv.Itoa(largeDays())).Replace(fillSQL))
	execute(b, conn, "SET maintenance_work_mem = '1GB'")
	for _, i := range indexes {
		execute(b, conn, i.Definition)
	}
	execute(b, conn, "VACUUM (ANALYZE) activity_log")
}

func execute(b *testing.B, conn *pgx.Conn, statement string) {
	b.Helper()
	if _, err := conn.Exec(b.Context(), statement); err != nil {
		b.Fatalf("%s: %v", statement, err)
	}
}

// fillSQL makes rows in the order of their times.
const fillSQL = `
INSERT INTO activity_log (event_id, action_time, actor_id, actor_type, actor_name, tenant_id, action_type, action_name, status,
	object_type, object_id, remarks, data, client_address, user_agent, service_name, trace_id, span_id, source)
SELECT (lpad(to_hex(us / 1000), 12, '0') || to_hex(28672 + ((us % 1000) * 4096 + 999) / 1000) || '8' || substr(h, 1, 15))::uuid,
	'epoch'::timestamptz + us * interval '1 microsecond',
	CASE WHEN action <> 'Login Failed' THEN actor::text END, 'user', 'user' || actor || '@example.com', 'acme',
	action, CASE WHEN login THEN 'POST /login' ELSE 'PATCH /api/articles/{id}' END,
	CASE WHEN action = 'Login Failed' OR r3 < 0.015 THEN 'Failed' ELSE 'Success' END,
	CASE WHEN NOT login THEN (ARRAY['article', 'comment', 'invoice', 'order', 'user', 'product', 'category', 'page', 'image', 'ticket'])[1 + object / 100000] END,
	CASE WHEN NOT login THEN (object % 100000)::text END,
	'user' || actor || '@example.com updated /api/articles/' || object % 100000,
	'{"changes": {"title": ["An old title", "A new title"]}}', '192.0.2.7',
	'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'blog', h, substr(h, 9, 16), 'declared'
FROM (
	SELECT us, h, r3, r1 < 0.08 AS login,
		CASE WHEN r1 < 0.005 THEN 'Login Failed' WHEN r1 < 0.05 THEN 'Login' WHEN r1 < 0.08 THEN 'Logout' WHEN r1 < 0.3 THEN 'Create'
			WHEN r1 < 0.4 THEN 'Delete' WHEN r1 < 0.6 THEN 'Read' ELSE 'Update' END AS action,
		CASE WHEN r2 < 0.05 THEN 1 WHEN r2 < 0.0501 THEN 9901 + floor(r4 * 100)::int ELSE 2 + floor(9898 * power(r4, 2.5))::int END AS actor,
		floor(r5 * 1000000)::int AS object
	FROM (
		SELECT (extract(epoch FROM now() - interval '$days days') * 1000000)::bigint + i * ($days * 86400000000 / $n) AS us,
			md5(i || 'x') AS h, random() AS r1, random() AS r2, random() AS r3, random() AS r4, random() AS r5
		FROM generate_series(1, $n::bigint) AS i OFFSET 0
	) AS random OFFSET 0
) AS made`
