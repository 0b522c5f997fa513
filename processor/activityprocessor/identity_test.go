package activityprocessor

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.yaml.in/yaml/v3"
)

// A request whose session is in a table, and a query within it. The row has the user by
// the cookie and the name by a second lookup; the query has the same user. No cookie is
// passed on, not even on spans that are not activities.
func TestIdentityComesBeforeAllElse(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sessions.csv"), []byte("token,user\nabc,42\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "users.csv"), []byte("id,name\n42,alice\n"), 0o600))
	cfg := configOf(t, `
drop_others: false
rules: [{preset: db_client}, {preset: http_server}]
identity:
  - cookie: {name: sid, lookup: sessions}
  - header: {name: authorization, as: basic}
lookups:
  - {name: sessions, key: cookie, set: {user.id: user}, file: {path: `+dir+`/sessions.csv, key_columns: token}}
  - {name: users, key: activity.actor.id, set: {activity.actor.name: name}, file: {path: `+dir+`/users.csv, key_columns: id}}
privacy: {enabled: false}
`)
	b := newBoth(t, func(c *Config) { *c = *cfg })
	td, request := newSpan(t, attrs{
		"http.request.method": "PUT", "http.route": "/articles/{id}", "url.path": "/articles/17", "http.response.status_code": 200,
		"http.request.header.cookie": []any{"a=b; sid=abc"},
	})
	spans := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	query := spans.AppendEmpty()
	query.SetTraceID(request.TraceID())
	query.SetSpanID(pcommon.SpanID{3})
	query.SetParentSpanID(request.SpanID())
	query.SetKind(ptrace.SpanKindClient)
	require.NoError(t, query.Attributes().FromRaw(attrs{"db.system": "postgresql", "db.statement": "UPDATE articles SET title = $1"}))
	_, other := newSpan(t, attrs{"http.request.header.cookie": "sid=abc", "http.request.header.authorization": "Basic YWxpY2U6d29uZGVy"})
	other.SetKind(ptrace.SpanKindClient)
	other.MoveTo(spans.AppendEmpty())
	basic := spans.AppendEmpty()
	_, one := newSpan(t, attrs{"http.request.method": "DELETE", "url.path": "/articles/17", "http.response.status_code": 204,
		"http.request.header.authorization": []any{"Basic Ym9iOmJ1aWxkZXI="}})
	one.MoveTo(basic)
	require.NoError(t, b.traces.ConsumeTraces(t.Context(), td))

	got := b.spans.AllTraces()[0].ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	require.Equal(t, 4, got.Len())
	for i, remarks := range []string{"alice updated article 17", "alice updated article"} {
		a := got.At(i).Attributes().AsRaw()
		assert.Equal(t, "42", a["activity.actor.id"])
		assert.Equal(t, remarks, a["activity.remarks"])
		assert.NotContains(t, a, "activity.actor.verified")
	}
	assert.Empty(t, got.At(2).Attributes().AsRaw())
	a := got.At(3).Attributes().AsRaw()
	assert.Equal(t, "bob", a["activity.actor.id"])
	assert.Equal(t, false, a["activity.actor.verified"], "nobody here knows his password")
	for _, span := range got.All() {
		for key := range span.Attributes().All() {
			assert.NotContains(t, key, "header")
		}
	}
	assert.Equal(t, int64(2), total(t, b, "otelcol_processor_activity_users_identified"))
	assert.Equal(t, int64(1), total(t, b, "otelcol_processor_activity_users_joined"))
}

// What is not verified says so, even if only metadata is kept.
func TestUnverifiedWithoutData(t *testing.T) {
	p := newProcessor(t, configOf(t, `
rules: [{preset: http_server, level: metadata}]
identity: [{header: {name: authorization, as: basic}}]
`))
	td, span := newSpan(t, attrs{"http.request.method": "PUT", "url.path": "/articles/17", "http.response.status_code": 200,
		"http.request.header.authorization": "Basic Ym9iOmJ1aWxkZXI="})
	_, err := p.processTraces(t.Context(), td)
	require.NoError(t, err)
	got := span.Attributes().AsRaw()
	assert.Equal(t, "bob", got["activity.actor.id"])
	assert.Equal(t, false, got["activity.actor.verified"])
}

func TestCookiesNeedALookup(t *testing.T) {
	const lookup = `lookups: [{name: sessions, key: [a, b], set: {user.id: id}, file: {path: a.csv, key_columns: [a, b]}},
		{name: names, key: a, set: {user.name: id}, file: {path: a.csv, key_columns: a}}]`
	for _, tt := range []struct{ text, want string }{
		{`identity: [{cookie: {name: sid, lookup: sessions}}]`, `identity::0::cookie::lookup must be the name of one of lookups, which is empty; got "sessions"`},
		{"identity: [{cookie: {name: sid, lookup: session}}]\n" + lookup, `identity::0::cookie::lookup must be one of "sessions", "names"; got "session"`},
		{"identity: [{cookie: {name: sid, lookup: sessions}}]\n" + lookup, `identity::0::cookie::lookup must be a lookup with one key; "sessions" has 2`},
		{"identity: [{cookie: {name: sid, lookup: names}}]\n" + lookup, `identity::0::cookie::lookup must be a lookup that sets user.id or activity.actor.id; "names" does not`},
	} {
		var raw map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(tt.text), &raw))
		cfg := defaults()
		require.NoError(t, confmap.NewFromStringMap(raw).Unmarshal(cfg))
		require.EqualError(t, confmap.Validate(cfg), tt.want)
	}
}
