package web

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// database is a database whose table is there, and that answers other queries with an
// error, with no rows if that is errNoRows, or not until the query is cancelled.
type database struct{ err error }

var errNoRows = errors.New("no rows")

func (d *database) Connect(context.Context) (driver.Conn, error) { return d, nil }
func (d *database) Driver() driver.Driver                        { return nil }
func (d *database) Prepare(string) (driver.Stmt, error)          { return nil, errors.New("not supported") }
func (d *database) Begin() (driver.Tx, error)                    { return nil, errors.New("not supported") }
func (d *database) Close() error                                 { return nil }

// QueryContext implements [driver.QueryerContext].
func (d *database) QueryContext(ctx context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	switch {
	case strings.Contains(query, "pragma_table_info"):
		return &columnRows{all: columnNames}, nil
	case strings.HasSuffix(query, "WHERE 1 = 0"):
		return &columnRows{}, nil
	case errors.Is(d.err, errNoRows):
		return &columnRows{}, nil
	case d.err != nil:
		return nil, d.err
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

// columnRows are rows with one column.
type columnRows struct{ all []string }

func (n *columnRows) Columns() []string { return []string{"name"} }
func (n *columnRows) Close() error      { return nil }
func (n *columnRows) Next(to []driver.Value) error {
	if len(n.all) == 0 {
		return io.EOF
	}
	to[0], n.all = n.all[0], n.all[1:]
	return nil
}

func broken(t *testing.T, err error, options ...Option) *Handler {
	t.Helper()
	r, failed := reader.New(t.Context(), sql.OpenDB(&database{err}), reader.SQLite)
	if failed != nil {
		t.Fatal(failed)
	}
	t.Cleanup(func() { _ = r.Close() })
	h, failed := NewHandler(r, options...)
	if failed != nil {
		t.Fatal(failed)
	}
	return h
}

// allPaths are those that read the database.
var allPaths = []string{"/", "/activities/01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a", "/actor?actor_id=1", "/object?object_type=a&object_id=b", "/failed-logins", "/counts",
	"/api/v1/activities", "/api/v1/activities/01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a", "/api/v1/history?object_type=a&object_id=b", "/api/v1/counts"}

// An error of the database is in the log of the server, and not in the answer.
func TestBrokenDatabase(t *testing.T) {
	for _, path := range allPaths {
		var log strings.Builder
		var seen []View
		h := broken(t, errors.New("password of auditor@db.internal is wrong"), WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
			WithObserver(func(_ context.Context, v View) { seen = append(seen, v) }))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusBadGateway || strings.Contains(w.Body.String(), "auditor") || !strings.Contains(w.Body.String(), "the log of this server says why") {
			t.Errorf("%s: got %d: %s", path, w.Code, w.Body)
		}
		if !strings.Contains(log.String(), "password of auditor@db.internal is wrong") {
			t.Errorf("%s: the log is %q", path, log.String())
		}
		if len(seen) != 1 || seen[0].Err == nil {
			t.Errorf("%s: got the views %v, want one with an error", path, seen)
		}
	}
}

// A query that takes too long ends, with what to do. So does one that nobody waits for.
func TestSlowDatabase(t *testing.T) {
	for _, path := range allPaths {
		h := broken(t, nil, WithTimeout(20*time.Millisecond))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "within 20ms; ask for less time") {
			t.Errorf("%s: got %d: %s", path, w.Code, w.Body)
		}
		var log strings.Builder
		h = broken(t, nil, WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		time.AfterFunc(20*time.Millisecond, cancel)
		w = httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
		if w.Code != http.StatusServiceUnavailable || log.Len() > 0 {
			t.Errorf("%s, cancelled: got %d, and the log %q", path, w.Code, log.String())
		}
	}
}

func TestOptions(t *testing.T) {
	r, err := reader.New(t.Context(), sql.OpenDB(&database{}), reader.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for address, ok := range map[string]bool{
		"http://localhost:16686/trace/{trace_id}": true, "https://traces.example.com/?id={trace_id}": true, "https://grafana.example.com/explore#{trace_id}": true,
		"javascript:alert({trace_id})": false, "data:text/html,{trace_id}": false, "//evil.example/{trace_id}": false, "/trace/{trace_id}": false, "ftp://x/{trace_id}": false,
		"http:///{trace_id}": false, "http://{trace_id}.example.com/": false, "http://x/trace": false, "": false, "http://x/%zz{trace_id}": false, "HTTP:{trace_id}": false,
	} {
		if _, err := NewHandler(r, WithTraceURL(address)); (err == nil) != ok {
			t.Errorf("%q: got %v, want it to be right: %v", address, err, ok)
		}
	}
	for _, d := range []time.Duration{0, -time.Second} {
		if _, err := NewHandler(r, WithTimeout(d)); err == nil {
			t.Errorf("%s: got no error", d)
		}
	}
	if _, err := NewHandler(nil); err == nil {
		t.Error("without a reader: got no error")
	}
}

// The way to the root is right below any prefix, also for ids with a slash.
func TestBase(t *testing.T) {
	for path, want := range map[string]links{"/": "./", "": "./", "/actor": "./", "actor": "./", "/activities/x": "../", "/activities/x%2Fy": "../", "/a/b/c": "../../"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path, r.URL.RawPath = strings.ReplaceAll(path, "%2F", "/"), path
		if got := baseOf(r); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
	for asked, want := range map[string]string{"/audit": "./audit/", "/a/audit?x=1": "./audit/?x=1", "/audit/": "", "/": "", "/a%2Fb": "./a%2Fb/", "//evil.example": "./evil.example/"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RequestURI = asked
		if got := withoutSlash(r); got != want {
			t.Errorf("%q: got %q, want %q", asked, got, want)
		}
	}
}

// Mounted without the slash at its end, the page sends browsers to where its links are right.
func TestMountedWithoutSlash(t *testing.T) {
	h := http.StripPrefix("/audit", broken(t, errors.New("not read")))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/audit?last=1h", nil))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "./audit/?last=1h" {
		t.Errorf("got %d to %q", w.Code, w.Header().Get("Location"))
	}
}

func TestLinks(t *testing.T) {
	base := links("../")
	for got, want := range map[string]string{
		base.actor("a&b=c#d"):                             "../actor?actor_id=a%26b%3Dc%23d",
		base.actor("javascript:x"):                        "../actor?actor_id=javascript%3Ax",
		base.actor(""):                                    "",
		base.actor("a\x00b"):                              "",
		base.actor("\xff"):                                "",
		base.actor(strings.Repeat("a", maxValue+1)):       "",
		base.object(reader.Object{Type: "a/b", ID: ".."}): "../object?object_id=..&object_type=a%2Fb",
		base.object(reader.Object{Type: "session"}):       "",
		base.to("", "session_id", "s"):                    "../?session_id=s",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What data names is linked: other objects, and what an object belongs to, also if its id is
// a number.
func TestRelated(t *testing.T) {
	for data, want := range map[string]string{
		`{"parent":{"type":"article","id":"17"}}`:                                      "Part of: article 17",
		`{"parent":{"type":"page","id":2,"parent":{"type":"article","id":17}}}`:        "Part of: page 2, Part of: article 17",
		`{"parent":{"type":"page","id":12345678901234567890}}`:                         "Part of: page 12345678901234567890",
		`{"objects":[{"type":"a","id":"1","name":"Tea"},{"type":"b"},{"id":"3"},"x"]}`: "",
		`{"objects":[{"type":"a","id":"1","name":"Tea"},{"type":"b"}]}`:                "Also: a 1 Tea",
		`{"objects":{"type":"a"},"parent":["x"]}`:                                      "", `{}`: "", `[]`: "", `x`: "", `{"parent":null}`: "",
	} {
		var got []string
		for _, o := range links("./").related(&reader.Row{Data: json.RawMessage(data)}) {
			got = append(got, o.ID+": "+o.Name)
			if !strings.HasPrefix(o.Link, "./object?object_id=") {
				t.Errorf("%s: the link is %q", data, o.Link)
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: got %q, want %q", data, got, want)
		}
	}
	deep := strings.Repeat(`{"type":"a","id":"1","parent":`, 5000) + "null" + strings.Repeat("}", 5000)
	if got := links("./").related(&reader.Row{Data: json.RawMessage(`{"parent":` + deep + `}`)}); len(got) > maxRelated {
		t.Errorf("got %d objects", len(got))
	}
}

// Times that are not given are those of the page, and never the wrong way round.
func TestSpan(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		from, to, wantFrom, wantTo time.Time
		implied                    string
	}{
		{time.Time{}, time.Time{}, noon.Add(-7 * day), noon, "7d"},
		{noon.Add(-day), time.Time{}, noon.Add(-day), noon, ""},
		{time.Time{}, noon.Add(-day), noon.Add(-8 * day), noon.Add(-day), ""},
		{noon.Add(-2 * day), noon.Add(-day), noon.Add(-2 * day), noon.Add(-day), ""},
		{noon.Add(day), time.Time{}, noon.Add(day), noon.Add(day + time.Hour), ""},
	} {
		a := &asked{request: request{now: noon, query: reader.Query{From: c.from, To: c.to, Actor: "42"}}}
		if q := a.span(weekBack); !q.From.Equal(c.wantFrom) || !q.To.Equal(c.wantTo) || a.implied != c.implied || q.Actor != "42" {
			t.Errorf("%v to %v: got %v to %v, %q", c.from, c.to, q.From, q.To, a.implied)
		}
	}
}

func TestTone(t *testing.T) {
	for _, name := range activity.ActionTypes() {
		if tone(name) == "other" {
			t.Errorf("%s has no colour", name)
		}
	}
	if got := tone(`x" onclick="`); got != "other" {
		t.Errorf("got the class %q", got)
	}
}
