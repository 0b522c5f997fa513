package webtest_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

// answer is an answer of the API.
type answer struct {
	*http.Response
	body []byte
}

func ask(t *testing.T, method, address string, header http.Header) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(request.Header, header)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response, body}
}

func get(t *testing.T, address string) answer {
	t.Helper()
	return ask(t, http.MethodGet, address, nil)
}

// decode reads a JSON answer with code 200.
func decode[T any](t *testing.T, a answer) (value T) {
	t.Helper()
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%s: got %d, %s: %s", a.Request.URL, a.StatusCode, a.Header.Get("Content-Type"), a.body)
	}
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&value); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	return value
}

type page struct {
	Activities     []reader.Act `json:"activities"`
	Next, Previous string
}

func (p page) ids() (all []string) {
	for _, a := range p.Activities {
		all = append(all, a.EventID.String())
	}
	return all
}

func ids(rows []reader.Row) (all []string) {
	for _, r := range rows {
		all = append(all, r.EventID.String())
	}
	return all
}

var end = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// What each filter answers is what Go computes from the same rows, over all pages, forth and
// back.
func TestFilters(t *testing.T) {
	rows := sorted(story(end, 400), true)
	rows[5].TenantID, rows[6].Source, rows[7].ActorType = "acme & co", "derived", "service"
	rows[8].Data = json.RawMessage(`{"a.b":{"c=d":"e=f"}}`)
	from, to := rows[300].ActionTime, rows[100].ActionTime
	filters := map[string]func(reader.Row) bool{
		"":            func(reader.Row) bool { return true },
		"actor_id=42": func(r reader.Row) bool { return r.ActorID == "42" },
		"from=" + from.Format(time.RFC3339Nano) + "&to=" + to.Format(time.RFC3339Nano): func(r reader.Row) bool {
			return !r.ActionTime.Before(from) && r.ActionTime.Before(to)
		},
		"actor_type=service":                           func(r reader.Row) bool { return r.ActorType == "service" },
		"tenant_id=acme+%26+co":                        func(r reader.Row) bool { return r.TenantID != "" },
		"impersonator_id=7":                            func(r reader.Row) bool { return r.ImpersonatorID == "7" },
		"action_type=Login+Failed":                     func(r reader.Row) bool { return r.ActionType == "Login Failed" },
		"action_name=PATCH+/api/articles/{id}":         func(r reader.Row) bool { return r.ActionName == "PATCH /api/articles/{id}" },
		"status=Failed":                                func(r reader.Row) bool { return r.Status == "Failed" },
		"error_type=403":                               func(r reader.Row) bool { return r.ErrorType == "403" },
		"object_type=article&object_id=17":             func(r reader.Row) bool { return r.ObjectType == "article" && r.ObjectID == "17" },
		"service_name=blog&actor_id=41":                func(r reader.Row) bool { return r.ServiceName == "blog" && r.ActorID == "41" },
		"trace_id=" + strings.ToUpper(rows[9].TraceID): func(r reader.Row) bool { return r.TraceID == rows[9].TraceID },
		"session_id=" + rows[0].SessionID:              func(r reader.Row) bool { return r.SessionID == rows[0].SessionID },
		"client_address=198.51.100.7":                  func(r reader.Row) bool { return r.ClientAddress == "198.51.100.7" },
		"source=derived":                               func(r reader.Row) bool { return r.Source == "derived" },
		"text=could+not":                               func(r reader.Row) bool { return strings.Contains(r.Remarks, "could not") },
		"data=parent.type%3Darticle":                   func(r reader.Row) bool { return bytes.Contains(r.Data, []byte(`"parent"`)) },
		`data=%22a.b%22.%22c%3Dd%22%3De%3Df`:           func(r reader.Row) bool { return bytes.Contains(r.Data, []byte(`a.b`)) },
		"actor_id=nobody":                              func(reader.Row) bool { return false },
	}
	for name, start := range databases {
		t.Run(name, func(t *testing.T) {
			db := start(t)
			db.write(t, rows...)
			api := serve(t, db.reader(t)) + "api/v1/activities?limit=30&"
			for query, meets := range filters {
				want := slices.Clone(rows)
				want = slices.DeleteFunc(want, func(r reader.Row) bool { return !meets(r) })
				checkPages(t, api+query, ids(want))
				slices.Reverse(want)
				checkPages(t, api+query+"&order=oldest", ids(want))
			}
		})
	}
}

