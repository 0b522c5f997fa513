package activityprocessor

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.yaml.in/yaml/v3"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
)

// configOf reads a configuration in YAML as the Collector does.
func configOf(t testing.TB, text string) *Config {
	t.Helper()
	var raw map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &raw))
	cfg := defaults()
	require.NoError(t, confmap.NewFromStringMap(raw).Unmarshal(cfg))
	require.NoError(t, confmap.Validate(cfg))
	return cfg
}

// A statement of a request has no user; the request's span, later in the same
// batch, has one, and a file has the user's name.
func TestJoinAndLookup(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users.csv")
	require.NoError(t, os.WriteFile(file, []byte("id,name,org\n42,alice,acme\n"), 0o600))
	cfg := configOf(t, `
rules: [{preset: db_client}, {preset: http_server}]
lookups:
  - name: users
    key: [activity.actor.id]
    set: {activity.actor.name: name, activity.tenant.id: org}
    file: {path: `+file+`, key_columns: [id]}
`)
	b := newBoth(t, func(c *Config) { *c = *cfg })
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "blog")
	spans := rs.ScopeSpans().AppendEmpty().Spans()
	statement, request := spans.AppendEmpty(), spans.AppendEmpty()
	for i, span := range []ptrace.Span{statement, request} {
		span.SetTraceID(pcommon.TraceID{1})
		span.SetSpanID(pcommon.SpanID{byte(i + 1)})
	}
	statement.SetParentSpanID(request.SpanID())
	statement.SetKind(ptrace.SpanKindClient)
	statement.Attributes().PutStr("db.system", "postgresql")
	statement.Attributes().PutStr("db.statement", "UPDATE articles SET title = $1")
	request.SetKind(ptrace.SpanKindServer)
	require.NoError(t, request.Attributes().FromRaw(attrs{
		"http.request.method": "PUT", "http.route": "/articles/{id}", "url.path": "/articles/17", "user.id": "42", "http.response.status_code": 200,
	}))
	require.NoError(t, b.traces.ConsumeTraces(t.Context(), td))

	got := b.spans.AllTraces()[0].ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	require.Equal(t, 2, got.Len())
	for i, object := range []string{"UPDATE articles", "PUT /articles/{id}"} {
		a := got.At(i).Attributes().AsRaw()
		assert.Equal(t, object, a["activity.action.name"])
		assert.Equal(t, "42", a["activity.actor.id"])
		assert.Equal(t, "alice", a["activity.actor.name"])
		assert.Equal(t, "acme", a["activity.tenant.id"])
	}
	assert.Equal(t, int64(1), total(t, b, "otelcol_processor_activity_users_joined"))
	assert.Equal(t, int64(2), total(t, b, "otelcol_processor_activity_lookups"))
	assert.Equal(t, int64(2), total(t, b, "otelcol_processor_activity_activities"))
	entries, err := b.telemetry.GetMetric("otelcol_processor_activity_lookup_entries")
	require.NoError(t, err)
	assert.Equal(t, int64(1), entries.Data.(metricdata.Gauge[int64]).DataPoints[0].Value)
}

func total(t *testing.T, b *both, name string) (n int64) {
	t.Helper()
	m, err := b.telemetry.GetMetric(name)
	require.NoError(t, err)
	for _, point := range m.Data.(metricdata.Sum[int64]).DataPoints {
		n += point.Value
	}
	return n
}

// What leaves the processor has no secrets, activities and others alike.
func TestPrivacyIsLast(t *testing.T) {
	b := newBoth(t, func(c *Config) {
		c.DropOthers = false
		c.Rules = []rule.Config{{Set: rule.Fields{
			"action.type": rule.Of("Update"), "data.password": rule.Of(`attributes["x"]`), "object.name": rule.Of(`attributes["y"]`),
		}}}
	})
	td, span := newSpan(t, attrs{"user.id": "alice@example.com", "x": "hunter2", "y": "card 4111 1111 1111 1111"})
	span.SetName("mail to bob@example.com")
	other := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().AppendEmpty()
	other.Attributes().PutStr("db.statement", "ALTER USER alice PASSWORD='hunter2'")
	td.ResourceSpans().At(0).Resource().Attributes().PutStr("api_key", "hunter2")
	require.NoError(t, b.traces.ConsumeTraces(t.Context(), td))

	got := b.spans.AllTraces()[0].ResourceSpans().At(0)
	key, _ := got.Resource().Attributes().Get("api_key")
	assert.Equal(t, "****", key.Str())
	a := got.ScopeSpans().At(0).Spans().At(0).Attributes().AsRaw()
	assert.Equal(t, attrs{"password": "****"}, a["activity.data"])
	assert.Equal(t, "card ****", a["activity.object.name"])
	assert.Equal(t, "alice@example.com: Update", a["activity.remarks"])
	assert.Equal(t, "mail to ****", got.ScopeSpans().At(0).Spans().At(0).Name())
	statement, _ := got.ScopeSpans().At(0).Spans().At(1).Attributes().Get("db.statement")
	assert.Equal(t, "ALTER USER alice PASSWORD='****'", statement.Str())
}

