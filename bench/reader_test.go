package bench

import (
	"bytes"
	"cmp"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otelactivity/activitylog/bench/internal/proc"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// readerRows is how many rows the table has: ACTIVITYLOG_BENCH_READER_ROWS, or a million.
// make bench says 20 million.
func readerRows(tb testing.TB) int {
	tb.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("ACTIVITYLOG_BENCH_READER_ROWS"), "1000000"))
	if err != nil || n < 1 {
		tb.Fatalf("ACTIVITYLOG_BENCH_READER_ROWS must be a number of rows; got %q", os.Getenv("ACTIVITYLOG_BENCH_READER_ROWS"))
	}
	return n
}

// readerBegin is the time of the first row, and readerStep that between two, in milliseconds.
const (
	readerBegin = 1_780_000_000_000
	readerStep  = 500
)

// The columns that are filled, and their values for row i. A fifth of the rows each is of
// one actor, one object and failed logins, and half of them of one tenant, so that each has
// a thousandth page. The other rows have 1,600 actors, 8,000 objects and 250 tenants, and
// each trace twice. Half of the rows have a session, fifty rows each. A thousandth has an
// impersonator, of fifty; four fifths have one of 50,021 addresses. One row of 50,000 is of a
// service, an action and an import of their own. A row has about 450 bytes.
const (
	readerColumns = `event_id, action_time, actor_id, actor_type, actor_name, impersonator_id, tenant_id, action_type, action_name, status,
		object_type, object_id, remarks, data, client_address, user_agent, session_id, service_name, trace_id, span_id, source`
	readerValues = `CASE WHEN i %% 5 = 0 THEN 'heavy' ELSE 'actor ' || (i %% 2000) END, 'user', 'user' || (i %% 2000) || '@example.com',
		CASE WHEN i %% 1000 = 7 THEN 'support ' || (i / 1000 %% 50) END,
		CASE WHEN i %% 2 = 0 THEN 'heavy' ELSE 'tenant ' || (i %% 500) END,
		CASE WHEN i %% 5 = 2 THEN 'Login Failed' WHEN i %% 3 = 0 THEN 'Update' ELSE 'Read' END,
		CASE WHEN i %% 50000 = 13 THEN 'article.archive' ELSE 'PATCH /api/articles/{id}' END, 'Success',
		'article', CASE WHEN i %% 5 = 1 THEN 'heavy' ELSE CAST(i %% 10000 AS TEXT) END, 'user' || (i %% 2000) || '@example.com updated /api/articles/' || (i %% 10000),
		CASE WHEN i %% 50000 = 17 THEN '{"import":"2026-11","changes":{"title":["An old title","A new title"]}}' ELSE '{"changes":{"title":["An old title","A new title"]}}' END,
		CASE WHEN i %% 5 = 3 THEN '192.0.2.7' ELSE '2001:db8::' || (i %% 50021) END, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
		CASE WHEN i %% 2 = 1 THEN 'session ' || (i / 100) END, CASE WHEN i %% 50000 = 11 THEN 'import' ELSE 'blog' END, %[1]s, %[2]s, 'declared'`
)

// readerTime is the time of row i, in SQL.
var readerTime = fmt.Sprintf("(%d + i * %d)", readerBegin, readerStep)

// fillPostgres writes n rows.
func fillPostgres(d database, n int) {
	d.tb.Helper()
	hex := func(value string, digits int) string { return fmt.Sprintf("lpad(to_hex(%s), %d, '0')", value, digits) }
	id := "(" + hex(readerTime+" >> 16", 8) + " || " + hex(readerTime+" & 65535", 4) + " || '70008000' || " + hex("i", 12) + ")::uuid"
	values := strings.Replace(fmt.Sprintf(readerValues, hex("i / 2", 32), hex("i", 16)), "\"]}}' END", "\"]}}' END::jsonb", 1)
	indexes := d.dropIndexes()
	const part = 1_000_000
	for from := 0; from < n; from += part {
		d.execute(fmt.Sprintf("INSERT INTO activity_log (%s) SELECT %s, to_timestamp(%s / 1000.0), %s FROM generate_series(%d::bigint, %d) i",
			readerColumns, id, readerTime, values, from, min(from+part, n)-1))
	}
	for _, index := range indexes {
		d.execute(index)
	}
	d.execute("VACUUM ANALYZE activity_log")
}

