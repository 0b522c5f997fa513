package web

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func TestParse(t *testing.T) {
	all := slices.Concat(filters, paging, counting[:2], []parameter{parts})
	place := (&reader.Row{ActionTime: noon}).Cursor(reader.OldestFirst)
	for query, want := range map[string]request{
		"":                                 {},
		"from=2026-11-01&to=2026-11-02":    {query: reader.Query{From: noon.AddDate(0, 0, -25).Add(-12 * time.Hour), To: noon.AddDate(0, 0, -24).Add(-12 * time.Hour)}},
		"from=2026-11-26T12:00":            {query: reader.Query{From: noon}},
		"from=2026-11-26T12:00:00":         {query: reader.Query{From: noon}},
		"from=2026-11-26T13:00:00%2B01:00": {query: reader.Query{From: noon}},
		"from=2026-11-26T12:00:00.000001Z": {query: reader.Query{From: noon.Add(time.Microsecond)}},
		"last=24h":                         {last: 24 * time.Hour, query: reader.Query{From: noon.AddDate(0, 0, -1)}},
		"last=2w":                          {last: 14 * 24 * time.Hour, query: reader.Query{From: noon.AddDate(0, 0, -14)}},
		"actor_id=a%26b&actor_type=user&tenant_id=acme":                        {query: reader.Query{Actor: "a&b", ActorType: "user", Tenant: "acme"}},
		"impersonator_id=7&action_type=Login+Failed&action_name=GET+/x":        {query: reader.Query{Impersonator: "7", ActionType: "Login Failed", ActionName: "GET /x"}},
		"status=Failed&error_type=403&object_type=article&object_id=a/b%00%41": {},
		"status=Failed&error_type=403&object_type=article&object_id=../a":      {query: reader.Query{Status: "Failed", ErrorType: "403", Object: reader.Object{Type: "article", ID: "../a"}}},
		"service_name=blog&session_id=s&client_address=::1&source=derived":     {query: reader.Query{Service: "blog", Session: "s", Address: "::1", Source: "derived"}},
		"trace_id=4BF92F3577B34DA6A3CE929D0E0E4736&text=100%25":                {query: reader.Query{Trace: "4BF92F3577B34DA6A3CE929D0E0E4736", Text: "100%"}},
		"data=parent.type%3Darticle&data=%22a.b%3D%22.c%3D1%3D2":               {query: reader.Query{Data: []reader.DataValue{{Path: []string{"parent", "type"}, Value: "article"}, {Path: []string{"a.b=", "c"}, Value: "1=2"}}}},
		"parts=true":                          {parts: true},
		"parts=false":                         {},
		"interval=week&by=status&by=actor_id": {by: reader.By{Interval: reader.Week, Columns: []string{"status", "actor_id"}}},
		"order=oldest&limit=1000&cursor=" + string(place): {paging: reader.Paging{Order: reader.OldestFirst, Limit: 1000, Cursor: place}},
	} {
		got, faults := parse(&url.URL{RawQuery: query}, noon, all)
		if strings.Contains(query, "%00") {
			if len(faults) != 1 || faults[0].Parameter != "object_id" {
				t.Errorf("%s: got %v, want a fault of object_id", query, faults)
			}
			continue
		}
		want.now = noon
		if len(faults) > 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v %v\nwant %+v", query, got, faults, want)
		}
	}
}

