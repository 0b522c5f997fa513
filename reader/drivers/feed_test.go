package drivers_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/feed"
)

// tenants are those of the rows. The first two ask; the others are what a database could
// take for one of them, and nobody.
var tenants = []string{"alice", "globex", "Alice", "alice ", "älice", "al_ce", "%", ""}

// owned returns rows of all tenants, whose ids, names and objects are the same. Each has a
// text that names its tenant in every column that can hold one.
func owned(n int) []reader.Row {
	rng := rand.New(rand.NewPCG(3, 4))
	rows := random(n)
	for i := range rows {
		r := &rows[i]
		r.TenantID = tenants[rng.IntN(len(tenants))]
		if i%3 == 0 {
			r.TenantID = tenants[i/3%2]
		}
		secret := secretOf(r.TenantID)
		switch rng.IntN(3) {
		case 0:
			r.Remarks, r.ObjectName = secret, "object "+secret
		case 1:
			r.Data = json.RawMessage(fmt.Sprintf(`{"changes":{"title":["alt",%q]},"objects":[{"type":"article","id":"17"}],"reason":%[1]q}`, secret))
		}
	}
	return rows
}

// secretOf is a text that only rows of one tenant have.
func secretOf(tenant string) string { return fmt.Sprintf("secret<%x>", tenant) }

// asking is a feed that is asked, and who asks.
type asking struct {
	name   string
	scope  feed.Scope
	holds  func(reader.Row) bool
	all    bool // shows all columns, or the default
	server *httptest.Server
}

// feeds starts a server for each scope and each list of columns.
func feeds(t *testing.T, r *reader.Reader) (all []asking) {
	t.Helper()
	for _, tenant := range tenants[:2] {
		for _, a := range []asking{
			{name: "tenant " + tenant, scope: feed.TenantScope(tenant), holds: func(r reader.Row) bool { return r.TenantID == tenant }},
			{name: "actor of " + tenant, scope: feed.TenantActorScope(tenant, "alice"), holds: func(r reader.Row) bool { return r.TenantID == tenant && r.ActorID == "alice" }},
		} {
			for _, a.all = range []bool{false, true} {
				options := []feed.Option{feed.WithScope(func(*http.Request) (feed.Scope, error) { return a.scope, nil }), feed.WithLanguage(feed.AcceptLanguage(feed.English(), feed.German()))}
				if a.all {
					columns := slices.DeleteFunc(activityColumns(), func(name string) bool { return name == "data" })
					options = append(options, feed.WithColumns(columns...), feed.WithData("changes", "objects", "reason"))
				}
				h, err := feed.NewHandler(r, options...)
				if err != nil {
					t.Fatal(err)
				}
				a.server = httptest.NewServer(h)
				t.Cleanup(a.server.Close)
				all = append(all, a)
			}
		}
	}
	return all
}

func activityColumns() []string { return append(columnNames(), "recorded_at") }

// question is one request, and what a feed has to say to it.
type question struct {
	method, target string
	header         http.Header
	wrong          bool // it must be an error of the client
	missing        bool // it must be 404
	limit          int
	want           func(reader.Row) bool
	order          reader.Order
}

// values of parameters, by name, and what they mean in plain Go.
func meaning(name, value string) func(reader.Row) bool {
	switch name {
	case "from", "to":
		at, _ := time.Parse(time.RFC3339, value)
		return func(r reader.Row) bool { return r.ActionTime.Before(at) == (name == "to") }
	case "trace_id":
		value = strings.ToLower(value)
	case "text":
		return func(r reader.Row) bool { return has(r, value) }
	}
	return func(r reader.Row) bool { return *r.Text(name) == value }
}

// defaultFilters and moreFilters are the columns that each kind of feed may be asked by.
var (
	defaultFilters = []string{"actor_id", "actor_type", "action_type", "status", "object_type", "object_id"}
	moreFilters    = []string{"tenant_id", "impersonator_id", "action_name", "error_type", "service_name", "trace_id", "session_id", "client_address", "source", "text"}
	unknown        = []string{
		"tenant", "Tenant_ID", "tenant_id ", "scope", "actor", "event_id", "data", "data.reason", "remarks", "columns", "parts", "user_agent", "span_id", "offset", "limit[]", "query", "sql",
		"object_name", "actor_name", "recorded_at", "q", "page", "_method", "t.tenant_id", "tenant_id=globex OR 1=1 --", "",
	}
)

