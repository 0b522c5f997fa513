package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// allColumns are those that a feed can show.
func allColumns() (names []string) {
	for _, c := range activity.Columns() {
		if c.Name != "data" {
			names = append(names, c.Name)
		}
	}
	return names
}

// cursor is one that a reader takes.
const cursor = "EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// TestRequests are requests that are wrong, and some that are not.
func TestRequests(t *testing.T) {
	const id = "01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a"
	long := strings.Repeat("x", 1025)
	for target, want := range map[string]struct {
		status int
		detail string
	}{
		"/": {200, ""}, "/?limit=200": {200, ""}, "/?actor_id=a&status=Failed&order=oldest": {200, ""}, "/?from=2026-11-26": {200, ""},
		"/?from=2026-11-26T10:00:00%2B01:00&to=2026-11-27T00:00:00.5Z": {200, ""}, "/history?object_type=article&object_id=17": {200, ""}, "/?%73tatus=Failed": {200, ""},
		"/?object_id=%00": {400, "without NUL"}, "/?object_id=%ff": {400, "UTF-8"}, "/?object_id=" + long: {400, "at most 1024 bytes"}, "/?x=" + strings.Repeat("y", 5000): {414, "4096 bytes"},
		"/?limit=0": {400, "from 1 to 200"}, "/?limit=201": {400, `got "201"`}, "/?limit=-1": {400, "limit"}, "/?limit=1e2": {400, "limit"}, "/?limit=99999999999999999999": {400, "limit"},
		"/?tenant_id=globex": {400, `the parameter "tenant_id" is not allowed; allowed are action_type`}, "/?tenant=globex": {400, `"tenant"`}, "/?scope=x": {400, `"scope"`},
		"/?actor_id=a&actor_id=b": {400, "once; got 2"}, "/?actor_id=a&%61ctor_id=b": {400, "once; got 2"}, "/?Actor_id=a": {400, `"Actor_id"`}, "/?actor_id[]=a": {400, "not allowed"},
		"/?actor_id": {400, "must not be empty"}, "/?actor_id=": {400, "must not be empty"}, "/?actor_id=a;status=b": {400, "percent signs"}, "/?actor_id=%zz": {400, "percent signs"},
		"/?cursor=x": {400, "cursor"}, "/?cursor=" + cursor: {200, ""}, "/?cursor=" + cursor + "A": {400, "cursor"},
		"/?order=up": {400, `"newest", "oldest"`}, "/?format=xml": {400, `"csv", "html", "json"`}, "/?from=yesterday": {400, "a time like"}, "/?to=2026-11-26T10:00:00+01:00": {400, "%2B"},
		"/?to=0000-01-01": {400, "a time like"}, "/?text=x": {400, "not allowed"}, "/?client_address=1": {400, "not allowed"}, "/?remarks=x": {400, "not allowed"}, "/?data.reason=x": {400, "not allowed"}, "/?data=x": {400, "not allowed"},
		"/history": {400, "object_type and object_id"}, "/history?object_type=article": {400, "object_type and object_id"}, "/history?object_id=17": {400, "object_type and object_id"},
		"/history/": {404, "no such activity"}, "/x": {404, "no such activity"}, "/" + id: {404, "no such activity"}, "/" + id + "/": {404, "no such"}, "/00000000-0000-0000-0000-000000000000": {404, "no such"},
		"/" + id + "?actor_id=a": {400, "allowed are format"}, "/" + id + "?cursor=a": {400, "allowed are format"}, "/" + id + "?x=": {400, "allowed are format"},
	} {
		w := get(t, serve(t, &fake{}), target)
		var problem struct {
			Type, Title, Detail string
			Status              int
		}
		if w.Code == 200 && want.status == 200 {
			continue
		}
		err := json.Unmarshal(w.Body.Bytes(), &problem)
		if w.Code != want.status || err != nil || problem.Status != want.status || problem.Type != "about:blank" || problem.Title != http.StatusText(want.status) ||
			!strings.Contains(problem.Detail, want.detail) || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.100s: got %d %s, want %d %s", target, w.Code, w.Body, want.status, want.detail)
		}
	}
}

