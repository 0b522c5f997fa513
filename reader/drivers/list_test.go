package drivers_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
)

// filters are queries, and what they mean in plain Go.
func filters() map[string]struct {
	query reader.Query
	want  func(reader.Row) bool
} {
	type filter = struct {
		query reader.Query
		want  func(reader.Row) bool
	}
	all := map[string]filter{
		"all":  {reader.Query{}, func(reader.Row) bool { return true }},
		"from": {reader.Query{From: begin.AddDate(0, 0, 5)}, func(r reader.Row) bool { return !r.ActionTime.Before(begin.AddDate(0, 0, 5)) }},
		"to":   {reader.Query{To: begin.AddDate(0, 0, 5)}, func(r reader.Row) bool { return r.ActionTime.Before(begin.AddDate(0, 0, 5)) }},
		"a time of another zone, in nanoseconds": {
			reader.Query{From: begin.Add(37*time.Minute + 1).In(time.FixedZone("", 3600)), To: begin.Add(24*time.Hour + 1)},
			func(r reader.Row) bool {
				return r.ActionTime.After(begin.Add(37*time.Minute)) && !r.ActionTime.After(begin.Add(24*time.Hour))
			},
		},
		"actor type":   {reader.Query{ActorType: "service"}, func(r reader.Row) bool { return r.ActorType == "service" }},
		"status":       {reader.Query{Status: "Failed"}, func(r reader.Row) bool { return r.Status == "Failed" }},
		"source":       {reader.Query{Source: "derived"}, func(r reader.Row) bool { return r.Source == "derived" }},
		"object":       {reader.Query{Object: reader.Object{Type: "article", ID: "17"}}, func(r reader.Row) bool { return r.ObjectType == "article" && r.ObjectID == "17" }},
		"object type":  {reader.Query{Object: reader.Object{Type: "user"}}, func(r reader.Row) bool { return r.ObjectType == "user" }},
		"object id":    {reader.Query{Object: reader.Object{ID: "hello-world"}}, func(r reader.Row) bool { return r.ObjectID == "hello-world" }},
		"trace":        {reader.Query{Trace: fmt.Sprintf("%032X", 11)}, func(r reader.Row) bool { return r.TraceID == fmt.Sprintf("%032x", 11) }},
		"several":      {reader.Query{Status: "Failed", Source: "derived", Text: "alice"}, func(r reader.Row) bool { return r.Status == "Failed" && r.Source == "derived" && has(r, "alice") }},
		"data, text":   data("alice", "claimed"),
		"data, number": data("42", "n"),
		"data, true":   data("true", "ok"),
		"data, false":  data("false", "off"),
		"data, null":   data("null", "none"),
		"data, list":   data("[1,2]", "list"),
		"data, a list": data("1", "list", "0"),
		"data, space":  data("?", "a key"),
		"data, nested": data("article", "parent", "type"),
		"data, two":    data("17", "parent", "parent", "id"),
		"data, none":   data("x", "not", "there"),
	}
	for _, kind := range []activity.ActionType{"Login Failed", "Update", "Unknown"} {
		all["action type "+string(kind)] = filter{reader.Query{ActionType: kind}, func(r reader.Row) bool { return r.ActionType == kind }}
	}
	for _, value := range append(slices.Clone(values[1:]), "nobody", "%", "_", `\`, "'", "alice\n", "😀") {
		for name, f := range map[string]filter{
			"actor":        {reader.Query{Actor: value}, func(r reader.Row) bool { return r.ActorID == value }},
			"tenant":       {reader.Query{Tenant: value}, func(r reader.Row) bool { return r.TenantID == value }},
			"impersonator": {reader.Query{Impersonator: value}, func(r reader.Row) bool { return r.ImpersonatorID == value }},
			"action name":  {reader.Query{ActionName: value}, func(r reader.Row) bool { return r.ActionName == value }},
			"error type":   {reader.Query{ErrorType: value}, func(r reader.Row) bool { return r.ErrorType == value }},
			"service":      {reader.Query{Service: value}, func(r reader.Row) bool { return r.ServiceName == value }},
			"session":      {reader.Query{Session: value}, func(r reader.Row) bool { return r.SessionID == value }},
			"address":      {reader.Query{Address: value}, func(r reader.Row) bool { return r.ClientAddress == value }},
			"text":         {reader.Query{Text: value}, func(r reader.Row) bool { return has(r, value) }},
		} {
			all[name+" "+value] = f
		}
	}
	return all
}

func has(r reader.Row, text string) bool {
	return slices.ContainsFunc([]string{r.Remarks, r.ActorName, r.ActionName, r.ObjectName}, func(s string) bool { return strings.Contains(s, text) })
}

// match returns the rows of a query, in an order.
func match(rows []reader.Row, order reader.Order, want func(reader.Row) bool) (found []reader.Row) {
	for _, r := range sorted(rows, order) {
		if want(r) {
			found = append(found, r)
		}
	}
	return found
}

// TestReader compares each method on each database with what plain Go computes from the
// same rows.
func TestReader(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		rows := random(600)
		db.write(t, rows...)
		r := db.reader(t)
		for name, test := range map[string]func(*testing.T, *database, *reader.Reader, []reader.Row){
			"List": list, "Get": get, "History": history, "Count": count, "Scan": scan, "ScanAfter": scanFrom, "read-only": readOnly, "cursors": cursors, "table": table,
		} {
			t.Run(name, func(t *testing.T) { test(t, db, r, rows) })
		}
		t.Run("one microsecond", func(t *testing.T) { oneMicrosecond(t, db, r) })
		t.Run("paging while rows are written", func(t *testing.T) { busy(t, db, r) })
		t.Run("Tail", func(t *testing.T) { tail(t, db, r) })
		t.Run("long values", func(t *testing.T) { longValues(t, db, r) })
		t.Run("errors", func(t *testing.T) { failures(t, db) })
	})
}

func list(t *testing.T, _ *database, r *reader.Reader, rows []reader.Row) {
	for name, f := range filters() {
		page, err := r.List(t.Context(), f.query, reader.Paging{Limit: reader.MaxLimit})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, name, page.Rows, match(rows, reader.NewestFirst, f.want))
	}
	one := rows[7]
	for status, want := range map[activity.Status]int{"": 1, one.Status: 1, "other": 0} {
		page, err := r.List(t.Context(), reader.Query{ID: one.EventID, Status: status}, reader.Paging{})
		if err != nil || len(page.Rows) != want || want > 0 && page.Rows[0].EventID != one.EventID {
			t.Errorf("the id with status %q: got %+v, %v", status, page, err)
		}
	}
	page, err := r.List(t.Context(), reader.Query{}, reader.Paging{})
	if err != nil || len(page.Rows) != reader.DefaultLimit {
		t.Errorf("the default limit: %d rows, %v", len(page.Rows), err)
	}
	if late := time.Since(page.Rows[0].RecordedAt); late < -time.Minute || late > time.Hour {
		t.Errorf("recorded_at is %v ago", late)
	}
	for _, order := range []reader.Order{reader.NewestFirst, reader.OldestFirst} {
		forth(t, r, order, match(rows, order, func(reader.Row) bool { return true }))
	}
	for name, q := range map[string]reader.Query{"NUL": {Text: "a\x00b"}, "UTF-8": {Actor: "\xff"}, "path": {Data: []reader.DataValue{{Path: []string{`a"b`}}}}} {
		if _, err := r.List(t.Context(), q, reader.Paging{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// bound fails the test if the pages do not end.
func bound(t *testing.T, page int) {
	t.Helper()
	if page > 20_000 {
		t.Fatal("the pages do not end")
	}
}

// forth goes through all pages and back.
func forth(t *testing.T, r *reader.Reader, order reader.Order, want []reader.Row) {
	t.Helper()
	p := reader.Paging{Order: order, Limit: 41}
	var got []reader.Row
	var pages []reader.Page
	for n := 0; ; n++ {
		bound(t, n)
		page, err := r.List(t.Context(), reader.Query{}, p)
		if err != nil {
			t.Fatal(err)
		}
		got, pages = append(got, page.Rows...), append(pages, page)
		if page.Next == "" {
			break
		}
		p.Cursor = page.Next
	}
	same(t, "all pages", got, want)
	for i := len(pages) - 1; i > 0; i-- {
		if pages[i].Previous == "" {
			t.Fatalf("page %d has no cursor for the one before", i)
		}
		p.Cursor = pages[i].Previous
		page, err := r.List(t.Context(), reader.Query{}, p)
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprint("back to page ", i-1), page.Rows, pages[i-1].Rows)
		if first := page.Previous == ""; first != (i == 1) || page.Next == "" {
			t.Errorf("page %d, read backwards: previous %q, next %q", i-1, page.Previous, page.Next)
		}
	}
	if pages[0].Previous != "" {
		t.Error("the first page has one before it")
	}
}

func get(t *testing.T, _ *database, r *reader.Reader, rows []reader.Row) {
	for _, want := range rows[:20] {
		got, err := r.Get(t.Context(), want.EventID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "Get", []reader.Row{got}, []reader.Row{want})
	}
	if _, err := r.Get(t.Context(), activity.NewID()); !errors.Is(err, reader.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func scan(t *testing.T, _ *database, r *reader.Reader, rows []reader.Row) {
	for _, order := range []reader.Order{reader.NewestFirst, reader.OldestFirst} {
		var got []reader.Row
		for row, err := range r.Scan(t.Context(), reader.Query{Status: "Failed"}, order) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, row)
		}
		same(t, "Scan", got, match(rows, order, func(r reader.Row) bool { return r.Status == "Failed" }))
	}
	n := 0
	for range r.Scan(t.Context(), reader.Query{}, reader.OldestFirst) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("left after %d rows", n)
	}
}

// cursors must be those of a reader.
func cursors(t *testing.T, _ *database, r *reader.Reader, _ []reader.Row) {
	page, err := r.List(t.Context(), reader.Query{}, reader.Paging{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []reader.Cursor{"x", "0", page.Next + "AA", page.Next[1:], "'; DROP TABLE activity_log", reader.Cursor(strings.Repeat("_", len(page.Next)))} {
		if _, err := r.List(t.Context(), reader.Query{}, reader.Paging{Cursor: c}); !errors.Is(err, reader.ErrCursor) {
			t.Errorf("%q: got %v, want ErrCursor", c, err)
		}
	}
	for _, p := range []reader.Paging{{Limit: -1}, {Limit: reader.MaxLimit + 1}, {Order: 7}} {
		if _, err := r.List(t.Context(), reader.Query{}, p); err == nil {
			t.Errorf("%+v: no error", p)
		}
	}
}

// data is a condition for the column data, in plain Go.
func data(value string, path ...string) struct {
	query reader.Query
	want  func(reader.Row) bool
} {
	return struct {
		query reader.Query
		want  func(reader.Row) bool
	}{reader.Query{Data: []reader.DataValue{{Path: path, Value: value}}}, func(r reader.Row) bool { return dataHas(r, path, value) }}
}

func dataHas(r reader.Row, path []string, value string) bool {
	var at any
	_ = json.Unmarshal(r.Data, &at)
	for _, key := range path {
		object, _ := at.(map[string]any)
		at = object[key]
	}
	switch at.(type) {
	case string, bool, float64:
		return fmt.Sprint(at) == value
	}
	return false
}

// table is the name of the table, with and without a schema.
func table(t *testing.T, db *database, _ *reader.Reader, rows []reader.Row) {
	schema := map[string]string{"sqlite": "main", "postgres": "public", "mariadb": "activity", "clickhouse": "default"}[db.driver]
	r, err := drivers.Open(t.Context(), db.driver, db.dsn, reader.WithTable(schema+".activity_log"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if counts, err := r.Count(t.Context(), reader.Query{}, reader.By{}); err != nil || counts.Groups[0].Rows != int64(len(rows)) {
		t.Errorf("got %+v, %v, want %d rows", counts, err, len(rows))
	}
	for name, want := range map[string]error{"none": reader.ErrNoTable, schema + ".none": reader.ErrNoTable, "x; DROP TABLE activity_log": nil, "": nil, "a.b.c": nil} {
		if _, err := drivers.Open(t.Context(), db.driver, db.dsn, reader.WithTable(name)); err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
	}
	if _, err := reader.New(t.Context(), db.writer, "oracle"); err == nil || !strings.Contains(err.Error(), "must be one of") {
		t.Errorf("another database: got %v", err)
	}
}

// longValues: values that are too long for an index are found as well.
func longValues(t *testing.T, db *database, r *reader.Reader) {
	for _, n := range []int{255, 256, 3000} {
		long := strings.Repeat("ä", n)
		own := row(begin)
		own.TenantID, own.SessionID, own.ImpersonatorID = long, long, long
		db.write(t, own)
		for name, q := range map[string]reader.Query{"tenant": {Tenant: long}, "session": {Session: long}, "impersonator": {Impersonator: long}} {
			page, err := r.List(t.Context(), q, reader.Paging{})
			if err != nil {
				t.Fatal(err)
			}
			same(t, fmt.Sprintf("a %s of %d characters", name, n), page.Rows, []reader.Row{own})
		}
	}
}
