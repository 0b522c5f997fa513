package bench

import (
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
	"github.com/otelactivity/activitylog/reader/feed"
	"github.com/otelactivity/activitylog/reader/web"
)

const (
	tailEvery = 500 * time.Millisecond

	apiClients  = 4
	apiRequests = 500 // of each client in a round
)

// BenchmarkAPI measures requests a second for a page of 50, of 4 clients that send the next
// one when they have read the last: by the API of the page, by the feed as it is and with
// all columns, and by a handler that does nothing but run the same query, prepared, and
// encode its rows. of-bare is the ratio.
func BenchmarkAPI(b *testing.B) {
	server, _ := servedRows(b, min(readerRows(b), 1_000_000))
	r, err := drivers.Open(b.Context(), "postgres", server.DSN())
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	bare := bareHandler(b, server.DSN())
	for name, ours := range handlers(b, r) {
		b.Run(name, func(b *testing.B) {
			var mine, theirs time.Duration
			for b.Loop() {
				theirs += requests(b, bare)
				mine += requests(b, ours)
			}
			all := float64(apiClients * apiRequests * b.N)
			b.ReportMetric(all/mine.Seconds(), "requests/s")
			b.ReportMetric(all/theirs.Seconds(), "requests/s-bare")
			b.ReportMetric(theirs.Seconds()/mine.Seconds(), "of-bare")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// handlers send the first 50 rows of the same actor for each request.
func handlers(tb testing.TB, r *reader.Reader) map[string]http.Handler {
	tb.Helper()
	scope := feed.WithScope(func(*http.Request) (feed.Scope, error) { return feed.ActorScope("heavy"), nil })
	short, err := feed.NewHandler(r, scope)
	if err != nil {
		tb.Fatal(err)
	}
	all, err := feed.NewHandler(r, scope, feed.WithData(activity.ChangesKey),
		feed.WithColumns(slices.DeleteFunc(columnNames(), func(name string) bool { return name == "data" })...))
	if err != nil {
		tb.Fatal(err)
	}
	page, err := web.NewHandler(r)
	if err != nil {
		tb.Fatal(err)
	}
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path, r.URL.RawQuery = "/api/v1/activities", "actor_id=heavy&limit=50"
		page.ServeHTTP(w, r)
	})
	return map[string]http.Handler{"feed": short, "feed,_all_columns": all, "web": api}
}

// TestAPI: all handlers send the same rows.
func TestAPI(t *testing.T) {
	server, _ := servedRows(t, 2000)
	r, err := drivers.Open(t.Context(), "postgres", server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all := handlers(t, r)
	all["bare"] = bareHandler(t, server.DSN())
	for name, h := range all {
		text := body(t, h)
		if n := strings.Count(text, `"event_id"`); n != 50 || strings.Contains(text, "An old title") == (name == "feed") || strings.Count(text, `"actor_id":"heavy"`) != 50 {
			t.Errorf("%s: %d rows: %.300s", name, n, text)
		}
	}
}

func body(tb testing.TB, h http.Handler) string {
	tb.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(tb.Context(), http.MethodGet, "/", nil))
	if w.Code != http.StatusOK {
		tb.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func columnNames() (names []string) {
	for _, c := range activity.Columns() {
		names = append(names, c.Name)
	}
	return names
}

// bareHandler is what somebody would write by hand.
func bareHandler(tb testing.TB, dsn string) http.Handler {
	tb.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	names := columnNames()
	query, err := db.PrepareContext(tb.Context(), "SELECT "+strings.Join(names, ", ")+
		" FROM activity_log WHERE actor_id = $1 ORDER BY action_time DESC, event_id DESC LIMIT 51")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = query.Close() })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, err := barePage(r.Context(), query, names)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"activities": page[:min(50, len(page))]})
	})
}

func barePage(ctx context.Context, query *sql.Stmt, names []string) (page []*reader.Row, err error) {
	rows, err := query.QueryContext(ctx, "heavy")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		row := &reader.Row{}
		texts := make([]sql.NullString, len(names))
		targets := make([]any, len(names))
		for i, name := range names {
			switch name {
			case "action_time":
				targets[i] = &row.ActionTime
			case "recorded_at":
				targets[i] = &row.RecordedAt
			default:
				targets[i] = &texts[i]
			}
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		for i, name := range names {
			switch place := row.Text(name); {
			case name == "event_id":
				row.EventID, err = activity.ParseID(texts[i].String)
			case name == "data":
				row.Data = json.RawMessage(texts[i].String)
			case place != nil:
				*place = texts[i].String
			}
		}
		page = append(page, row)
	}
	return page, rows.Err()
}

// requests sends them, and says how long that took.
func requests(tb testing.TB, h http.Handler) time.Duration {
	tb.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: apiClients}}
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	start := time.Now()
	for range apiClients {
		all.Go(func() {
			for range apiRequests {
				if err := request(client, server.URL); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(start)
}

func request(client *http.Client, url string) error {
	res, err := client.Get(url + "/")
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// BenchmarkTail measures the time from the commit of a row until Tail yields it, which
// looks as often as the command activitylog does: of 20 rows at times of their own, in ms.
func BenchmarkTail(b *testing.B) {
	server, db := servedRows(b, min(readerRows(b), 1_000_000))
	r, err := drivers.Open(b.Context(), "postgres", server.DSN())
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	var took []time.Duration
	for b.Loop() {
		took = append(took, tailed(b, r, db, 20)...)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "ms-median")
	b.ReportMetric(float64(took[len(took)-1].Milliseconds()), "ms-most")
	b.ReportMetric(0, "ns/op")
}

// TestTail goes through one row.
func TestTail(t *testing.T) {
	server, db := servedRows(t, 100)
	r, err := drivers.Open(t.Context(), "postgres", server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if took := tailed(t, r, db, 1); len(took) != 1 || took[0] <= 0 {
		t.Errorf("got %v", took)
	}
}

// tailed writes n rows, and returns how long after its commit each was shown.
func tailed(tb testing.TB, r *reader.Reader, db database, n int) (took []time.Duration) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	shown := make(chan time.Time)
	go func() {
		defer close(shown)
		for _, err := range r.Tail(ctx, reader.Query{Actor: "tailed"}, reader.TailOptions{From: time.Now().Add(-time.Hour), Every: tailEvery}) {
			if err != nil {
				tb.Error(err)
				return
			}
			select {
			case shown <- time.Now():
			case <-ctx.Done():
			}
		}
	}()
	db.execute("DELETE FROM activity_log WHERE actor_id = 'tailed'")
	for i := range n {
		time.Sleep(time.Duration(100+i*137%1000) * time.Millisecond)
		db.execute("INSERT INTO activity_log (event_id, action_time, actor_id, action_type, status, source) VALUES ($1, now(), 'tailed', 'Read', 'Success', 'declared')", activity.NewID().String())
		committed := time.Now()
		at, ok := <-shown
		if !ok {
			tb.Fatal("the tail has ended")
		}
		took = append(took, at.Sub(committed))
	}
	return took
}
