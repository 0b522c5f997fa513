package activityprocessor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/confcheck"
)

func explainer(t *testing.T, cfg *Config) *Explainer {
	t.Helper()
	e, err := NewExplainer(t.Context(), cfg, componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Shutdown(context.Background())) })
	return e
}

// explained returns "value (from)" of each column.
func explained(x Explanation) map[string]string {
	columns := map[string]string{}
	for _, c := range x.Columns {
		columns[c.Name] = fmt.Sprintf("%s (%s)", c.Value, c.From)
	}
	return columns
}

// columnsOf returns some of the columns.
func columnsOf(x Explanation, names ...string) map[string]string {
	all, some := explained(x), map[string]string{}
	for _, name := range names {
		some[name] = all[name]
	}
	return some
}

// A value can come from many places. Each is named.
func TestExplainWhereValuesComeFrom(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "users.csv"), []byte("id,name\n42,alice\n"), 0o600))
	cfg := configOf(t, `
rules:
  - {name: inner, kinds: [internal], match: ['span.name == "step"'], set: {action.type: Update, object.type: step}}
  - name: web
    preset: http_server
    set: {tenant.id: 'attributes["shop"]', data.kind: web}
    on_failed: {object.name: gone}
identity: [{header: {name: authorization, as: basic}}]
lookups: [{name: users, key: activity.actor.id, set: {activity.actor.name: name}, file: {path: `+dir+`/users.csv, key_columns: id}}]
`)
	e := explainer(t, cfg)
	assert.Equal(t, []string{"inner", "web"}, e.Rules())
	td, span := newSpan(t, attrs{
		"http.request.method": "DELETE", "http.route": "/users/{id}/sessions/{sid}", "url.path": "/users/3/sessions/9",
		"http.response.status_code": 204, "shop": "north", "http.request.header.authorization": []any{"Basic NDI6cHc="},
		"network.peer.address": "192.0.2.7", "user_agent.original": "curl",
	})
	span.SetName("DELETE /users/{id}/sessions/{sid}")
	below := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().AppendEmpty()
	below.SetTraceID(span.TraceID())
	below.SetSpanID(pcommon.SpanID{3})
	below.SetParentSpanID(span.SpanID())
	below.SetName("step")
	all, err := e.Traces(t.Context(), td)
	require.NoError(t, err)
	x := all[0]
	assert.Equal(t, "SERVER span", x.Kind)
	assert.Equal(t, []any{"blog", "DELETE", "/users/{id}/sessions/{sid}", "/users/3/sessions/9", 204, "web", ""},
		[]any{x.Service, x.Method, x.Route, x.Path, x.Code, x.Rule, x.Reason})
	assert.Equal(t, map[string]string{
		"actor_id":            "42 (attribute user.id, set by identity rule header authorization)",
		"actor_type":          "user (default_actor_type)",
		"actor_name":          "alice (lookup users)",
		"tenant_id":           `north (rule web, tenant.id: attributes["shop"])`,
		"status":              "Success (response code 204)",
		"client_address":      "192.0.2.7 (the peer of the connection)",
		"user_agent":          "curl (attribute user_agent.original)",
		"service_name":        "blog (resource attribute service.name)",
		"data.kind":           "web (rule web, data.kind: web)",
		"data.actor_verified": "false (identity rule header authorization)",
		"source":              "derived (default)",
	}, columnsOf(x, "actor_id", "actor_type", "actor_name", "tenant_id", "status", "client_address", "user_agent", "service_name",
		"data.kind", "data.actor_verified", "source"))
	assert.Contains(t, explained(x)["remarks"], "alice")
	assert.Contains(t, explained(x)["remarks"], "(default sentence)")
	assert.Contains(t, explained(x)["action_type"], "preset http_server")
	assert.Contains(t, explained(x)["event_id"], "(the ids and times of the record)")
	assert.NotContains(t, fmt.Sprint(all), "NDI6cHc")

	x = all[1]
	assert.Equal(t, "INTERNAL span", x.Kind)
	assert.Equal(t, "inner", x.Rule)
	assert.Equal(t, `42 (attribute user.id, set by join from span "DELETE /users/{id}/sessions/{sid}")`, explained(x)["actor_id"])
	assert.Equal(t, "step (rule inner, object.type: step)", explained(x)["object_type"])
}

// What a service declares comes from its attributes, and what a rule adds from the rule.
func TestExplainDeclared(t *testing.T) {
	e := explainer(t, configOf(t, `rules: [{name: more, set: {object.name: article, actor.id: '0'}}]`))
	ld, line := newRecord(t, attrs{activity.ActionTypeKey: "Update", activity.ActorIDKey: "42", activity.DataKey: map[string]any{"a": 1}})
	line.Body().SetStr("alice wrote")
	all, err := e.Logs(t.Context(), ld)
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Equal(t, "log record", all[0].Kind)
	assert.Equal(t, map[string]string{
		"action_type": "Update (attribute activity.action.type)",
		"actor_id":    "42 (attribute activity.actor.id)",
		"object_name": "article (rule more, object.name: article)",
		"status":      "Success (default)",
		"remarks":     "alice wrote (body of the log record)",
		"data.a":      "1 (attribute activity.data)",
		"source":      "declared (default)",
	}, columnsOf(all[0], "action_type", "actor_id", "object_name", "status", "remarks", "data.a", "source"))

	// Its span is the same activity.
	td, span := newSpan(t, attrs{"http.request.method": "PUT", "user.id": "42"})
	line.SetTraceID(span.TraceID())
	line.SetSpanID(span.SpanID())
	_, err = e.Logs(t.Context(), ld)
	require.NoError(t, err)
	all, err = e.Traces(t.Context(), td)
	require.NoError(t, err)
	assert.Equal(t, "declared", all[0].Reason)
	assert.Empty(t, all[0].Columns)
}

