package activityprocessor

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// operations returns n GraphQL operations with that document, in one scope, before a request
// of somebody else.
func operations(t *testing.T, n int, more attrs, document string) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr(activity.ServiceNameKey, "blog")
	spans := rs.ScopeSpans().AppendEmpty().Spans()
	for i := range n + 1 {
		span := spans.AppendEmpty()
		span.SetTraceID(pcommon.TraceID{1})
		span.SetSpanID(pcommon.SpanID{byte(i >> 8), byte(i), 1})
		span.SetStartTimestamp(1_790_000_000_000_000_000)
		span.SetEndTimestamp(1_790_000_000_100_000_000)
		if i == n {
			span.SetKind(ptrace.SpanKindServer)
			require.NoError(t, span.Attributes().FromRaw(attrs{"http.request.method": "GET", "http.route": "/users/{id}", "url.path": "/users/7", "user.id": "7"}))
			continue
		}
		require.NoError(t, span.Attributes().FromRaw(attrs{"graphql.operation.type": "mutation", "graphql.document": document}))
		for key, value := range more {
			require.NoError(t, span.Attributes().PutEmpty(key).FromRaw(value))
		}
	}
	return td
}

// acts returns what the spans of td say, and the ids of those that are activities.
func acts(td ptrace.Traces) (said, ids []string) {
	for _, rs := range td.ResourceSpans().All() {
		for _, span := range rs.ScopeSpans().At(0).Spans().All() {
			one := ""
			for _, key := range []string{activity.ActionTypeKey, activity.ObjectTypeKey, activity.ObjectIDKey, activity.StatusKey, activity.ActionNameKey} {
				if v, ok := span.Attributes().Get(key); ok {
					one += v.AsString()
				}
				one += "|"
			}
			said = append(said, one)
			if id, ok := span.Attributes().Get(activity.IDKey); ok {
				ids = append(ids, id.Str())
			}
		}
	}
	return said, ids
}

// TestSeveralRootFields is about GraphQL documents that do several things: each is a row.
func TestSeveralRootFields(t *testing.T) {
	const document = `mutation { removePost(id: 1) { id } b: removePost(id: 2) { id } createUser(password: "s3cret") { id } }`
	const other = "Read|user|7|Success|GET /users/{id}|"
	carol := attrs{"user.id": "carol"}
	for name, tt := range map[string]struct {
		config   string
		more     attrs
		document string
		want     []string
	}{
		"three acts": {"rules: [{preset: graphql}, {preset: http_server}]", carol, document, []string{
			"Delete|post|1|Success|mutation removePost|", other, "Delete|post|2|Success|mutation removePost|", "Create|user||Success|mutation createUser|",
		}},
		"three acts of an operation with a name": {"rules: [{preset: graphql}, {preset: http_server}]", attrs{"user.id": "carol", "graphql.operation.name": "Clean"},
			"mutation Clean" + document[len("mutation"):], []string{
				"Delete|post|1|Success|mutation removePost|", other, "Delete|post|2|Success|mutation removePost|", "Create|user||Success|mutation createUser|",
			}},
		"the second of two operations": {"rules: [{preset: graphql}, {preset: http_server}]", attrs{"user.id": "carol", "graphql.operation.name": "B"},
			"mutation A { createUser } mutation B { removePost(id: 1) b: removePost(id: 2) }", []string{
				"Delete|post|1|Success|mutation removePost|", other, "Delete|post|2|Success|mutation removePost|",
			}},
		"one act": {"rules: [{preset: graphql}, {preset: http_server}]", carol, "mutation { removePost(id: 1) { id } }", []string{
			"Delete|post|1|Success|mutation removePost|", other,
		}},
		"a field twice, which is called once": {"rules: [{preset: graphql}, {preset: http_server}]", carol,
			"mutation { likePost(id: 1) { id } __typename likePost(id: 1) { likes } b: likePost(id: 1) { id } }", []string{
				"Update|post|1|Success|mutation likePost|", other, "Update|post|1|Success|mutation likePost|",
			}},
		"a query": {"rules: [{preset: graphql}, {preset: http_server}]", attrs{"user.id": "carol", "graphql.operation.type": "query"}, "{ user(id: 1) { id } posts { id } }", []string{
			"Read|user|1|Success|query user|", other, "Read|||Success|query posts|",
		}},
		"a rule for some": {"rules: [{preset: graphql, match: 'attributes[\"graphql.operation.type\"] == \"mutation\"'}, {preset: http_server}]", carol, document, []string{
			"Delete|post|1|Success|mutation removePost|", other, "Delete|post|2|Success|mutation removePost|", "Create|user||Success|mutation createUser|",
		}},
		"it failed": {"rules: [{preset: graphql}, {preset: http_server}]", attrs{"user.id": "carol", "graphql.errors": "[x]"}, document, []string{
			"Update|||Failed|mutation removePost, removePost, createUser|", other,
		}},
		"nobody, all spans go on":     {"{drop_others: false, rules: [{preset: graphql}, {preset: http_server}]}", nil, document, []string{"|||||", other}},
		"nobody":                      {"rules: [{preset: graphql}, {preset: http_server}]", nil, document, []string{other}},
		"no preset for it":            {"{drop_others: false, rules: [{preset: http_server}]}", carol, document, []string{"|||||", other}},
		"the service has declared":    {"rules: [{preset: graphql}, {preset: http_server}]", attrs{"user.id": "carol", activity.ActionTypeKey: "Delete"}, document, []string{"Delete|||Success||", other}},
		"the service has left it out": {"rules: [{preset: graphql}, {preset: http_server}]", attrs{"user.id": "carol", activity.SkippedKey: true}, document, []string{other}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProcessor(t, configOf(t, tt.config))
			td, err := p.processTraces(t.Context(), operations(t, 1, tt.more, tt.document))
			require.NoError(t, err)
			got, ids := acts(td)
			assert.Equal(t, tt.want, got)

			again, err := p.processTraces(t.Context(), operations(t, 1, tt.more, tt.document))
			require.NoError(t, err)
			_, sameIDs := acts(again)
			assert.Equal(t, ids, sameIDs, "a request that is sent twice")
			seen := map[string]bool{}
			for _, id := range ids {
				assert.False(t, seen[id], "two rows with the id %s", id)
				seen[id] = true
			}
		})
	}
}