// ask makes a random question of a feed. seen are cursors and ids of rows of all tenants.
func ask(rng *rand.Rand, a asking, rows []reader.Row, seen []string) question {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	q := question{method: "GET", header: http.Header{}, limit: 50, order: reader.NewestFirst}
	var parameters []string
	conditions := []func(reader.Row) bool{a.holds}
	add := func(name, value string) {
		encoded := url.QueryEscape(name)
		if rng.IntN(4) == 0 { // another spelling of the same
			encoded = ""
			for _, c := range []byte(name) {
				encoded += fmt.Sprintf("%%%02x", c)
			}
		}
		parameters = append(parameters, encoded+"="+url.QueryEscape(value))
	}
	path := "/"
	used := map[string]bool{}
	for range rng.IntN(4) {
		name := pick(defaultFilters...)
		if rng.IntN(3) == 0 {
			name = pick(moreFilters...)
		}
		if rng.IntN(5) == 0 {
			name = pick("from", "to")
		}
		value := pick(valuesOf(name)...)
		if mistake := used[name] || slices.Contains(moreFilters, name) && !a.all || value == ""; mistake && rng.IntN(8) > 0 {
			continue
		}
		q.wrong = q.wrong || used[name] || slices.Contains(moreFilters, name) && !a.all || value == ""
		used[name] = true
		add(name, value)
		conditions = append(conditions, meaning(name, value))
	}
	switch rng.IntN(16) {
	case 0:
		add(pick(unknown...), pick(tenants...))
		q.wrong = true
	case 1:
		limit := pick("1", "7", "200", "0", "-1", "201", "1000000000000000000000", "50 ", "0x10")
		q.limit, _ = strconv.Atoi(limit)
		q.wrong = q.wrong || q.limit < 1 || q.limit > 200
		add("limit", limit)
	case 2:
		order := pick("newest", "oldest", "NEWEST", "id; DROP TABLE activity_log")
		q.order = map[string]reader.Order{"oldest": reader.OldestFirst}[order]
		q.wrong = q.wrong || order != "newest" && order != "oldest"
		add("order", order)
	case 3:
		row := rows[rng.IntN(len(rows))]
		if own := match(rows, reader.NewestFirst, a.holds); rng.IntN(2) == 0 {
			row = own[rng.IntN(len(own))]
		}
		if rng.IntN(4) > 0 {
			parameters = nil
		}
		path += row.EventID.String()
		q.missing = !a.holds(row)
		q.wrong = len(parameters) > 0
		conditions = append(conditions[:1], func(r reader.Row) bool { return r.EventID == row.EventID })
	case 4:
		path += pick("history/", "..", "%2e%2e", "x", "api", "01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a", "01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a%00")
		q.missing, q.wrong = true, len(parameters) > 0
	case 5:
		path += "history"
		for _, name := range []string{"object_type", "object_id"} {
			if value := pick(valuesOf(name)...); !used[name] && rng.IntN(8) > 0 {
				used[name] = true
				add(name, value)
				conditions = append(conditions, meaning(name, value))
			}
		}
		q.wrong = q.wrong || !used["object_type"] || !used["object_id"]
	case 6:
		q.method = pick("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "HEAD", "HEAD")
		q.wrong = q.wrong || q.method != "HEAD"
	case 7:
		cursor := pick(seen...)
		add("cursor", cursor)
		conditions = append(conditions, before(rows, cursor))
	case 8:
		add("cursor", pick("x", "AAAA", "'; DROP TABLE activity_log; --", strings.Repeat("A", 34)))
		q.wrong = true
	case 9:
		parameters = append(parameters, pick("a;b", "%zz", "status=%ff", "status=%00", ";tenant_id=globex"))
		q.wrong = true
	}
	for range rng.IntN(3) {
		q.header.Set(pick("X-Tenant-ID", "Tenant_id", "X-HTTP-Method-Override", "X-Original-URL", "X-Forwarded-User", "Authorization", "Cookie", "Accept-Language"), pick(tenants[1], "DELETE", "/?tenant_id=globex", "de"))
	}
	rng.Shuffle(len(parameters), func(i, j int) { parameters[i], parameters[j] = parameters[j], parameters[i] })
	q.target = path + "?" + strings.Join(parameters, "&")
	q.want = func(r reader.Row) bool {
		return !slices.ContainsFunc(conditions, func(holds func(reader.Row) bool) bool { return !holds(r) })
	}
	return q
}

// valuesOf returns values of a parameter, most of which some rows have.
func valuesOf(name string) []string {
	switch name {
	case "from", "to":
		return []string{begin.AddDate(0, 0, 3).Format(time.RFC3339), begin.AddDate(0, 0, 9).In(time.FixedZone("", 3600)).Format(time.RFC3339)}
	case "tenant_id":
		return tenants
	case "status":
		return []string{"Success", "Failed", "failed", ""}
	case "source":
		return []string{"declared", "derived"}
	case "actor_type":
		return []string{"user", "service", "%"}
	case "action_type":
		return []string{"Read", "Update", "Login Failed", "login failed"}
	case "object_type":
		return []string{"article", "user", "Article"}
	case "object_id":
		return []string{"1", "17", "hello-world", "17 OR 1=1"}
	case "trace_id":
		return []string{fmt.Sprintf("%032x", 7), fmt.Sprintf("%032X", 11)}
	}
	return append(slices.Clone(values), secretOf(tenants[0]), secretOf(tenants[1]))
}

// before is what a cursor for older rows means. The cursors of the test are of rows, whose
// place is after the "@".
func before(rows []reader.Row, cursor string) func(reader.Row) bool {
	at := place[cursor]
	older := sorted(rows, reader.NewestFirst)[at+1:]
	ids := map[activity.ID]bool{}
	for _, r := range older {
		ids[r.EventID] = true
	}
	return func(r reader.Row) bool { return ids[r.EventID] }
}

// place is the index of the row, newest first, after which the page of a cursor begins.
var place = map[string]int{}

// TestFeed asks feeds of two tenants 1,000 random questions, on each database, and compares
// each answer with what plain Go computes. No answer may have a row, or a text, of another.
//
//	ACTIVITYLOG_FEED_SEED=7 go test -run TestFeed .
func TestFeed(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		rows := owned(900)
		db.write(t, rows...)
		r := db.reader(t)
		all := feeds(t, r)
		seen := cursorsOf(t, r, rows)
		seed, err := strconv.ParseUint(cmp.Or(os.Getenv("ACTIVITYLOG_FEED_SEED"), strconv.FormatInt(time.Now().UnixNano(), 10)), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("ACTIVITYLOG_FEED_SEED=%d", seed)
		rng := rand.New(rand.NewPCG(seed, 16))
		count := map[string]int{}
		for range 1000 {
			a := all[rng.IntN(len(all))]
			q := ask(rng, a, rows, seen)
			count[answer(t, a, q, rows)]++
			if t.Failed() {
				t.Fatalf("%s (all columns: %v): %s %s %v", a.name, a.all, q.method, q.target, q.header)
			}
		}
		t.Logf("%v", count)
		for _, kind := range []string{"rows", "no rows", "wrong", "missing", "one", "head"} {
			if count[kind] == 0 {
				t.Errorf("no question had the answer %q", kind)
			}
		}
		for _, a := range all {
			pages(t, a, rows)
		}
	})
}

