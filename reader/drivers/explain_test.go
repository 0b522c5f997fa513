package drivers_test

import (
	"cmp"
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// first is the time of the first row of the large table, and step that between two.
var first = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)

const step = 20 * time.Second

// large returns the statements that fill a table with n rows: 2,000 actors, 10,000
// objects, each trace twice, one failed login in a hundred, one act in a hundred in the name of
// others, by 20 people, and an actor "early" with the first twentieth of all rows.
func large(driver string, n int) []string {
	begin := first.UnixMilli()
	columns := "(event_id, action_time, actor_id, actor_type, impersonator_id, tenant_id, action_type, action_name, status, object_type, object_id, remarks, " +
		"client_address, session_id, service_name, trace_id, source)"
	values := `, CASE WHEN i < %[1]d THEN 'early' ELSE %[2]s END, 'user', CASE WHEN i %% 100 = 1 THEN %[6]s END, %[3]s,
		CASE WHEN i %% 100 = 0 THEN 'Login Failed' WHEN i %% 3 = 0 THEN 'Update' ELSE 'Read' END, 'GET /articles/{id}', 'Success',
		'article', %[4]s, 'somebody did something to an article', '127.0.0.1', %[2]s, 'blog', %[5]s, 'declared'`
	switch driver {
	case "sqlite":
		id := fmt.Sprintf("printf('%%08x-%%04x-7000-8000-%%012x', (%d + i * 20000) >> 16, (%[1]d + i * 20000) & 65535, i)", begin)
		return []string{fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO activity_log %s SELECT %s, "+
			"strftime('%%Y-%%m-%%d %%H:%%M:%%S', %d + i * 20, 'unixepoch') || '.000000'", n-1, columns, id, begin/1000) +
			fmt.Sprintf(values, n/20, "'actor ' || (i % 2000)", "'tenant ' || (i % 500)", "CAST(i % 10000 AS TEXT)", "printf('%032x', i / 2)", "'support ' || (i / 100 % 20)") + " FROM n"}
	case "postgres":
		id := fmt.Sprintf("(lpad(to_hex((%d + i * 20000) >> 16), 8, '0') || lpad(to_hex((%[1]d + i * 20000) & 65535), 4, '0') || '70008000' || lpad(to_hex(i), 12, '0'))::uuid", begin)
		return []string{fmt.Sprintf("INSERT INTO activity_log %s SELECT %s, to_timestamp(%d + i * 20)", columns, id, begin/1000) +
			fmt.Sprintf(values, n/20, "'actor ' || (i % 2000)", "'tenant ' || (i % 500)", "(i % 10000)::text", "lpad(to_hex(i / 2), 32, '0')", "'support ' || (i / 100 % 20)") +
			fmt.Sprintf(" FROM generate_series(0::bigint, %d) i", n-1), "ANALYZE activity_log"}
	}
	id := fmt.Sprintf("LOWER(CONCAT(LPAD(HEX((%d + i * 20000) >> 16), 8, '0'), '-', LPAD(HEX((%[1]d + i * 20000) & 65535), 4, '0'), '-7000-8000-', LPAD(HEX(i), 12, '0')))", begin)
	return []string{fmt.Sprintf("INSERT INTO activity_log %s SELECT %s, FROM_UNIXTIME(%d + i * 20)", columns, id, begin/1000) +
		fmt.Sprintf(values, n/20, "CONCAT('actor ', i % 2000)", "CONCAT('tenant ', i % 500)", "CAST(i % 10000 AS CHAR)", "LOWER(LPAD(HEX(i DIV 2), 32, '0'))", "CONCAT('support ', i DIV 100 % 20)") +
		fmt.Sprintf(" FROM (SELECT seq AS i FROM seq_0_to_%d) n", n-1), "ANALYZE TABLE activity_log"}
}