// checkPages goes through all pages and back.
func checkPages(t *testing.T, address string, want []string) {
	t.Helper()
	var got []string
	var pages [][]string
	var last page
	for cursor := ""; ; cursor = "&cursor=" + last.Next {
		a := get(t, address+cursor)
		last = decode[page](t, a)
		if last.Activities == nil {
			t.Fatalf("%s: activities is null", address)
		}
		got, pages = append(got, last.ids()...), append(pages, last.ids())
		if hasLink := strings.Contains(strings.Join(a.Header.Values("Link"), ","), `rel="next"`); hasLink != (last.Next != "") {
			t.Errorf("%s: Link is %q, and next %q", address, a.Header.Values("Link"), last.Next)
		}
		if last.Next == "" || len(pages) > 100 {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %d activities, want %d:\n%v\n%v", address, len(got), len(want), got, want)
	}
	for i := len(pages) - 2; i >= 0; i-- {
		last = decode[page](t, get(t, address+"&cursor="+last.Previous))
		if !slices.Equal(last.ids(), pages[i]) {
			t.Errorf("%s: page %d is another one on the way back", address, i)
		}
	}
}

// A row has all of its columns, and one activity has its changes.
func TestActivity(t *testing.T) {
	rows := story(end, 60)
	for name, start := range databases {
		t.Run(name, func(t *testing.T) {
			db := start(t)
			db.write(t, rows...)
			root := serve(t, db.reader(t))
			for _, want := range rows {
				checkActivity(t, root, want)
			}
			for id, code := range map[string]int{"01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a": 404, "x": 400, "": 400, "01a217ddcebc76b5a5a2fbb4d0dadb8a": 400,
				rows[0].EventID.String() + "/": 400, strings.ToUpper(rows[0].EventID.String()): 200, "%2e%2e%2fcounts": 400, "01a217dd-cebc-76b5-a5a2-fbb4d0dadb8g": 400} {
				if got := get(t, root+"api/v1/activities/"+id); got.StatusCode != code {
					t.Errorf("%s: got %d, want %d: %s", id, got.StatusCode, code, got.body)
				}
			}
		})
	}
}

func checkActivity(t *testing.T, root string, want reader.Row) {
	t.Helper()
	got := decode[reader.Act](t, get(t, root+"api/v1/activities/"+want.EventID.String()))
	if got.RecordedAt.IsZero() {
		t.Error("recorded_at is missing")
	}
	got.RecordedAt = time.Time{}
	if a, b := compact(t, got.Row), compact(t, want); a != b {
		t.Errorf("got\n%s, want\n%s", a, b)
	}
	if a, b := compact(t, got.Changes), compact(t, want.Changes()); a != b {
		t.Errorf("changes: got %s, want %s", a, b)
	}
}

func compact(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	var plain any
	if err == nil {
		err = json.Unmarshal(text, &plain)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, _ = json.Marshal(plain)
	return string(text)
}

func TestHistory(t *testing.T) {
	rows := sorted(story(end, 200), true)
	own := func(r reader.Row) bool { return r.ObjectType == "article" && r.ObjectID == "17" }
	part := func(r reader.Row) bool {
		return own(r) || bytes.Contains(r.Data, []byte(`{"parent":{"type":"article","id":"17"}}`))
	}
	for name, start := range databases {
		t.Run(name, func(t *testing.T) {
			db := start(t)
			db.write(t, rows...)
			api := serve(t, db.reader(t)) + "api/v1/history?limit=10&object_type=article&object_id=17"
			for query, meets := range map[string]func(reader.Row) bool{"": own, "&parts=true": part, "&parts=false": own,
				"&actor_id=42&action_type=Update": func(r reader.Row) bool { return own(r) && r.ActorID == "42" && r.ActionType == "Update" }} {
				want := slices.DeleteFunc(slices.Clone(rows), func(r reader.Row) bool { return !meets(r) })
				if len(want) == 0 {
					t.Fatalf("%s: the rows have none", query)
				}
				checkPages(t, api+query, ids(want))
			}
			for _, act := range decode[page](t, get(t, api)).Activities {
				if a, b := compact(t, act.Changes), compact(t, act.Row.Changes()); a != b || act.ActionType == "Update" && len(act.Changes) != 5 {
					t.Errorf("changes: got %s, want %s", a, b)
				}
			}
		})
	}
}

type counted struct {
	Interval string
	By       []string
	Groups   []reader.Group
	More     bool
}

func TestCounts(t *testing.T) {
	rows := story(end, 300)
	for name, start := range databases {
		t.Run(name, func(t *testing.T) {
			db := start(t)
			db.write(t, rows...)
			api := serve(t, db.reader(t)) + "api/v1/counts"
			want := map[string]int64{}
			for _, r := range rows {
				want[r.ActionTime.Format(time.DateOnly)+" "+string(r.ActionType)+" "+string(r.Status)]++
			}
			got := decode[counted](t, get(t, api+"?interval=day&by=action_type&by=status"))
			found := map[string]int64{}
			for _, g := range got.Groups {
				found[g.Time.Format(time.DateOnly)+" "+strings.Join(g.Values, " ")] = g.Rows
			}
			if !maps.Equal(found, want) || got.Interval != "day" || !slices.Equal(got.By, []string{"action_type", "status"}) || got.More {
				t.Errorf("got %v, want %v", got, want)
			}
			if all := decode[counted](t, get(t, api)); len(all.Groups) != 1 || all.Groups[0].Rows != 300 {
				t.Errorf("all: got %v, want 300", all)
			}
			if none := decode[counted](t, get(t, api+"?by=status&actor_id=nobody")); none.Groups == nil || len(none.Groups) != 0 {
				t.Errorf("got %v, want an empty list", none)
			}
			if few := decode[counted](t, get(t, api+"?by=actor_name&limit=2")); len(few.Groups) != 2 || !few.More {
				t.Errorf("got %v, want 2 groups and more", few)
			}
		})
	}
}

// CSV has the same values as JSON.
func TestCSV(t *testing.T) {
	db := sqlite(t)
	rows := sorted(story(end, 50), true)
	rows[0].Remarks, rows[1].Remarks = "a \"quoted\", text\nof two lines", "größer 😀"
	db.write(t, rows...)
	root := serve(t, db.reader(t)) + "api/v1/"
	wanted := http.Header{"Accept": {"text/csv"}}
	a := ask(t, http.MethodGet, root+"activities?limit=20", wanted)
	if got := a.Header.Get("Content-Type"); got != "text/csv; charset=utf-8; header=present" || a.Header.Get("Vary") != "Accept" {
		t.Errorf("Content-Type %s, Vary %s", got, a.Header.Get("Vary"))
	}
	lines, err := csv.NewReader(bytes.NewReader(a.body)).ReadAll()
	if err != nil || len(lines) != 21 {
		t.Fatalf("got %d lines, %v", len(lines), err)
	}
	for i, line := range lines[1:] {
		fields := map[string]string{}
		for j, name := range lines[0] {
			fields[name] = line[j]
		}
		if r := rows[i]; fields["event_id"] != r.EventID.String() || fields["remarks"] != r.Remarks || fields["data"] != string(r.Data) ||
			fields["action_time"] != r.ActionTime.Format(time.RFC3339Nano) || fields["actor_id"] != r.ActorID || fields["error_type"] != r.ErrorType {
			t.Errorf("line %d is %v, want %v", i, fields, r)
		}
	}
	link := strings.Trim(strings.Split(a.Header.Get("Link"), ">")[0], "<")
	base, _ := url.Parse(root + "activities?limit=20")
	following, err := base.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	lines, _ = csv.NewReader(bytes.NewReader(ask(t, http.MethodGet, following.String(), wanted).body)).ReadAll()
	if len(lines) != 21 || lines[1][0] != rows[20].EventID.String() {
		t.Errorf("the page that Link leads to is another one: %v", lines)
	}
	if got := string(ask(t, http.MethodGet, root+"counts?by=status", wanted).body); !strings.HasPrefix(got, "status,rows\nSuccess,") {
		t.Errorf("counts: got %q", got)
	}
	if got := string(ask(t, http.MethodGet, root+"counts?interval=month", wanted).body); got != "time,rows\n2026-11-01T00:00:00Z,50\n" {
		t.Errorf("counts: got %q", got)
	}
	for _, path := range []string{"history?object_type=article&object_id=17", "activities/" + rows[0].EventID.String()} {
		if got := ask(t, http.MethodGet, root+path, wanted); got.StatusCode != http.StatusNotAcceptable {
			t.Errorf("%s in CSV: got %d, want 406", path, got.StatusCode)
		}
		either := http.Header{"Accept": {"text/csv, application/json;q=0.5"}}
		if got := ask(t, http.MethodGet, root+path, either); got.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s in CSV or JSON: got %d, %s", path, got.StatusCode, got.body)
		}
	}
}

// An answer that has not changed is not sent again, and HEAD has all but the body.
func TestConditional(t *testing.T) {
	db := sqlite(t)
	rows := story(end, 20)
	db.write(t, rows...)
	root := serve(t, db.reader(t)) + "api/v1/"
	for _, path := range []string{"activities", "activities/" + rows[0].EventID.String(), "history?object_type=article&object_id=17", "counts", "openapi.json"} {
		full := get(t, root+path)
		tag := full.Header.Get("ETag")
		if got := full.Header.Get("Cache-Control"); path != "openapi.json" && got != "private, no-cache" {
			t.Errorf("%s: got Cache-Control %q", path, got)
		}
		again := ask(t, http.MethodGet, root+path, http.Header{"If-None-Match": {`"x", W/` + tag}})
		if again.StatusCode != http.StatusNotModified || len(again.body) > 0 || again.Header.Get("ETag") != tag {
			t.Errorf("%s: got %d with %d bytes, want 304", path, again.StatusCode, len(again.body))
		}
		head := ask(t, http.MethodHead, root+path, nil)
		if head.StatusCode != http.StatusOK || len(head.body) > 0 || head.Header.Get("ETag") != tag || head.Header.Get("Content-Length") != fmt.Sprint(len(full.body)) {
			t.Errorf("HEAD %s: got %v", path, head.Header)
		}
	}
	list := get(t, root+"activities").Header.Get("ETag")
	db.write(t, row(end))
	if got := ask(t, http.MethodGet, root+"activities", http.Header{"If-None-Match": {list}}); got.StatusCode != http.StatusOK {
		t.Errorf("after another row: got %d, want 200", got.StatusCode)
	}
}
