package activityprocessor

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// TestLayers is about spans around others that stand for the same act: one of them is a
// row, the innermost.
func TestLayers(t *testing.T) {
	const graphQL, database = "[{preset: graphql}, {preset: http_server}]", "[{preset: db_client}]"
	const server, client, internal = ptrace.SpanKindServer, ptrace.SpanKindClient, ptrace.SpanKindInternal
	post := func(path string, code int) attrs {
		return attrs{"http.request.method": "POST", "http.route": path, "url.path": path, "http.response.status_code": code, "user.id": "42"}
	}
	operation := attrs{"graphql.operation.type": "mutation", "graphql.source": "mutation { removePost(id: 1) { id } }", "user.id": "42"}
	nobodys := attrs{"graphql.operation.type": "mutation", "graphql.source": "mutation { removePost(id: 1) { id } }"}
	knex := attrs{"db.system": "postgresql", "db.statement": "insert into articles (title) values (?)", "db.sql.table": "articles", "db.operation": "insert", "user.id": "42"}
	pg := attrs{"db.system": "postgresql", "db.statement": "insert into articles (title) values ($1)", "user.id": "42"}
	for name, tt := range map[string]struct {
		rules string
		spans []requestSpan
		want  []string
	}{
		"a request around an operation":      {graphQL, []requestSpan{{0, server, 0, "a", post("/", 200)}, {1, internal, 0, "a", operation}}, []string{"mutation removePost"}},
		"an operation before":                {graphQL, []requestSpan{{2, internal, 0, "a", operation}, {0, server, 0, "a", post("/graphql", 200)}}, []string{"mutation removePost"}},
		"spans between them":                 {graphQL, []requestSpan{{0, server, 0, "a", post("/graphql", 200)}, {1, internal, 0, "a", attrs{}}, {2, internal, 0, "a", operation}}, []string{"mutation removePost"}},
		"two operations, one in another":     {graphQL, []requestSpan{{0, server, 0, "a", post("/graphql", 200)}, {1, internal, 0, "a", operation}, {2, internal, 0, "a", operation}}, []string{"mutation removePost"}},
		"an operation that is a SERVER span": {graphQL, []requestSpan{{0, server, 0, "a", post("/graphql", 200)}, {1, server, 0, "a", operation}}, []string{"mutation removePost"}},
		"one whose parent is local":          {graphQL, []requestSpan{{2, server, localParent, "a", operation}, {0, server, 0, "a", post("/graphql", 200)}}, []string{"mutation removePost"}},
		"one in a request that failed":       {graphQL, []requestSpan{{0, server, 0, "a", post("/graphql", 500)}, {1, server, localParent, "a", operation}}, []string{"POST /graphql", "mutation removePost"}},
		"one without a user":                 {graphQL, []requestSpan{{0, server, 0, "a", post("/graphql", 200)}, {1, server, 0, "a", nobodys}}, []string{"POST /graphql"}},
		"one in another operation":           {graphQL, []requestSpan{{0, server, 0, "a", post("/graphql", 200)}, {1, server, 0, "a", operation}, {2, internal, 0, "a", operation}}, []string{"mutation removePost"}},
		"a batch of two":                     {graphQL, []requestSpan{{0, server, 0, "a", post("/graphql", 200)}, {1, internal, 0, "a", operation}, {1, internal, 0, "a", operation}}, []string{"mutation removePost", "mutation removePost"}},
		"a request that failed":              {graphQL, []requestSpan{{0, server, 0, "a", post("/graphql", 500)}, {1, internal, 0, "a", operation}}, []string{"POST /graphql", "mutation removePost"}},
		"another request":                    {graphQL, []requestSpan{{0, server, 0, "a", post("/articles", 201)}, {0, internal, 0, "a", operation}}, []string{"POST /articles", "mutation removePost"}},
		"another service":                    {graphQL, []requestSpan{{0, server, 0, "a", post("/articles", 201)}, {1, client, 0, "a", attrs{}}, {2, internal, 0, "b", operation}}, []string{"POST /articles", "mutation removePost"}},
		"no preset for operations":           {"[{preset: http_server}]", []requestSpan{{0, server, 0, "a", post("/articles", 201)}, {1, internal, 0, "a", operation}}, []string{"POST /articles"}},
		"a preset for some operations":       {"[{preset: graphql, services: [b]}, {preset: http_server}]", []requestSpan{{0, server, 0, "a", post("/articles", 201)}, {1, internal, 0, "a", operation}}, []string{"POST /articles"}},
		"a loop":                             {graphQL, []requestSpan{{2, internal, 0, "a", operation}, {1, internal, 0, "a", operation}}, nil},

		"a statement of a query builder": {database, []requestSpan{{0, client, 0, "a", knex}, {1, client, 0, "a", pg}}, []string{"INSERT articles"}},
		"the driver's comes first":       {database, []requestSpan{{2, client, 0, "a", pg}, {0, client, 0, "a", knex}}, []string{"INSERT articles"}},
		"three of them":                  {database, []requestSpan{{0, client, 0, "a", knex}, {1, client, 0, "a", knex}, {2, client, 0, "a", pg}}, []string{"INSERT articles"}},
		"a connection within":            {database, []requestSpan{{0, client, 0, "a", knex}, {1, client, 0, "a", attrs{"db.system": "postgresql"}}}, []string{"insert articles"}},
		"another statement within": {database, []requestSpan{{0, client, 0, "a", knex},
			{1, client, 0, "a", attrs{"db.system": "postgresql", "db.statement": "UPDATE counters SET n = n + 1", "user.id": "42"}}}, []string{"insert articles", "UPDATE counters"}},
		"one after another": {database, []requestSpan{{0, client, 0, "a", pg}, {0, client, 0, "a", pg}}, []string{"INSERT articles", "INSERT articles"}},
	} {
		t.Run(name, func(t *testing.T) {
			td := ptrace.NewTraces()
			for i, s := range tt.spans {
				rs := td.ResourceSpans().AppendEmpty()
				rs.Resource().Attributes().PutStr(activity.ServiceNameKey, s.service)
				span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
				span.SetTraceID(pcommon.TraceID{1})
				span.SetSpanID(pcommon.SpanID{byte(i + 1)})
				if s.parent > 0 {
					span.SetParentSpanID(pcommon.SpanID{s.parent})
				}
				span.SetKind(s.kind)
				span.SetFlags(s.flags)
				require.NoError(t, span.Attributes().FromRaw(s.attrs))
			}
			td, err := newProcessor(t, configOf(t, "rules: "+tt.rules)).processTraces(t.Context(), td)
			if tt.want != nil {
				require.NoError(t, err)
			}
			var got []string
			for _, rs := range td.ResourceSpans().All() {
				name, _ := rs.ScopeSpans().At(0).Spans().At(0).Attributes().Get(activity.ActionNameKey)
				got = append(got, name.Str())
			}
			assert.Equal(t, tt.want, got)
		})
	}
}