// indexed are the filters that an index serves, and which one: the end of its name, on
// all databases, or on MySQL where that is after "|".
func indexed(r *reader.Reader, n int, page reader.Page) map[string]struct {
	index string
	run   func(t *testing.T) error
} {
	type question = struct {
		index string
		run   func(t *testing.T) error
	}
	next := page.Next
	middle := first.Add(time.Duration(n/2) * step)
	day := reader.Query{From: middle, To: middle.Add(time.Hour)}
	list := func(index string, q reader.Query, p reader.Paging) question {
		return question{index, func(t *testing.T) error { _, err := r.List(t.Context(), q, p); return err }}
	}
	count := func(index string, q reader.Query, by reader.By) question {
		return question{index, func(t *testing.T) error { _, err := r.Count(t.Context(), q, by); return err }}
	}
	object := reader.Object{Type: "article", ID: "777"}
	hour := func(q reader.Query) reader.Query { q.From, q.To = day.From, day.To; return q }
	return map[string]question{
		"the newest":                 list("action_time", reader.Query{}, reader.Paging{}),
		"the oldest":                 list("action_time", reader.Query{}, reader.Paging{Order: reader.OldestFirst}),
		"a page in the middle":       list("action_time", reader.Query{}, reader.Paging{Cursor: next}),
		"from and to":                list("action_time", day, reader.Paging{}),
		"tenant, from and to":        list("tenant", hour(reader.Query{Tenant: "tenant 7"}), reader.Paging{}),
		"text, from and to":          list("action_time", hour(reader.Query{Text: "nothing"}), reader.Paging{}),
		"actor":                      list("actor", reader.Query{Actor: "actor 77"}, reader.Paging{}),
		"actor, from":                list("actor", reader.Query{Actor: "actor 77", From: middle}, reader.Paging{}),
		"actor, second page":         list("actor", reader.Query{Actor: "actor 77"}, reader.Paging{Cursor: next}),
		"actor of long ago":          list("actor", reader.Query{Actor: "early"}, reader.Paging{}),
		"actor and address":          list("actor", reader.Query{Actor: "actor 77", Address: "127.0.0.1"}, reader.Paging{}),
		"session":                    list("session", reader.Query{Session: "actor 77"}, reader.Paging{}),
		"session, second page":       list("session", reader.Query{Session: "actor 77"}, reader.Paging{Cursor: next}),
		"session that is not there":  list("session", reader.Query{Session: "nobody's"}, reader.Paging{}),
		"tenant and session":         list("session", reader.Query{Tenant: "tenant 77", Session: "actor 77"}, reader.Paging{}),
		"impersonator":               list("impersonator", reader.Query{Impersonator: "support 7"}, reader.Paging{}),
		"impersonator, second page":  list("impersonator", reader.Query{Impersonator: "support 7"}, reader.Paging{Cursor: next}),
		"tenant and impersonator":    list("impersonator", reader.Query{Tenant: "tenant 77", Impersonator: "support 7"}, reader.Paging{}),
		"tenant":                     list("tenant", reader.Query{Tenant: "tenant 7"}, reader.Paging{}),
		"tenant, second page":        list("tenant", reader.Query{Tenant: "tenant 7"}, reader.Paging{Cursor: next}),
		"tenant without rows":        list("tenant", reader.Query{Tenant: "nobody"}, reader.Paging{}),
		"tenant and actor":           list("actor", reader.Query{Tenant: "tenant 77", Actor: "actor 77"}, reader.Paging{}),
		"object":                     list("object", reader.Query{Object: object}, reader.Paging{}),
		"object, second page":        list("object", reader.Query{Object: object}, reader.Paging{Cursor: next}),
		"trace":                      list("trace", reader.Query{Trace: fmt.Sprintf("%032x", 77)}, reader.Paging{}),
		"trace, oldest first":        list("trace", reader.Query{Trace: fmt.Sprintf("%032x", 77)}, reader.Paging{Order: reader.OldestFirst}),
		"failed logins":              list("login_failed|action_type", reader.Query{ActionType: activity.ActionLoginFailed}, reader.Paging{}),
		"failed logins, second page": list("login_failed|action_type", reader.Query{ActionType: activity.ActionLoginFailed}, reader.Paging{Cursor: next}),
		"count, from and to":         count("action_time", day, reader.By{Interval: reader.Hour, Columns: []string{"action_type"}}),
		"count, actor":               count("actor", reader.Query{Actor: "actor 77"}, reader.By{Interval: reader.Day}),
		"count, object":              count("object", reader.Query{Object: object}, reader.By{Columns: []string{"actor_id"}}),
		"history": {"object", func(t *testing.T) error {
			_, err := r.History(t.Context(), object, reader.HistoryOptions{})
			return err
		}},
		"get": {"key", func(t *testing.T) error { _, err := r.Get(t.Context(), page.Rows[0].EventID); return err }},
		"scan": {"action_time", func(t *testing.T) error {
			for _, err := range r.Scan(t.Context(), reader.Query{}, reader.OldestFirst) {
				return err
			}
			return nil
		}},
	}
}