// dropIndexes drops all indexes but the key, and returns the statements that make them
// again: a load without them takes a third of the time.
func (d database) dropIndexes() []string {
	d.tb.Helper()
	rows, err := d.conn.Query(d.tb.Context(), `SELECT indexname, indexdef FROM pg_indexes
		WHERE tablename = 'activity_log' AND indexname <> 'activity_log_pkey'`)
	if err != nil {
		d.tb.Fatal(err)
	}
	type index struct{ Indexname, Indexdef string }
	indexes, err := pgx.CollectRows(rows, pgx.RowToStructByName[index])
	if err != nil {
		d.tb.Fatal(err)
	}
	var statements []string
	for _, i := range indexes {
		d.execute("DROP INDEX " + pgx.Identifier{i.Indexname}.Sanitize())
		statements = append(statements, i.Indexdef)
	}
	return statements
}

// fillSQLite makes a file with n rows, and the collector's schema.
func fillSQLite(tb testing.TB, n int) (file string) {
	tb.Helper()
	file = filepath.Join(tb.TempDir(), "activity.db")
	c := collectortest.Start(tb, collectortest.Config{Driver: "sqlite", DSN: "file:" + file})
	db, err := sql.Open("sqlite", file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=busy_timeout(10000)")
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	hex := func(value string, digits int) string { return fmt.Sprintf("printf('%%0%dx', %s)", digits, value) }
	id := "printf('%08x-%04x-7000-8000-%012x', " + readerTime + " >> 16, " + readerTime + " & 65535, i)"
	fill := fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO activity_log (%s) SELECT %s, "+
		"strftime('%%Y-%%m-%%d %%H:%%M:%%S', %s / 1000, 'unixepoch') || printf('.%%06d', %[4]s %% 1000 * 1000), %[5]s FROM n",
		n-1, readerColumns, id, readerTime, fmt.Sprintf(readerValues, hex("i / 2", 32), hex("i", 16)))
	testserver.Eventually(tb, time.Minute, func() bool { // until the table is there
		_, err = db.ExecContext(tb.Context(), fill)
		return err == nil || !strings.Contains(err.Error(), "no such table")
	})
	if err == nil {
		c.Stop()
		_, err = db.ExecContext(tb.Context(), "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if err != nil {
		tb.Fatal(err)
	}
	return file
}

// servedRows is a PostgreSQL with n rows.
func servedRows(tb testing.TB, n int) (*pgtest.Server, database) {
	tb.Helper()
	server, db := emptyTable(tb)
	fillPostgres(db, n)
	return server, db
}

// spent is what a program has used.
type spent struct {
	took  time.Duration
	bytes int64 // the most resident memory
}

// program runs a program, and says what it used. What it prints goes to out, or is an error.
func program(tb testing.TB, out *os.File, name string, args ...string) (used spent) {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), name, args...)
	var wrong strings.Builder
	cmd.Stdout, cmd.Stderr = out, &wrong
	start := time.Now()
	err := cmd.Start()
	if err != nil {
		tb.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	// What the kernel says of a child that has ended has the memory of this process in it.
	for look := time.Tick(10 * time.Millisecond); ; {
		select {
		case err = <-ended:
			if err != nil {
				tb.Fatalf("%s %q: %v\n%s", name, args, err, wrong.String())
			}
			used.took = time.Since(start)
			return used
		case <-look:
			if memory, err := proc.ReadMemory(cmd.Process.Pid); err == nil {
				used.bytes = max(used.bytes, memory.Peak)
			}
		}
	}
}

