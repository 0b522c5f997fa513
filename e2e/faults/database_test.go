package faults_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/e2e/internal/outcome"
	"github.com/otelactivity/activitylog/internal/relaytest"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// records is a request of log records with these attributes, each of its own time
// and body.
func records(attributes ...load.List) load.Object {
	all := load.List{}
	for i, list := range attributes {
		all = append(all, load.Object{"timeUnixNano": fmt.Sprint(time.Now().UnixNano() + int64(i)*1000), "attributes": list})
	}
	return load.Object{"resourceLogs": load.List{load.Object{"scopeLogs": load.List{load.Object{"logRecords": all}}}}}
}

func mustPost(t *testing.T, c *collectortest.Collector, signal string, request load.Object) {
	t.Helper()
	if err := load.Post(t.Context(), c.HTTP, signal, request); err != nil {
		t.Fatal(err)
	}
}

func number(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// eventually waits until a query answers with a number, and returns how long. An error counts
// as another answer, because the collector creates the tables after it has started.
func eventually(t *testing.T, db *sql.DB, query string, want int, limit time.Duration) time.Duration {
	t.Helper()
	start := time.Now()
	for got := -1; db.QueryRowContext(t.Context(), query).Scan(&got) != nil || got != want; {
		if time.Since(start) > limit {
			t.Fatalf("%s: %d after %v, want %d", query, number(t, db, query), limit, want)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(start)
}

// TestRefusedRowsHoldNobodyUp has 10,000 rows refused at once, and some one by
// one, with an honest sender.
func TestRefusedRowsHoldNobodyUp(t *testing.T) {
	o := fault(t, atDoor, "10,000 rows refused at once, and 60 one by one; counted is an honest sender")
	server := pgtest.Start(t)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
	db := load.Open(t, "pgx", server.DSN())
	mustPost(t, c, "logs", records(load.Attributes(1, "")))
	eventually(t, db, "SELECT count(*) FROM activity_log", 1, 20*time.Second)
	if _, err := db.ExecContext(t.Context(), "ALTER TABLE activity_log ADD CONSTRAINT refuse CHECK (object_type IS DISTINCT FROM 'refused') NOT VALID"); err != nil {
		t.Fatal(err)
	}
	honest := load.StartHonest(c.HTTP)
	time.Sleep(time.Second)
	refused := func(n int) load.Object {
		all := make([]load.List, n)
		for i := range all {
			all[i] = load.List{load.Text(activity.ActionTypeKey, "Update"), load.Text(activity.ObjectTypeKey, "refused"), load.Text(activity.ObjectIDKey, fmt.Sprint(i))}
		}
		return records(all...)
	}
	start := time.Now()
	mustPost(t, c, "logs", refused(5000))
	mustPost(t, c, "logs", refused(5000))
	eventually(t, db, "SELECT count(*) FROM activity_log_dead_letter", 10_000, 20*time.Second)
	took := time.Since(start)
	o.Say("dead letters after %s", outcome.Seconds(took))
	if took > 10*time.Second { // with reading and queue, on a busy machine
		t.Errorf("10,000 refused rows were dead letters after %v, want 5s and some margin", took)
	} else {
		t.Logf("10,000 refused rows were dead letters after %v", took.Round(time.Millisecond))
	}
	for range 60 {
		mustPost(t, c, "logs", refused(1))
	}
	time.Sleep(time.Second)
	honest.Stop()
	o.Count(honest.Expect(t, db, "pgx", honestLate))
}

// TestLongAndEmptyValues has values that no database took: ids of 300 and of 3,000
// characters, and action types that are empty.
func TestLongAndEmptyValues(t *testing.T) {
	for driver, start := range map[string]func() (driver, dsn, isCut string){
		"sqlite": func() (driver, dsn, isCut string) {
			return "sqlite", "file:" + filepath.Join(t.TempDir(), "activity.db"), `data ->> '$."activity.cut"[0]'`
		},
		"postgres": func() (driver, dsn, isCut string) {
			return "pgx", pgtest.Start(t).DSN(), `data -> 'activity.cut' ->> 0`
		},
		"mysql": func() (driver, dsn, isCut string) {
			return "mysql", mariatest.Start(t).DSN(), `json_value(data, '$."activity.cut"[0]')`
		},
	} {
		t.Run(driver, func(t *testing.T) {
			o := fault(t, atDoor, "ids of 300 and 3,000 characters and empty action types, into "+driver+"; counted are they and an honest sender")
			driverSQL, dsn, isCut := start()
			longAndEmpty(t, o, collectortest.Config{Driver: driver, DSN: dsn}, driverSQL, isCut)
		})
	}
}

func longAndEmpty(t *testing.T, o *outcome.Line, config collectortest.Config, driver, isCut string) {
	t.Helper()
	c := collectortest.Start(t, config)
	db := load.Open(t, driver, config.DSN)
	honest := load.StartHonest(c.HTTP)
	var all []load.List
	for i := range 200 {
		all = append(all,
			load.List{load.Text(activity.ActionTypeKey, "Read"), load.Text(activity.ObjectTypeKey, "long"), load.Text(activity.ObjectIDKey, fmt.Sprint(i, strings.Repeat("x", 300)))},
			load.List{load.Text(activity.ActionTypeKey, "Read"), load.Text(activity.ObjectTypeKey, "long"), load.Text(activity.ObjectIDKey, fmt.Sprint(i, strings.Repeat("x", 3000)))},
			load.List{load.Text(activity.ActionTypeKey, ""), load.Text(activity.ObjectTypeKey, "empty"), load.Text(activity.ObjectIDKey, fmt.Sprint(i))})
	}
	mustPost(t, c, "logs", records(all...))
	time.Sleep(2 * time.Second)
	honest.Stop()
	result := honest.Expect(t, db, driver, honestLate)
	eventually(t, db, "SELECT count(*) FROM activity_log WHERE object_type IN ('long', 'empty')", len(all), 20*time.Second)
	result.Acknowledged, result.Rows = result.Acknowledged+len(all), result.Rows+len(all)
	o.Count(result)
	if n := number(t, db, "SELECT count(*) FROM activity_log WHERE action_type = 'Unknown'"); n != 200 {
		t.Errorf("%d rows are Unknown, want 200", n)
	}
	if n := number(t, db, "SELECT count(*) FROM activity_log WHERE length(object_id) = 255 AND "+isCut+" = 'object_id'"); n != 400 {
		t.Errorf("%d rows are marked as cut, want 400", n)
	}
	if n := number(t, db, "SELECT count(*) FROM activity_log_dead_letter"); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

// TestForgedIDs sends one activity by both signals, several times, and a forged one
// under its id, before a restart and after it.
func TestForgedIDs(t *testing.T) {
	o := fault(t, inDatabase, "one activity sent twelve times by both signals, and forged ones under its id")
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn})
	db := load.Open(t, "sqlite", dsn)
	at := time.Now()
	id := activity.NewIDAt(at).String()
	attributes := func(actor, status string) load.List {
		return load.List{load.Text(activity.IDKey, id), load.Text(activity.ActionTypeKey, "Delete"), load.Text(activity.ActorIDKey, actor),
			load.Text(activity.StatusKey, status), load.Text(activity.ObjectTypeKey, "article"), load.Text(activity.ObjectIDKey, "17")}
	}
	signals := func(list load.List, trace string) (logs, traces load.Object) {
		record := load.Object{"timeUnixNano": fmt.Sprint(at.UnixNano()), "traceId": trace, "spanId": "00f067aa0ba902b7",
			"body": load.Object{"stringValue": "alice deleted article 17"}, "attributes": list}
		span := load.Object{"traceId": trace, "spanId": "00f067aa0ba902b7", "name": "DELETE /articles/{id}", "kind": 2,
			"startTimeUnixNano": fmt.Sprint(at.UnixNano()), "endTimeUnixNano": fmt.Sprint(at.Add(time.Millisecond).UnixNano()),
			// The span knows more: an HTTP server span of the same request.
			"attributes": append(load.List{load.Text("http.request.method", "DELETE"), load.Text("http.route", "/articles/{id}"), load.Text("url.path", "/articles/17")}, list...)}
		return load.Object{"resourceLogs": load.List{load.Object{"scopeLogs": load.List{load.Object{"logRecords": load.List{record}}}}}},
			load.Object{"resourceSpans": load.List{load.Object{"scopeSpans": load.List{load.Object{"spans": load.List{span}}}}}}
	}
	send := func(list load.List) {
		logs, traces := signals(list, "4bf92f3577b34da6a3ce929d0e0e4736")
		for range 3 {
			mustPost(t, c, "logs", logs)
			mustPost(t, c, "traces", traces)
		}
	}
	send(attributes("alice", "Success"))
	eventually(t, db, "SELECT count(*) FROM activity_log", 1, 20*time.Second)
	c.Stop()
	c.Restart()
	send(attributes("alice", "Success"))
	c.Stop()
	if n := number(t, db, "SELECT count(*) FROM activity_log_dead_letter"); n != 0 {
		t.Fatalf("%d dead letters of honest signals, want none", n)
	}
	c.Restart()
	send(attributes("mallory", "Success"))
	send(attributes("alice", "Failed"))
	c.Stop()
	if n := number(t, db, "SELECT count(*) FROM activity_log WHERE actor_id = 'alice' AND status = 'Success'"); n != 1 {
		t.Errorf("%d true rows, want 1", n)
	}
	for _, forged := range []string{`%"actor_id":"mallory"%`, `%"status":"Failed"%`} {
		if n := number(t, db, "SELECT count(*) FROM activity_log_dead_letter WHERE reason = 'id exists with other content' AND record LIKE '"+forged+"'"); n == 0 {
			t.Errorf("the forged row %s is kept nowhere", forged)
		}
	}
	rows := number(t, db, "SELECT count(*) FROM activity_log")
	if rows != 1 {
		t.Errorf("%d rows, want 1", rows)
	}
	o.Count(load.Result{Acknowledged: 1, Rows: rows, Lost: max(0, 1-rows), Doubled: max(0, rows-1)})
	o.Say("the forged ones are dead letters")
}

// TestSilentDatabase has a database that accepts connections and says nothing when
// the collector starts, and speaks later.
func TestSilentDatabase(t *testing.T) {
	o := fault(t, inDatabase, "PostgreSQL accepts connections and says nothing when the collector starts")
	server := pgtest.Start(t)
	speak := make(chan struct{})
	stop := sync.OnceFunc(func() { close(speak) })
	t.Cleanup(stop)
	address := relaytest.Start(t, func() string { <-speak; return server.Address() })
	silent := strings.Replace(server.DSN(), server.Address(), address, 1)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: silent})
	honest := load.StartHonest(c.HTTP)
	time.Sleep(8 * time.Second)
	start := time.Now()
	c.Stop()
	took := time.Since(start)
	t.Logf("SIGTERM took %v while the database said nothing", took.Round(time.Millisecond))
	if took > 25*time.Second { // shutdown_timeout is 20 s
		t.Errorf("SIGTERM took %v, want 20s and some margin", took)
	}
	c.Restart()
	time.Sleep(3 * time.Second)
	stop()
	o.Over()
	o.Say("SIGTERM %s while it said nothing", outcome.Seconds(took))
	eventually(t, load.Open(t, "pgx", server.DSN()+"&default_transaction_read_only=on"), "SELECT count(*) FROM pg_tables WHERE tablename = 'activity_log'", 1, time.Minute)
	time.Sleep(time.Second)
	honest.Stop()
	o.Count(honest.Expect(t, load.Open(t, "pgx", server.DSN()), "pgx", 2*time.Minute))
}
