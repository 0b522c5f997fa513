package web

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// TestDetails has each column of a row on the page of an activity.
func TestDetails(t *testing.T) {
	at := time.Date(2026, 11, 1, 9, 2, 3, 4000, time.FixedZone("", 3600))
	row := reader.Row{EventID: activity.HashID(at, nil), ActionTime: at, RecordedAt: at.Add(time.Minute),
		ActorID: "42", ActorType: "user", ActorName: "alice", ImpersonatorID: "root", TenantID: "acme", ActionType: "Update", ActionName: "PATCH /a",
		ObjectType: "article", ObjectID: "17", ObjectName: "Hello", Status: "Failed", ErrorType: "403", ClientAddress: "192.0.2.7", UserAgent: "curl",
		SessionID: "s-1", ServiceName: "blog", TraceID: "0a", SpanID: "0b", Source: "derived"}
	want := []string{
		"Time|2026-11-01 08:02:03.000004|UTC||true",
		"Actor|alice|42 user|/actor?actor_id=42|false",
		"Impersonated by|root||/?impersonator_id=root|false",
		"Tenant|acme||/?tenant_id=acme|false",
		"Action|Update||/?action_type=Update|false",
		"Called|PATCH /a||/?action_name=PATCH+%2Fa|true",
		"Object|article 17|Hello|/object?object_id=17&object_type=article|false",
		"Result|Failed|403||false",
		"Address|192.0.2.7||/?client_address=192.0.2.7|true",
		"Program|curl|||false",
		"Session|s-1||/?session_id=s-1|true",
		"Service|blog||/?service_name=blog|false",
		"Trace|0a|||true",
		"Span|0b|||true",
		"Source|derived|from a span of the service||false",
		"Recorded|2026-11-01 08:03:03.000004|UTC||true",
		"Id|" + row.EventID.String() + "|||true",
	}
	lines := func(r reader.Row) (got []string) {
		for _, d := range links("/").details(&r) {
			got = append(got, fmt.Sprintf("%s|%s|%s|%s|%v", d.Label, d.Value, d.Note, d.Link, d.Mono))
		}
		return got
	}
	if got := lines(row); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	row.ActorName, row.Source = "", "declared"
	got := lines(row)
	if got[1] != "Actor|42|user|/actor?actor_id=42|false" || !slices.Contains(got, "Source|declared|by the service||false") {
		t.Errorf("without a name: got\n%s", strings.Join(got, "\n"))
	}
}

// The labels of a chart say as much of the time as its interval needs.
func TestLabels(t *testing.T) {
	for interval, want := range map[reader.Interval]string{reader.Hour: "26 Nov 12:00", reader.Day: "26 Nov", reader.Week: "23 Nov 2026", reader.Month: "Nov 2026"} {
		c := newChart(nil, interval, noon, noon.Add(time.Minute), func(time.Time, time.Time) string { return "" })
		if len(c.Bars) != 1 || c.Bars[0].Label != want {
			t.Errorf("interval %d: got %+v, want %q", interval, c.Bars, want)
		}
	}
}

// Texts of up to maxWords words are compared word by word, longer ones are not, whichever of
// the two is long.
func TestDiffBound(t *testing.T) {
	long := func(n int) []string {
		words := make([]string, n)
		for i := range words {
			words[i] = fmt.Sprint("w", i)
		}
		words[n/2] = "same"
		return words
	}
	short := []string{"x", "same", "y"}
	same := func(parts []part) bool {
		return slices.ContainsFunc(parts, func(p part) bool { return !p.Marked && strings.Contains(p.Text, "same") })
	}
	for n, want := range map[int]bool{maxWords: true, maxWords + 1: false} {
		for _, pair := range [][2][]string{{long(n), short}, {short, long(n)}} {
			before, after := diff(pair[0], pair[1])
			if same(before) != want || same(after) != want {
				t.Errorf("%d and %d words: compared is %v and %v, want %v", len(pair[0]), len(pair[1]), same(before), same(after), want)
			}
		}
	}
}

// What is in the column data is JSON when it is sent, whatever somebody wrote there.
func TestFixData(t *testing.T) {
	for data, want := range map[string]string{"": "{}", `{"a":1}`: `{"a":1}`, "[1]": "[1]", "{": `"{"`, "<b>": `"\u003cb\u003e"`, "\xff": `"\ufffd"`} {
		row := reader.Row{Data: []byte(data)}
		if fixData(&row); string(row.Data) != want {
			t.Errorf("%q: got %s, want %s", data, row.Data, want)
		}
	}
}