// cursorsOf returns cursors of rows of all tenants, as a reader without a scope has them.
func cursorsOf(t *testing.T, r *reader.Reader, rows []reader.Row) (seen []string) {
	t.Helper()
	newest := sorted(rows, reader.NewestFirst)
	for at, row := range newest {
		if at%90 != 45 {
			continue
		}
		page, err := r.List(t.Context(), reader.Query{To: row.ActionTime.Add(time.Microsecond)}, reader.Paging{Limit: 1})
		if err != nil || page.Next == "" {
			t.Fatalf("a cursor: %v", err)
		}
		place[string(page.Next)] = slices.IndexFunc(newest, func(other reader.Row) bool { return other.EventID == page.Rows[0].EventID })
		seen = append(seen, string(page.Next))
	}
	return seen
}

// answer sends a question, checks the answer, and says of which kind it was.
func answer(t *testing.T, a asking, q question, rows []reader.Row) (kind string) {
	t.Helper()
	status, header, body := send(t, a, q)
	leaks(t, a, body+fmt.Sprint(header), rows)
	switch {
	case q.method == "HEAD" && !q.wrong:
		if status != 200 && !q.missing || body != "" {
			t.Errorf("HEAD: got %d %s", status, body)
		}
		return "head"
	case q.wrong:
		if status != 400 && status != 405 && (!q.missing || status != 404) {
			t.Errorf("got %d %s, want an error of the client", status, body)
		}
		return "wrong"
	case q.missing:
		if status != 404 || strings.Count(body, "there is no such activity") != 1 {
			t.Errorf("got %d %s, want 404", status, body)
		}
		return "missing"
	case status != 200:
		t.Errorf("got %d %s", status, body)
		return "?"
	}
	want := match(rows, q.order, q.want)
	if path, _, _ := strings.Cut(q.target, "?"); len(path) == 37 {
		compare(t, a, []json.RawMessage{json.RawMessage(body)}, want)
		return "one"
	}
	var page struct {
		Activities []json.RawMessage
		Next       string
	}
	if err := json.Unmarshal([]byte(body), &page); err != nil || page.Activities == nil {
		t.Errorf("%v: %s", err, body)
	}
	if more := len(want) > q.limit; more != (page.Next != "") || more != strings.Contains(fmt.Sprint(header["Link"]), `rel="next"`) {
		t.Errorf("there are %d rows, and the next page is %q; links %q", len(want), page.Next, header["Link"])
	}
	compare(t, a, page.Activities, want[:min(len(want), q.limit)])
	if len(want) == 0 {
		return "no rows"
	}
	return "rows"
}