// TestOneRootField checks that an operation which does one thing goes on as it came.
func TestOneRootField(t *testing.T) {
	for _, document := range []string{"", "mutation { removePost(id: 1) }", "mutation { ...F } fragment F on Mutation { a b }"} {
		td, err := newProcessor(t, configOf(t, "rules: [{preset: graphql}]")).processTraces(t.Context(), operations(t, 1, attrs{"user.id": "carol"}, document))
		require.NoError(t, err)
		require.Equal(t, 1, td.SpanCount())
		for _, span := range allSpans(td) {
			_, ok := span.Attributes().Get(record.RootFieldKey)
			assert.False(t, ok, document)
		}
	}
}

// TestSeveralRootFieldsAreBounded checks that a sender cannot make many spans of few.
func TestSeveralRootFieldsAreBounded(t *testing.T) {
	const sent = 1000
	document := "mutation {"
	for i := range 32 {
		document += fmt.Sprintf(" a%d: removePost(id: %d)", i, i)
	}
	td, err := newProcessor(t, configOf(t, "rules: [{preset: graphql}]")).processTraces(t.Context(), operations(t, sent, attrs{"user.id": "carol"}, document+" }"))
	require.NoError(t, err)
	assert.Greater(t, td.SpanCount(), sent+900)
	assert.LessOrEqual(t, td.SpanCount(), sent+1024)
}

func TestSeveralRootFieldsExplained(t *testing.T) {
	e, err := NewExplainer(t.Context(), configOf(t, "rules: [{preset: graphql}, {preset: http_server}]"), componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	defer func() { assert.NoError(t, e.Shutdown(t.Context())) }()
	all, err := e.Traces(t.Context(), operations(t, 1, attrs{"user.id": "carol"}, "mutation { removePost(id: 1) createUser }"))
	require.NoError(t, err)
	var got []string
	for _, one := range all {
		for _, c := range one.Columns {
			if c.Name == "action_name" {
				got = append(got, c.Value)
			}
		}
	}
	assert.Equal(t, []string{"mutation removePost", "GET /users/{id}", "mutation createUser"}, got)
}