// What is wrong is named, with what it must be.
func TestFaults(t *testing.T) {
	all := slices.Concat(filters, paging, counting[:2], []parameter{parts})
	for query, want := range map[string]string{
		"from=yesterday":                        `from: must be a time such as "2026-11-01", "2026-11-01T09:30:00Z" or "2026-11-01T09:30:00+01:00"; got "yesterday"`,
		"from=2026-11-01T09:30:00+01:00":        "from: must be a time",
		"to=0000-01-01":                         "to: must be a time",
		"to=9999-12-31T23:59:59-01:00":          "to: must be a time",
		"from=2026-11-02&to=2026-11-02":         "to: must be after from",
		"from=2026-11-02&last=1h":               "last: must not be combined with from and to",
		"last=1":                                "last: must be a number of minutes",
		"last=h":                                "last: must be a number of minutes",
		"last=-1h":                              "last: must be a number of minutes",
		"last=%2B1h":                            "last: must be a number of minutes",
		"last=5201w":                            "last: must be a number of minutes",
		"last=99999999999999999999d":            "last: must be a number of minutes",
		"actor_id=":                             "actor_id: must not be empty; leave the parameter out",
		"actor_id=a&actor_id=b":                 "actor_id: may be given once",
		"actor_id=%ff":                          "actor_id: must be UTF-8 without NUL",
		"actor_id=" + strings.Repeat("a", 2001): "actor_id: must have at most 2000 bytes; got 2001",
		"actor_type=robot":                      `actor_type: must be one of "user", "service", "system", "anonymous"; got "robot"`,
		"status=success":                        `status: must be one of "Success", "Failed"; got "success"`,
		"source=x":                              `source: must be one of "declared", "derived"; got "x"`,
		"trace_id=4bf9":                         `trace_id: must be 32 hexadecimal digits; got "4bf9"`,
		"trace_id=g" + strings.Repeat("0", 31):  "trace_id: must be 32 hexadecimal digits",
		"data=parent":                           "data: must be a path in data and a value",
		"data=%3Dx":                             "data: must be a path",
		"data=a..b%3Dx":                         "data: must be a path",
		"data=%22a%3Dx":                         "data: must be a path",
		"data=%22a%22b%3Dx":                     "data: must be a path",
		"data=a%5C%3Dx":                         "data: must be a path",
		strings.Repeat("data=a%3D1&", 9):        "data: may be given 8 times",
		"order=up":                              `order: must be one of "newest", "oldest"; got "up"`,
		"limit=0":                               `limit: must be a number from 1 to 1000; got "0"`,
		"limit=1001":                            "limit: must be a number from 1 to 1000",
		"limit=ten":                             "limit: must be a number from 1 to 1000",
		"cursor=abc":                            "cursor: must be a cursor of an earlier answer",
		"parts=yes":                             `parts: must be one of "true", "false"; got "yes"`,
		"interval=year":                         `interval: must be one of "hour", "day", "week", "month"; got "year"`,
		"by=remarks":                            "by: must be one of",
		"Actor_id=1":                            "Actor_id: there is no such parameter here; there are from, to, last, actor_id",
		"x=1":                                   "x: there is no such parameter here",
		strings.Repeat("x", 5000) + "=1":        strings.Repeat("x", 64) + "…: there is no such parameter",
		"a;b":                                   ": the parameters after ? are not a valid query of a URL",
		"limit=0&status=x":                      `status: must be one of "Success", "Failed"; got "x"; limit: must be`,
		"from=" + strings.Repeat("9", 1000):     strings.Repeat("9", 64) + "…",
		"actor_id=%00":                          "actor_id: must be UTF-8 without NUL",
		"from=2026-11-26T12:00:00Z&to=2026-11-26": "to: must be after from",
	} {
		_, faults := parse(&url.URL{RawQuery: query}, noon, all)
		if got := badParameters(faults).Detail; len(faults) == 0 || !strings.Contains(got, want) {
			t.Errorf("%.80s: got %q, want %q in it", query, got, want)
		}
	}
	if _, faults := parse(&url.URL{RawQuery: "from=2026-11-01T09:30:00+01:00"}, noon, all); !strings.Contains(faults[0].Detail, "%2B") {
		t.Errorf("got %v, want a hint how + is written", faults)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("actor_id=1&data=a.b%3Dc&last=1h")
	all := slices.Concat(filters, paging, counting, []parameter{parts})
	f.Fuzz(func(t *testing.T, query string) {
		q, faults := parse(&url.URL{RawQuery: query}, noon, all)
		if len(faults) > 0 {
			return
		}
		for _, text := range []string{q.query.Actor, q.query.Text, q.query.Object.ID} {
			if text != "" && checkText(text) != nil {
				t.Errorf("%q: got %q", query, text)
			}
		}
		for _, d := range q.query.Data {
			if len(d.Path) == 0 || slices.Contains(d.Path, "") || strings.ContainsAny(strings.Join(d.Path, ""), `"\`) {
				t.Errorf("%q: got the path %q", query, d.Path)
			}
		}
		if !q.query.From.IsZero() && !q.query.To.IsZero() && !q.query.From.Before(q.query.To) {
			t.Errorf("%q: got %v to %v", query, q.query.From, q.query.To)
		}
	})
}
