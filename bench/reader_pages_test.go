package bench

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
)

type pageFilter struct {
	name  string
	query reader.Query
	deep  bool // it has a thousandth page
}

// pageFilters are the queries that have an index.
var pageFilters = []pageFilter{
	{"all", reader.Query{}, true},
	{"from_and_to", reader.Query{From: time.UnixMilli(readerBegin), To: time.UnixMilli(readerBegin + 150_000*readerStep)}, true},
	{"actor", reader.Query{Actor: "heavy"}, true},
	{"actor_with_few_rows", reader.Query{Actor: "actor 77"}, false},
	{"object", reader.Query{Object: reader.Object{Type: "article", ID: "heavy"}}, true},
	{"failed_logins", reader.Query{ActionType: activity.ActionLoginFailed}, true},
	{"trace", reader.Query{Trace: fmt.Sprintf("%032x", 777)}, false},
	{"id", reader.Query{ID: activity.ID{}}, false}, // filled in
	{"tenant", reader.Query{Tenant: "heavy"}, true},
	{"tenant_with_few_rows", reader.Query{Tenant: "tenant 77"}, false},
	{"tenant_without_rows", reader.Query{Tenant: "nobody"}, false},
	{"tenant_and_actor", reader.Query{Tenant: "heavy", Actor: "heavy"}, true},
	{"impersonator", reader.Query{Impersonator: "support 1"}, false},
	{"session", reader.Query{Session: "session 7"}, false},
}

// unindexedFilters have no index. Those with few rows read the whole table.
var unindexedFilters = []pageFilter{
	{"address", reader.Query{Address: "192.0.2.7"}, true},
	{"address_with_few_rows", reader.Query{Address: "2001:db8::777"}, false},
	{"service_with_few_rows", reader.Query{Service: "import"}, false},
	{"action_with_few_rows", reader.Query{ActionName: "article.archive"}, false},
	{"failed_and_none_is", reader.Query{Status: activity.StatusFailed}, false},
	{"data_with_few_rows", reader.Query{Data: []reader.DataValue{{Path: []string{"import"}, Value: "2026-11"}}}, false},
	{"text", reader.Query{Text: "/api/articles/777"}, false},
	{"text_that_is_nowhere", reader.Query{Text: "/api/users"}, false},
}

const (
	pageRows       = 100
	pageTries      = 20
	unindexedTries = 3
)

// BenchmarkPages measures a page of 100 by each filter on PostgreSQL: the first one, and the
// thousandth, by the cursors of those before it. The value is the median of 20, in ms, warm,
// or of 3, without an index.
func BenchmarkPages(b *testing.B) {
	server, _ := servedRows(b, readerRows(b))
	r, err := drivers.Open(b.Context(), "postgres", server.DSN())
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	for _, f := range pageFilters {
		b.Run(f.name, func(b *testing.B) { benchmarkPages(b, r, f, pageTries) })
	}
	for _, f := range unindexedFilters {
		b.Run("no_index/"+f.name, func(b *testing.B) { benchmarkPages(b, r, f, unindexedTries) })
	}
}

func benchmarkPages(b *testing.B, r *reader.Reader, f pageFilter, tries int) {
	q := f.query
	list := func(cursor reader.Cursor) reader.Page {
		page, err := r.List(b.Context(), q, reader.Paging{Limit: pageRows, Cursor: cursor})
		if err != nil {
			b.Fatal(err)
		}
		return page
	}
	if f.name == "id" {
		q.ID = list("").Rows[0].EventID
	}
	median := func(cursor reader.Cursor) float64 {
		var took []time.Duration
		for range tries {
			start := time.Now()
			list(cursor)
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		return float64(took[len(took)/2].Microseconds()) / 1000
	}
	for b.Loop() {
		b.ReportMetric(median(""), "ms-first")
		if !f.deep {
			continue
		}
		var cursor reader.Cursor
		for page := 1; page < 1000; page++ {
			if cursor = list(cursor).Next; cursor == "" {
				b.Fatalf("there are only %d pages; the table needs 500,000 rows", page)
			}
		}
		b.ReportMetric(median(cursor), "ms-thousandth")
	}
	b.ReportMetric(0, "ns/op")
}

// TestPages checks that each filter finds what it is for.
func TestPages(t *testing.T) {
	server, _ := servedRows(t, 2000)
	r, err := drivers.Open(t.Context(), "postgres", server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	want := map[string]int64{"all": 2000, "from_and_to": 2000, "actor": 400, "actor_with_few_rows": 1, "object": 400, "failed_logins": 400, "trace": 2, "id": 2000, "tenant": 1000, "tenant_with_few_rows": 4, "tenant_without_rows": 0, "tenant_and_actor": 200, "impersonator": 1, "session": 50,
		"address": 400, "address_with_few_rows": 1, "service_with_few_rows": 1, "action_with_few_rows": 1, "failed_and_none_is": 0, "data_with_few_rows": 1, "text": 1, "text_that_is_nowhere": 0}
	for _, f := range slices.Concat(pageFilters, unindexedFilters) {
		counts, err := r.Count(t.Context(), f.query, reader.By{})
		if err != nil {
			t.Fatal(err)
		}
		var rows int64
		if len(counts.Groups) > 0 {
			rows = counts.Groups[0].Rows
		}
		if rows != want[f.name] {
			t.Errorf("%s: %d rows, want %d", f.name, rows, want[f.name])
		}
	}
}