// TestIndexes explains the query of each filter that has an index, on 200,000 rows, or
// as many as ACTIVITYLOG_READER_ROWS says. A query that reads the whole table fails it.
func TestIndexes(t *testing.T) {
	n, _ := strconv.Atoi(cmp.Or(os.Getenv("ACTIVITYLOG_READER_ROWS"), "200000"))
	for name, start := range databases {
		if name == "ClickHouse" {
			continue // it has no plans of this kind: TestClickHouseReadsLittle
		}
		t.Run(name, func(t *testing.T) {
			db := start(t)
			db.create(t)
			for _, statement := range large(db.driver, n) {
				db.exec(t, statement)
			}
			if db.driver == "mariadb" { // as docs/databases/mysql.md says
				for _, column := range []string{"tenant", "session", "impersonator"} {
					db.exec(t, "CREATE INDEX activity_log_"+column+"_idx ON activity_log ("+column+"_id(191), action_time)")
				}
			}
			r, rec := db.recorded(t)
			page, err := r.List(t.Context(), reader.Query{To: first.Add(time.Duration(n/2) * step)}, reader.Paging{Limit: 1})
			if err != nil || page.Next == "" {
				t.Fatalf("the large table: %v", err)
			}
			for name, q := range indexed(r, n, page) {
				begin := time.Now()
				if err := q.run(t); err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				took := time.Since(begin)
				query, args := rec.last()
				plan := db.explain(t, rec, query, args)
				if fault := db.fault(plan, q.index); fault != "" {
					t.Errorf("%s: %s\n%s\n%s", name, fault, query, plan)
				}
				t.Logf("%-30s %v", name, took.Round(10*time.Microsecond))
			}
		})
	}
}

// explain returns the plan of a query, in a line for each step.
func (db *database) explain(t *testing.T, rec *recorder, query string, args []any) string {
	t.Helper()
	same := sql.OpenDB(rec) // with the settings of the reader
	defer same.Close()
	explain := map[string]string{"sqlite": "EXPLAIN QUERY PLAN "}[db.driver]
	result, err := same.QueryContext(t.Context(), cmp.Or(explain, "EXPLAIN ")+query, args...)
	if err != nil {
		t.Fatalf("explain %s: %v", query, err)
	}
	defer result.Close()
	names, _ := result.Columns()
	var lines []string
	for result.Next() {
		values, targets := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := result.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		line := ""
		for i, value := range values {
			line += " " + names[i] + "=" + value.String
		}
		if !strings.Contains(line, "Seq Scan on activity_log_default") { // which is empty
			lines = append(lines, line)
		}
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// fault says what is wrong with a plan, if it is.
func (db *database) fault(plan, index string) string {
	scans := map[string]string{"sqlite": "detail=SCAN t\n", "postgres": "Seq Scan", "mariadb": "type=ALL"}[db.driver]
	if strings.Contains(plan+"\n", scans) {
		return "reads the whole table"
	}
	all, mysql, ok := strings.Cut(index, "|")
	if ok && db.driver == "mariadb" {
		all = mysql
	}
	name := "activity_log_" + all + "_idx"
	if all == "key" {
		name = map[string]string{"sqlite": "sqlite_autoindex", "postgres": "activity_log_pkey", "mariadb": "PRIMARY"}[db.driver]
	}
	if db.schema == "postgres_by_month" { // each partition has indexes with names of its own
		name = "Index"
	}
	if db.driver == "mariadb" {
		name = "key=" + name
	}
	if !strings.Contains(plan, name) {
		return "does not use " + name
	}
	return ""
}