// TestScopeErrors: nobody sees anything without a scope, and the reason is for the log.
func TestScopeErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		scope  Scope
		err    error
		status int
		logged string
	}{
		"not logged in": {err: fmt.Errorf("session: %w", ErrUnauthenticated), status: 401}, "not allowed": {err: ErrForbidden, status: 403},
		"an error": {scope: TenantScope("acme"), err: errors.New("secret database"), status: 500, logged: "secret database"},
		"zero":     {status: 500, logged: "the scope is empty"}, "no tenant": {scope: TenantScope(""), status: 500, logged: "the tenant of the scope is empty"},
		"no actor": {scope: ActorScope(""), status: 500, logged: "the actor of the scope is empty"}, "half": {scope: TenantActorScope("", "42"), status: 500, logged: "tenant"},
		"other half": {scope: TenantActorScope("acme", ""), status: 500, logged: "actor"}, "NUL": {scope: TenantScope("a\x00"), status: 500, logged: "without NUL"},
		"UTF-8": {scope: ActorScope("\xff"), status: 500, logged: "UTF-8"}, "as long as one that was cut": {scope: ActorScope(strings.Repeat("ä", 255)), status: 500, logged: "at most 254 characters; got 255"},
		"nearly": {scope: TenantScope(strings.Repeat("ä", 254)), status: 200},
	} {
		var log strings.Builder
		from := &fake{}
		h := serve(t, from, WithScope(func(*http.Request) (Scope, error) { return tt.scope, tt.err }), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		w := get(t, h, "/?no_such_parameter=x")
		if tt.status == 200 {
			w = get(t, h, "/")
		}
		if w.Code != tt.status || tt.status != 200 && (len(from.asked) > 0 || strings.Contains(w.Body.String(), "no_such_parameter")) {
			t.Errorf("%s: got %d %s, want %d", name, w.Code, w.Body, tt.status)
		}
		if strings.Contains(w.Body.String(), "secret") || !strings.Contains(log.String(), tt.logged) || tt.logged == "" && log.Len() > 0 {
			t.Errorf("%s: client %s, log %s", name, w.Body, log.String())
		}
	}
}

// TestScopeIsInEachQuery: whatever is asked for, the scope is what the function says.
func TestScopeIsInEachQuery(t *testing.T) {
	from := &fake{}
	h := serve(t, from, WithScope(func(*http.Request) (Scope, error) { return TenantActorScope("acme", "42"), nil }), WithColumns(allColumns()...))
	asked := 0
	for _, target := range []string{"/", "/?actor_id=42", "/?tenant_id=acme", "/?status=Failed&cursor=" + cursor, "/?text=x", "/history?object_type=a&object_id=b", "/01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a"} {
		get(t, h, target, "X-Tenant", "globex", "X-HTTP-Method-Override", "DELETE", "Tenant_id", "globex")
		if asked++; len(from.asked) != asked {
			t.Fatalf("%s: %d queries", target, len(from.asked))
		}
		if q := from.asked[asked-1]; q.Tenant != "acme" || q.Actor != "42" {
			t.Errorf("%s: the query is %+v", target, q)
		}
	}
	for _, target := range []string{"/?actor_id=43", "/?tenant_id=globex", "/?tenant_id=Acme", "/?tenant_id=acme%20"} {
		if w := get(t, h, target); len(from.asked) != asked || w.Code != 200 || !strings.Contains(w.Body.String(), `"activities":[]`) {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

// TestRowsOfOthers: a database that returns them, for its columns compare in another way,
// is an error.
func TestRowsOfOthers(t *testing.T) {
	for _, row := range []reader.Row{{TenantID: "Acme", ActorID: "42"}, {TenantID: "acme ", ActorID: "42"}, {ActorID: "42"}, {TenantID: "acme"}, {TenantID: "acme", ActorID: "420"}} {
		row.Remarks, row.EventID = "secret", activity.NewID()
		h := serve(t, &fake{rows: []reader.Row{row}}, WithColumns(allColumns()...), WithScope(func(*http.Request) (Scope, error) { return TenantActorScope("acme", "42"), nil }))
		if w := get(t, h, "/"); w.Code != 500 || strings.Contains(w.Body.String(), "secret") || strings.Contains(w.Body.String(), row.EventID.String()) {
			t.Errorf("%+v: got %d %s", row, w.Code, w.Body)
		}
	}
	if (Scope{}).holds(&reader.Row{}) {
		t.Error("the zero scope holds a row")
	}
}

// TestMethods: only GET and HEAD are answered, and HEAD without a body.
func TestMethods(t *testing.T) {
	h := serve(t, &fake{rows: hostile(t), next: "CURSOR"})
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "PUT": 405, "DELETE": 405, "OPTIONS": 405, "QUERY": 405, "get": 405} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", strings.NewReader("tenant_id=globex"))
		r.Method = method
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		h.ServeHTTP(w, r)
		if w.Code != want || method == "HEAD" && w.Body.Len() > 0 || want == 405 && w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: got %d, %d bytes, want %d", method, w.Code, w.Body.Len(), want)
		}
		for name, text := range map[string]string{"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-site", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"} {
			if w.Header().Get(name) != text {
				t.Errorf("%s: %s is %q", method, name, w.Header().Get(name))
			}
		}
		if vary := w.Header().Values("Vary"); !slices.Equal(vary, []string{"Accept", "Accept-Language", "Authorization", "Cookie"}) {
			t.Errorf("Vary: %q", vary)
		}
	}
}