// A lookup that cannot be used is said, and the rest goes on.
func TestExplainWithoutLookup(t *testing.T) {
	cfg := configOf(t, `
lookups:
  - {name: users, key: activity.actor.id, set: {activity.actor.name: name}, file: {path: /does/not/exist.csv, key_columns: id}}
  - {name: names, key: activity.actor.id, set: {activity.actor.name: name}, sql: {driver: postgres, dsn: 'postgres://u:s3cret@127.0.0.1:1/x', query: 'SELECT name FROM t WHERE id = $1', query_timeout: 2s}}
`)
	e := explainer(t, cfg)
	notices := e.Notices()
	require.Len(t, notices, 1)
	assert.Contains(t, notices[0], "the lookup users cannot be used")
	td, _ := newSpan(t, attrs{"http.request.method": "PUT", "user.id": "42"})
	all, err := e.Traces(t.Context(), td)
	require.NoError(t, err)
	assert.Equal(t, "42 (attribute user.id)", explained(all[0])["actor_id"])
	notices = e.Notices()
	require.Len(t, notices, 1)
	assert.Equal(t, "the lookup names did not answer for 1 records, whose attributes stay blank", notices[0])
	assert.NotContains(t, notices[0], "s3cret")
	assert.Less(t, cfg.Lookups[1].SQL.Timeout, confcheck.Duration(time.Second), "the configuration is not changed")
}

// What is explained is what the processor does: the same columns, for each reason and row.
func TestExplainIsWhatTheProcessorDoes(t *testing.T) {
	requests := func() ptrace.Traces {
		td, _ := newSpan(t, attrs{})
		spans := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
		for i, a := range []attrs{
			derivable(), {"http.request.method": "PUT", "user.id": "alice@example.com", "url.path": "/articles/17"},
			{"http.request.method": "POST", "url.path": "/login", "http.response.status_code": 401, "user.name": "bob"},
			{activity.ActionTypeKey: "Publish", activity.ActorIDKey: "7"}, {"http.request.method": "GET", "url.path": "/x"},
			{"http.request.method": "PUT", "user.id": "1", activity.SkippedKey: true}, {"db.system": "mysql"},
		} {
			_, span := newSpan(t, a)
			span.SetSpanID(pcommon.SpanID{9, byte(i)})
			span.MoveTo(spans.AppendEmpty())
		}
		return td
	}
	for _, rules := range []string{"{}", "rules: [{preset: http_server, level: metadata}]", "rules: []",
		"rules: [{set: {action.type: Update, object.id: x}}]", "privacy: {enabled: false}"} {
		cfg := configOf(t, rules)
		var sink consumertest.TracesSink
		p := newProcessor(t, cfg)
		td, err := p.processTraces(t.Context(), requests())
		if err == nil {
			require.NoError(t, sink.ConsumeTraces(t.Context(), td))
		}
		var want, got []string
		for _, td := range sink.AllTraces() {
			for _, span := range allSpans(td) {
				want = append(want, rowOf(func(key string) string {
					v, ok := span.Attributes().Get(key)
					if !ok {
						return ""
					}
					return v.AsString()
				}))
			}
		}
		all, err := explainer(t, cfg).Traces(t.Context(), requests())
		require.NoError(t, err)
		for _, x := range all {
			if x.Reason != "" {
				assert.Empty(t, x.Columns)
				assert.NotEmpty(t, x.Why)
				continue
			}
			columns := map[string]string{}
			for _, c := range x.Columns {
				columns[c.Name] = c.Value
				assert.NotEmpty(t, c.From, c.Name)
			}
			got = append(got, rowOf(func(key string) string { return columns[activity.Columns()[activity.ColumnOfKey(key)].Name] }))
		}
		assert.Equal(t, want, got, rules)
		assert.NotEmpty(t, got, rules)
	}
}

func rowOf(value func(key string) string) string {
	var texts []string
	for _, c := range activity.Columns() {
		if c.Key != "" && c.Key != activity.DataKey && c.Key != activity.ServiceNameKey {
			texts = append(texts, value(c.Key))
		}
	}
	return strings.Join(texts, "|")
}

// Texts are shown as they leave the processor.
func TestExplainHasNoSecrets(t *testing.T) {
	e := explainer(t, configOf(t, `{}`))
	td, span := newSpan(t, attrs{
		"http.request.method": "PUT", "url.path": "/articles/17", "user.id": "42", "user.name": "password=hunter2",
		"http.request.header.authorization": "Bearer hunter2", activity.DataKey: map[string]any{"api_key": "hunter2", "note": "token=hunter2"},
	})
	span.SetName("PUT password=hunter2")
	all, err := e.Traces(t.Context(), td)
	require.NoError(t, err)
	require.NotEmpty(t, all[0].Columns)
	assert.NotContains(t, fmt.Sprintf("%+v", all), "hunter2")
	assert.Contains(t, explained(all[0])["actor_name"], "(attribute user.name, changed by privacy)")
}