// lines counts the lines of a file.
func lines(tb testing.TB, file string) (n int) {
	tb.Helper()
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	buffer := make([]byte, 1<<16)
	for {
		read, err := f.Read(buffer)
		n += bytes.Count(buffer[:read], []byte{'\n'})
		if err != nil {
			return n
		}
	}
}

// exporter is the program that exports: the command activitylog, which ACTIVITYLOG_COMMAND
// names, or one that does no more than it must.
func exporter(tb testing.TB) func(driver, dsn, file string) spent {
	tb.Helper()
	if command := os.Getenv("ACTIVITYLOG_COMMAND"); command != "" {
		return func(driver, dsn, file string) spent {
			tb.Setenv("ACTIVITYLOG_DRIVER", driver)
			tb.Setenv("ACTIVITYLOG_DSN", dsn)
			return program(tb, nil, command, "export", "--overwrite", "--output", file)
		}
	}
	binary := filepath.Join(tb.TempDir(), "export")
	program(tb, nil, "go", "build", "-o", binary, "./internal/export")
	return func(driver, dsn, file string) spent { return program(tb, nil, binary, driver, dsn, file) }
}

// BenchmarkExport writes all rows to CSV, and has psql and sqlite3 do the same, in turns. The
// command also writes Parquet, which is compared with the CSV of psql.
func BenchmarkExport(b *testing.B) {
	n := min(readerRows(b), 1_000_000)
	b.Run("postgres", func(b *testing.B) {
		server, _ := servedRows(b, n)
		psql := func(file string) spent {
			return program(b, nil, "psql", "-X", "-q", server.DSN(), "-c", `\copy activity_log TO '`+file+`' CSV HEADER`)
		}
		b.Run("csv", func(b *testing.B) { benchmarkExport(b, n, "postgres", server.DSN(), psql, "csv") })
		if os.Getenv("ACTIVITYLOG_COMMAND") == "" {
			b.Log("WITHOUT PARQUET: ACTIVITYLOG_COMMAND is not set; make bench sets it")
			return
		}
		b.Run("parquet", func(b *testing.B) { benchmarkExport(b, n, "postgres", server.DSN(), psql, "parquet") })
	})
	b.Run("sqlite", func(b *testing.B) {
		file := fillSQLite(b, n)
		benchmarkExport(b, n, "sqlite", "file:"+file, func(to string) spent {
			return program(b, nil, "sqlite3", "-readonly", file, ".headers on", ".mode csv", ".output "+to, "SELECT * FROM activity_log;")
		}, "csv")
	})
}

func benchmarkExport(b *testing.B, n int, driver, dsn string, other func(file string) spent, format string) {
	export := exporter(b)
	mine, theirs := filepath.Join(b.TempDir(), "mine."+format), filepath.Join(b.TempDir(), "theirs.csv")
	var ours, reference time.Duration
	var peak int64
	for b.Loop() {
		reference += other(theirs).took
		used := export(driver, dsn, mine)
		ours += used.took
		peak = max(peak, used.bytes)
	}
	for _, file := range []string{mine, theirs} {
		if format == "parquet" && file == mine {
			continue // the command's own tests read it
		}
		if got := lines(b, file); got != n+1 {
			b.Fatalf("%s has %d lines, want %d", file, got, n+1)
		}
	}
	b.ReportMetric(reference.Seconds()/ours.Seconds(), "of-client")
	b.ReportMetric(float64(n*b.N)/reference.Seconds(), "rows/s-client")
	b.ReportMetric(float64(n*b.N)/ours.Seconds(), "rows/s")
	b.ReportMetric(float64(peak)/(1<<20), "MiB")
	b.ReportMetric(0, "ns/op")
}

// TestExport is a small one, in which the two programs must agree on the number of rows.
func TestExport(t *testing.T) {
	file := fillSQLite(t, 2000)
	out := filepath.Join(t.TempDir(), "rows.csv")
	if used := exporter(t)("sqlite", "file:"+file, out); used.bytes == 0 {
		t.Error("the memory is not known")
	}
	if got := lines(t, out); got != 2001 {
		t.Errorf("%d lines, want 2001", got)
	}
}