// TestErrors of the database: the client learns what to do, and nothing of the database.
func TestErrors(t *testing.T) {
	for err, want := range map[error]struct {
		status int
		detail string
	}{
		errors.New("dial db.internal: password secret"):   {500, "try again later"},
		fmt.Errorf("x: %w", context.DeadlineExceeded):     {503, "a shorter time"},
		fmt.Errorf("x: %w", reader.ErrCursor):             {400, "cursor"},
		fmt.Errorf("secret: %w", reader.ErrNotFound):      {500, "try again later"},
		fmt.Errorf("secret closed: %w", context.Canceled): {500, "try again later"},
	} {
		w := get(t, serve(t, &fake{err: err}), "/")
		if w.Code != want.status || !strings.Contains(w.Body.String(), want.detail) || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%v: got %d %s", err, w.Code, w.Body)
		}
	}
	h := serve(t, slow{}, WithTimeout(time.Millisecond))
	if w := get(t, h, "/"); w.Code != 503 {
		t.Errorf("a slow database: %d %s", w.Code, w.Body)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	serve(t, slow{}).ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	if w.Body.Len() > 0 {
		t.Errorf("a client that has left: %s", w.Body)
	}
}

// slow is a database that takes longer than anybody waits.
type slow struct{}

// List implements [source].
func (slow) List(ctx context.Context, _ reader.Query, _ reader.Paging) (reader.Page, error) {
	<-ctx.Done()
	return reader.Page{}, ctx.Err()
}

// TestLinks: other pages have the same parameters.
func TestLinks(t *testing.T) {
	from := &fake{rows: hostile(t)[:1], next: "CURSOR"}
	w := get(t, serve(t, from, WithPath("/account/activity")), "/?status=Failed&cursor="+cursor+"&order=oldest&object_id=a%26b")
	const want = `</account/activity?cursor=CURSOR&object_id=a%26b&order=oldest&status=Failed>; rel="next"`
	if got := w.Header().Values("Link"); len(got) != 2 || got[0] != want || got[1] != strings.Replace(want, "next", "prev", 1) {
		t.Errorf("got %q", got)
	}
	if p := from.paging[0]; p.Cursor != cursor || p.Order != reader.OldestFirst || p.Limit != 50 {
		t.Errorf("the page is %+v", p)
	}
	if q := from.asked[0]; q.Status != "Failed" || q.Object.ID != "a&b" {
		t.Errorf("the query is %+v", q)
	}
}

func TestAccept(t *testing.T) {
	h := serve(t, &fake{})
	for accept, want := range map[string]string{
		"": "application/json", "*/*": "application/json", "text/csv": "text/csv; charset=utf-8; header=present", "text/html,application/xhtml+xml,*/*;q=0.8": "text/html; charset=utf-8",
		"text/csv;q=0.5, text/html;q=0.4": "text/csv; charset=utf-8; header=present", "text/*": "text/html; charset=utf-8", "application/*": "application/json", "image/png": "application/problem+json",
		"text/csv, */*": "text/csv; charset=utf-8; header=present", "application/json;q=0, */*": "text/html; charset=utf-8", "application/json;q=0, text/csv": "text/csv; charset=utf-8; header=present", ";": "application/problem+json", "text/html;q=0": "application/problem+json",
	} {
		var headers []string
		if accept != "" {
			headers = []string{"Accept", accept}
		}
		w := get(t, h, "/", headers...)
		if got := w.Header().Get("Content-Type"); got != want || (w.Code == 406) != strings.Contains(want, "problem") {
			t.Errorf("%q: got %d %s, want %s", accept, w.Code, got, want)
		}
		if w := get(t, h, "/?format=csv", headers...); w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/csv") {
			t.Errorf("%q with ?format=csv: %d", accept, w.Code)
		}
	}
}

func TestOptionErrors(t *testing.T) {
	for want, options := range map[string][]Option{
		"feed.WithScope is required": {}, "no column \"nothing\"": {WithScope(acme), WithColumns("nothing")}, "see feed.WithData": {WithScope(acme), WithColumns("data")},
		"a key is empty": {WithScope(acme), WithData("")}, "1 to 1000": {WithScope(acme), WithLimits(10, 1001)}, "got 20 and 10": {WithScope(acme), WithLimits(20, 10)}, "got 0 and 10": {WithScope(acme), WithLimits(0, 10)},
		"must not be negative": {WithScope(acme), WithTimeout(-1)}, "must not be nil": {WithScope(acme), WithLogger(nil)},
	} {
		if h, err := newHandler(&fake{}, options...); err == nil || h != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := NewHandler(nil, WithScope(acme)); err == nil {
		t.Error("no reader: no error")
	}
	if h, err := NewHandler(&reader.Reader{}, WithScope(acme)); err != nil || h == nil {
		t.Errorf("got %v, %v", h, err)
	}
}
