package credential

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// sessions is a table of sessions, as a lookup finds them.
type sessions struct {
	rows  map[string]attrs
	asked [][]string
}

func (s *sessions) Find(_ context.Context, lookup string, keys []string, into []pcommon.Map) {
	s.asked = append(s.asked, append([]string{lookup}, keys...))
	for i, key := range keys {
		for name, value := range s.rows[key] {
			into[i].PutStr(name, value.(string))
		}
	}
}

const cookieKey = "http.request.header.cookie"

func TestCookies(t *testing.T) {
	table := &sessions{rows: map[string]attrs{
		"abc": {"user.id": "42", "user.name": "alice", "activity.tenant.id": "acme"}, "s:abc.def": {"activity.actor.id": "43"},
		"def":    {"user.id": "44"},
		"nobody": {"user.id": " ", "user.name": "x"}, "name": {"user.name": "x"},
	}}
	f := finder(t, `[{cookie: {name: sid, lookup: sessions}}, {header: x-forwarded-user}]`, table)
	type list = []any
	for _, tt := range []struct {
		name string
		in   attrs
		want string
	}{
		{"alone", attrs{cookieKey: "sid=abc"}, "42"},
		{"among others", attrs{cookieKey: list{"a=b; sid=abc; c=d"}}, "42"},
		{"one header for each, as in HTTP/2", attrs{cookieKey: list{"a=b", "sid=abc", "c=d"}}, "42"},
		{"in quotes", attrs{cookieKey: `sid="abc"; x="y;z"`}, "42"},
		{"percent-encoded", attrs{cookieKey: "sid=%61bc"}, "42"},
		{"no blanks", attrs{cookieKey: "a=b;sid=abc;c"}, "42"},
		{"many", attrs{cookieKey: strings.Repeat("a=b; ", 2000) + "sid=abc"}, "42"},
		{"the same twice", attrs{cookieKey: "sid=abc; sid=abc"}, "42"},
		{"403", attrs{cookieKey: "sid=abc", "http.response.status_code": 403}, "42"},
		{"an unsigned-looking plus stays", attrs{cookieKey: "sid=a+b"}, ""},
		{"two different", attrs{cookieKey: "sid=abc; sid=def"}, ""},
		{"another name", attrs{cookieKey: "SID=abc; xsid=abc; sid2=abc"}, ""},
		{"not in the table", attrs{cookieKey: "sid=zzz"}, ""},
		{"a row without an id", attrs{cookieKey: "sid=nobody"}, ""},
		{"a row with a name alone", attrs{cookieKey: "sid=name"}, ""},
		{"empty", attrs{cookieKey: "sid=; a=b"}, ""},
		{"no cookies", attrs{}, ""},
		{"a giant value", attrs{cookieKey: "sid=" + strings.Repeat("a", 2000)}, ""},
		{"a giant header", attrs{cookieKey: "sid=abc; " + strings.Repeat("a", 1<<20)}, ""},
		{"NUL", attrs{cookieKey: "sid=abc\x00"}, ""},
		{"NUL, percent-encoded", attrs{cookieKey: "sid=abc%00"}, ""},
		{"401", attrs{cookieKey: "sid=abc", "http.response.status_code": 401}, ""},
		{"a login, whose session was of somebody else before", attrs{cookieKey: "sid=abc", "http.request.method": "POST", "url.path": "/session"}, ""},
		{"the rule that follows", attrs{cookieKey: "sid=zzz", "http.request.header.x-forwarded-user": "bob"}, "bob"},
		{"the rule before", attrs{cookieKey: "sid=abc", "http.request.header.x-forwarded-user": "bob"}, "42"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			who, claimed := identified(t, f, requestWith(tt.in))
			assert.Equal(t, tt.want, who[0])
			assert.False(t, claimed)
			if tt.want == "42" {
				assert.Equal(t, [3]string{"42", "alice", "acme"}, who)
			}
		})
	}
	td, one := span(t, requestWith(attrs{cookieKey: "sid=s%3Aabc.def"}))
	f.Traces(t.Context(), td, func(string) {})
	id, ok := one.Attributes().Get("activity.actor.id")
	require.True(t, ok, "Express signs its cookies")
	assert.Equal(t, "43", id.Str())
}

// TestCookiesOfABatch are looked up together.
func TestCookiesOfABatch(t *testing.T) {
	table := &sessions{rows: map[string]attrs{"a": {"user.id": "1"}, "b": {"user.id": "2"}, "c": {"user.id": "3"}}}
	f := finder(t, `[{cookie: {name: sid, lookup: one}}, {cookie: {name: other, lookup: two}}, {cookie: {name: third, lookup: one}}]`, table)
	td := ptrace.NewTraces()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for _, cookies := range []string{"sid=a", "sid=x; other=b", "other=c", "sid=x; other=x; third=a", "sid=b"} {
		_, one := span(t, requestWith(attrs{cookieKey: cookies}))
		one.MoveTo(spans.AppendEmpty())
	}
	found := map[string]int{}
	f.Traces(t.Context(), td, func(rule string) { found[rule]++ })
	var ids []string
	for _, one := range spans.All() {
		id, _ := one.Attributes().Get("user.id")
		ids = append(ids, id.AsString())
	}
	assert.Equal(t, []string{"1", "2", "3", "1", "2"}, ids)
	assert.Equal(t, "[[one a x x b] [two c] [two b x] [one a]]", fmt.Sprint(table.asked))
	assert.Equal(t, map[string]int{"cookie sid": 2, "cookie other": 2, "cookie third": 1}, found)
}
