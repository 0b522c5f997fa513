package bench

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otelactivity/activitylog/bench/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// database is a connection to the private PostgreSQL, for what the benchmarks
// do themselves.
type database struct {
	tb   testing.TB
	conn *pgx.Conn
}

func connect(tb testing.TB, dsn string) database {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close(context.Background()) })
	return database{tb: tb, conn: conn}
}

func (d database) execute(statement string, args ...any) {
	d.tb.Helper()
	if _, err := d.conn.Exec(d.tb.Context(), statement, args...); err != nil {
		d.tb.Fatalf("%s: %v", statement, err)
	}
}

func (d database) number(query string, args ...any) (n int) {
	d.tb.Helper()
	if err := d.conn.QueryRow(d.tb.Context(), query, args...).Scan(&n); err != nil {
		d.tb.Fatalf("%s: %v", query, err)
	}
	return n
}

// emptyTable starts a PostgreSQL with an empty table.
func emptyTable(tb testing.TB) (*pgtest.Server, database) {
	tb.Helper()
	server := pgtest.Start(tb)
	db := connect(tb, server.DSN())
	makeSchema(tb, server, db)
	return server, db
}

// makeSchema lets a Collector make it.
func makeSchema(tb testing.TB, server *pgtest.Server, db database) {
	tb.Helper()
	c := collectortest.Start(tb, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
	defer c.Stop()
	db.awaitTable("activity_log")
}

// awaitTable waits until a Collector has made a table and what belongs to it.
func (d database) awaitTable(table string) {
	d.tb.Helper()
	for deadline := time.Now().Add(patience); d.number("SELECT count(*) FROM pg_class WHERE relname = $1", table+"_dead_letter") == 0; {
		if time.Now().After(deadline) {
			d.tb.Fatalf("the Collector did not make %s", table)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// empty makes what comes after it start from the same state.
func (d database) empty(tables ...string) {
	d.tb.Helper()
	for _, table := range tables {
		d.execute("TRUNCATE " + table)
	}
	d.execute("CHECKPOINT")
}

// await returns when the activities 0 to n-1 are rows of table, each one of
// them. Counting would take the processor from what is measured: it looks for one
// of each thousand until these are there, and counts then.
func (d database) await(table, key string, n int, patience time.Duration) {
	d.tb.Helper()
	var sample []string
	for i := n - 1; i >= 0; i -= 1000 {
		sample = append(sample, load.New(i).ID.String())
	}
	there := fmt.Sprintf("SELECT count(*) FROM %s WHERE %s = ANY ($1)", table, pgx.Identifier{key}.Sanitize())
	rows := 0
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if d.number(there, sample) < len(sample) {
			continue
		}
		if rows = d.number("SELECT count(*) FROM " + table); rows >= n {
			break
		}
	}
	if rows != n {
		d.tb.Fatalf("%s has %d rows, want %d; waited for %v at most", table, d.number("SELECT count(*) FROM "+table), n, patience)
	}
}

// slowDown makes the database take so many rows a second, over all connections.
func (d database) slowDown(rate int) {
	d.tb.Helper()
	d.execute(fmt.Sprintf(`CREATE FUNCTION slow_down() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM pg_advisory_xact_lock(1), pg_sleep((SELECT count(*) FROM added) / %d.0);
			RETURN NULL;
		END $$`, rate))
	d.execute(`CREATE TRIGGER slow_down AFTER INSERT ON activity_log REFERENCING NEW TABLE AS added
		FOR EACH STATEMENT EXECUTE FUNCTION slow_down()`)
}

// copyRows writes activities 0 to n-1 into activity_log by pgx.CopyFrom, ready
// rows, in batches, and returns how long it took.
func (d database) copyRows(n int) measure {
	d.tb.Helper()
	ready := make([][]any, n)
	for i := range ready {
		a := load.New(i)
		ready[i] = a.Row()
	}
	columns := load.ColumnNames()
	d.empty("activity_log")
	rest()
	start := time.Now()
	for batch := range slices.Chunk(ready, batchRows) {
		_, err := d.conn.CopyFrom(d.tb.Context(), pgx.Identifier{"activity_log"}, columns, pgx.CopyFromRows(batch))
		if err != nil {
			d.tb.Fatalf("copy: %v", err)
		}
	}
	return measure{rows: n, took: time.Since(start)}
}

// insertRows writes activities 0 to n-1 into activity_log, each by an INSERT of
// its own, and returns how long it took.
func (d database) insertRows(n int) measure {
	d.tb.Helper()
	columns := load.ColumnNames()
	insert := "INSERT INTO activity_log ("
	values := ""
	for i, column := range columns {
		if i > 0 {
			insert, values = insert+", ", values+", "
		}
		insert, values = insert+column, values+fmt.Sprintf("$%d", i+1)
	}
	insert += ") VALUES (" + values + ")"
	d.empty("activity_log")
	rest()
	start := time.Now()
	for i := range n {
		a := load.New(i)
		d.execute(insert, a.Row()...) // pgx prepares it once
	}
	return measure{rows: n, took: time.Since(start)}
}

// asTelegraf makes the table "logs": activity_log with the same columns and
// indexes, but for the names that Telegraf uses, and the type text where it can
// write no other.
func (d database) asTelegraf() {
	d.tb.Helper()
	d.execute("DROP TABLE IF EXISTS logs")
	d.execute("CREATE TABLE logs (LIKE activity_log INCLUDING ALL)")
	d.execute("ALTER TABLE logs ALTER event_id TYPE text, ALTER data DROP DEFAULT, ALTER data TYPE text")
	names := map[string]string{"action_time": "time", "remarks": "body", "data": "attributes"}
	for _, column := range load.Columns() {
		name := column.Attribute
		if own, ok := names[column.Name]; ok {
			name = own
		}
		if name != "" {
			d.execute("ALTER TABLE logs RENAME COLUMN " + column.Name + " TO " + pgx.Identifier{name}.Sanitize())
		}
	}
}