// send sends a question.
func send(t *testing.T, a asking, q question) (status int, header http.Header, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), q.method, a.server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	path, query, _ := strings.Cut(q.target, "?")
	req.URL.RawQuery, req.URL.RawPath = query, path
	if req.URL.Path, err = url.PathUnescape(path); err != nil {
		t.Fatal(err)
	}
	if q.header != nil {
		req.Header = q.header
	}
	res, err := a.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(text)
}

// leaks looks for texts and ids of rows that are not in the scope.
func leaks(t *testing.T, a asking, text string, rows []reader.Row) {
	t.Helper()
	text = strings.ReplaceAll(strings.ReplaceAll(text, `\u003c`, "<"), `\u003e`, ">")
	for _, row := range rows {
		if a.holds(row) {
			continue
		}
		if strings.Contains(text, row.EventID.String()) {
			t.Errorf("has the id of a row of %q", row.TenantID)
		}
	}
	for _, tenant := range tenants {
		if own := a.holds(reader.Row{TenantID: tenant, ActorID: "alice"}); !own && strings.Contains(text, secretOf(tenant)) && !strings.Contains(text, "problem") {
			t.Errorf("has a text of %q: %s", tenant, text)
		}
	}
}

// compare compares activities in JSON with rows.
func compare(t *testing.T, a asking, got []json.RawMessage, want []reader.Row) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("got %d activities, want %d", len(got), len(want))
		return
	}
	for i := range got {
		var fields map[string]any
		if err := json.Unmarshal(got[i], &fields); err != nil {
			t.Fatal(err)
		}
		for _, c := range activity.Columns() {
			place := want[i].Text(c.Name)
			shown := a.all || slices.Contains(feed.DefaultColumns(), c.Name)
			if place == nil {
				continue
			}
			value, _ := fields[c.Name].(string)
			if _, there := fields[c.Name]; there && !shown || shown && value != *place {
				t.Errorf("activity %d: %s is %q, want %q (shown: %v)", i, c.Name, value, *place, shown)
			}
		}
		if fields["event_id"] != want[i].EventID.String() || fields["action_time"] != want[i].ActionTime.Format(time.RFC3339Nano) || fields["summary"] == "" {
			t.Errorf("activity %d is %s, want %s", i, got[i], want[i].EventID)
		}
	}
}

// pages goes through all pages in each format, by the links, and counts the rows.
func pages(t *testing.T, a asking, rows []reader.Row) {
	t.Helper()
	want := match(rows, reader.NewestFirst, a.holds)
	for _, format := range []string{"json", "csv", "html"} {
		target, n := "/?limit=7&format="+format, 0
		for page := 0; target != ""; page++ {
			bound(t, page)
			status, header, body := send(t, a, question{method: "GET", target: target})
			if status != 200 {
				t.Fatalf("%s: %d %s", target, status, body)
			}
			leaks(t, a, body, rows)
			for _, row := range want[n:min(n+7, len(want))] {
				if format != "html" && !strings.Contains(body, row.EventID.String()) {
					t.Fatalf("%s: %s is missing", target, row.EventID)
				}
			}
			switch format {
			case "json":
				n += strings.Count(body, `"event_id"`)
			case "html":
				n += strings.Count(body, "<li ")
			default:
				n += min(7, len(want)-n)
			}
			target = ""
			for _, link := range header["Link"] {
				if to, rel, _ := strings.Cut(link, ">"); strings.Contains(rel, "next") {
					target = "/" + strings.TrimPrefix(to, "<")
				}
			}
		}
		if n != len(want) {
			t.Errorf("%s, %s: %d rows on all pages, want %d", a.name, format, n, len(want))
		}
	}
}