// A key or a file that is not there stops the start, and says which.
func TestStartInVain(t *testing.T) {
	factory := NewFactory()
	set := processortest.NewNopSettings(metadata.Type)
	cfg := configOf(t, `privacy: {fields: [{field: activity.actor.id, action: hmac}], hmac: {key_file: /nowhere/key, key_id: a}}`)
	_, err := factory.CreateTraces(t.Context(), set, cfg, nil)
	require.ErrorContains(t, err, "privacy: hmac: key_file: open /nowhere/key")

	cfg = configOf(t, `lookups: [{name: users, key: [activity.actor.id], set: {activity.actor.name: name}, file: {path: /nowhere/users.csv, key_columns: [id]}}]`)
	traces, err := factory.CreateTraces(t.Context(), set, cfg, consumertest.NewNop())
	require.NoError(t, err)
	require.ErrorContains(t, traces.Start(t.Context(), nil), "/nowhere/users.csv")
	require.NoError(t, traces.Shutdown(t.Context()))
}

// The sentence and the type of the actor follow from what lookups have set.
func TestRemarksHaveWhatWasLookedUp(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sessions.csv")
	require.NoError(t, os.WriteFile(file, []byte("id,user,name,remarks\ns1,7,carol,\ns2,8,,\ns3,9,dave,dave was here\n"), 0o600))
	text := `
rules:
  - {name: fixed, routes: /fixed, set: {action.type: Update, remarks: a fixed sentence}}
  - {preset: http_server, anonymous: true, sample_reads: 1}
lookups:
  - name: sessions
    key: session.id
    set: {activity.actor.id: user, activity.actor.name: name, activity.remarks: remarks}
    file: {path: ` + file + `, key_columns: [id]}
`
	for name, tt := range map[string]struct {
		in                  attrs
		actor, typ, remarks any
	}{
		"id and name":      {attrs{"session.id": "s1"}, "7", "user", "carol updated article 17"},
		"id alone":         {attrs{"session.id": "s2"}, "8", "user", "8 updated article 17"},
		"remarks as well":  {attrs{"session.id": "s3"}, "9", "user", "dave was here"},
		"nobody is found":  {attrs{"session.id": "s4"}, nil, "anonymous", "anonymous updated article 17"},
		"the user's name":  {attrs{"session.id": "s1", "user.id": "7"}, "7", "user", "carol updated article 17"},
		"another user":     {attrs{"session.id": "s2", "user.id": "6", "user.name": "bob"}, "6", "user", "bob updated article 17"},
		"remarks of rules": {attrs{"session.id": "s1", "url.path": "/fixed", "http.route": "/fixed"}, "7", "user", "a fixed sentence"},
	} {
		in := attrs{"http.request.method": "PUT", "http.route": "/articles/{id}", "url.path": "/articles/17", "http.response.status_code": 200}
		for key, value := range tt.in {
			in[key] = value
		}
		td, span := newSpan(t, in)
		p := newProcessor(t, configOf(t, text))
		require.NoError(t, p.start(t.Context(), nil))
		_, err := p.processTraces(t.Context(), td)
		require.NoError(t, err)
		require.NoError(t, p.shutdown(t.Context()))
		got := span.Attributes().AsRaw()
		assert.Equal(t, tt.actor, got["activity.actor.id"], name)
		assert.Equal(t, tt.typ, got["activity.actor.type"], name)
		assert.Equal(t, tt.remarks, got["activity.remarks"], name)
	}
}

// A span within the request names the user, as getActiveSpan() of Express does. Its batch
// comes first. The default rules are enough.
func TestUserOfASpanWithinTheRequest(t *testing.T) {
	p := newProcessor(t, defaults())
	inner, span := newSpan(t, attrs{"express.type": "request_handler", "user.id": "42", "user.name": "alice"})
	span.SetKind(ptrace.SpanKindInternal)
	span.SetSpanID(pcommon.SpanID{3})
	span.SetParentSpanID(pcommon.SpanID{2})
	_, err := p.processTraces(t.Context(), inner)
	require.Error(t, err, "nothing is left to pass on")

	td, request := newSpan(t, attrs{"http.request.method": "PUT", "url.path": "/articles/17", "http.response.status_code": 200})
	_, err = p.processTraces(t.Context(), td)
	require.NoError(t, err)
	got := request.Attributes().AsRaw()
	assert.Equal(t, "42", got["activity.actor.id"])
	assert.Equal(t, "alice updated article 17", got["activity.remarks"])
}

// A span within the inner one of two server spans names the user, as in a route handler of
// Next.js. The request is the outer one, and its row has the user.
func TestUserWithinAnInnerRequest(t *testing.T) {
	const local = 0x100
	td, outer := newSpan(t, attrs{"http.request.method": "PUT", "url.path": "/api/articles/17", "http.response.status_code": 200})
	outer.SetFlags(local)
	spans := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	for id, a := range []attrs{
		{"http.request.method": "PUT", "http.route": "/api/articles/[id]", "http.response.status_code": 200},
		{"next.span_type": "AppRouteRouteHandlers.runHandler", "user.id": "42", "user.name": "alice"},
	} {
		span := spans.AppendEmpty()
		span.SetTraceID(outer.TraceID())
		span.SetSpanID(pcommon.SpanID{byte(3 + id)})
		span.SetParentSpanID(pcommon.SpanID{byte(2 + id)})
		span.SetFlags(local)
		span.SetKind(ptrace.SpanKind(2 - id)) // SERVER, INTERNAL
		require.NoError(t, span.Attributes().FromRaw(a))
	}
	_, err := newProcessor(t, defaults()).processTraces(t.Context(), td)
	require.NoError(t, err)
	require.Equal(t, 1, td.SpanCount())
	got := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes().AsRaw()
	assert.Equal(t, "42", got["activity.actor.id"])
	assert.Equal(t, "alice updated article 17", got["activity.remarks"])
}
