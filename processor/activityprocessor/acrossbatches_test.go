package activityprocessor

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/otelactivity/activitylog/activity"
)

// pipeline is a processor for traces and what it gave to the next component.
type pipeline struct {
	processor.Traces
	logs   processor.Logs
	rows   []string // "action name" of each row since the last call of take
	ids    []string // of the same rows
	status string   // of the last of them
	refuse bool     // the next component refuses what it gets
}

var errRefused = errors.New("the queue is full")

// newPipeline creates a processor as the Collector does it.
func newPipeline(t testing.TB, cfg *Config) *pipeline {
	t.Helper()
	p := &pipeline{}
	next, err := consumer.NewTraces(func(_ context.Context, td ptrace.Traces) error {
		if p.refuse {
			return errRefused
		}
		for _, span := range allSpans(td) {
			if name, ok := span.Attributes().Get(activity.ActionNameKey); ok {
				id, _ := span.Attributes().Get(activity.IDKey)
				status, _ := span.Attributes().Get(activity.StatusKey)
				p.status = status.Str()
				p.rows, p.ids = append(p.rows, name.Str()), append(p.ids, id.Str())
			}
		}
		return nil
	})
	require.NoError(t, err)
	lines, err := consumer.NewLogs(func(context.Context, plog.Logs) error { return nil })
	require.NoError(t, err)
	factory := NewFactory()
	settings := processortest.NewNopSettings(factory.Type())
	p.Traces, err = factory.CreateTraces(t.Context(), settings, cfg, next)
	require.NoError(t, err)
	p.logs, err = factory.CreateLogs(t.Context(), settings, cfg, lines)
	require.NoError(t, err)
	for _, c := range []interface {
		Start(context.Context, component.Host) error
		Shutdown(context.Context) error
	}{p.Traces, p.logs} {
		require.NoError(t, c.Start(t.Context(), componenttest.NewNopHost()))
		t.Cleanup(func() { assert.NoError(t, c.Shutdown(context.Background())) })
	}
	return p
}

// take returns the rows since the last call, and their ids.
func (p *pipeline) take() (rows, ids []string) {
	rows, ids, p.rows, p.ids = p.rows, p.ids, nil, nil
	return rows, ids
}

// send sends spans of one trace. Those of the batches before have the ids from 1 to before.
func (p *pipeline) send(t testing.TB, before int, spans []requestSpan) error {
	t.Helper()
	td := ptrace.NewTraces()
	for i, s := range spans {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr(activity.ServiceNameKey, s.service)
		span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		span.SetTraceID(pcommon.TraceID{1})
		span.SetSpanID(pcommon.SpanID{byte(before + i + 1)})
		if s.parent > 0 {
			span.SetParentSpanID(pcommon.SpanID{s.parent})
		}
		span.SetKind(s.kind)
		span.SetFlags(s.flags)
		span.SetStartTimestamp(1_700_000_000_000_000_000)
		require.NoError(t, span.Attributes().FromRaw(s.attrs))
	}
	return p.ConsumeTraces(t.Context(), td)
}

// Spans of one act that end one after another.
func request(method, path string, code int) attrs {
	return attrs{"http.request.method": method, "url.path": path, "http.response.status_code": code, "user.id": "42"}
}

func routed(method string) attrs {
	return attrs{"http.request.method": method, "http.route": "/articles/{id}", "http.response.status_code": 200, "user.id": "42"}
}

func mutation() attrs {
	return attrs{"graphql.operation.type": "mutation", "graphql.source": "mutation { removePost(id: 1) { id } }", "user.id": "42"}
}

func knexInsert() attrs {
	return attrs{"db.system": "postgresql", "db.statement": "insert into articles (title) values (?)", "db.sql.table": "articles", "db.operation": "insert", "user.id": "42"}
}

func pgInsert() attrs {
	return attrs{"db.system": "postgresql", "db.statement": "insert into articles (title) values ($1)", "user.id": "42"}
}

func and(a attrs, key string, value any) attrs {
	a[key] = value
	return a
}

func less(a attrs, key string) attrs {
	delete(a, key)
	return a
}

const (
	graphQLRules  = "rules: [{preset: graphql}, {preset: http_server}]"
	databaseRules = "rules: [{preset: db_client}]"
	httpRules     = "rules: [{preset: http_server}, {preset: rpc_server}]"
)

// TestAcrossBatches is about spans of one act of which the inner one comes in an earlier
// batch: the act is one row.
func TestAcrossBatches(t *testing.T) {
	const server, client, internal = ptrace.SpanKindServer, ptrace.SpanKindClient, ptrace.SpanKindInternal
	post, put := func(code int) attrs { return request("POST", "/graphql", code) }, func() attrs { return request("PUT", "/articles/17", 200) }
	const removed, inserted, updated = "mutation removePost", "INSERT articles", "PUT /articles/{id}"
	for name, tt := range map[string]struct {
		cfg     string
		batches [][]requestSpan
		want    string // rows, those of one batch with commas, and batches with bars
	}{
		"GraphQL":                         {graphQLRules, [][]requestSpan{{{2, internal, 0, "a", mutation()}}, {{0, server, 0, "a", post(200)}}}, removed + "|"},
		"GraphQL, spans between":          {graphQLRules, [][]requestSpan{{{2, internal, 0, "a", mutation()}, {3, internal, 0, "a", attrs{}}}, {{0, server, 0, "a", post(200)}}}, removed + "|"},
		"GraphQL, in three batches":       {graphQLRules, [][]requestSpan{{{2, internal, 0, "a", mutation()}}, {{3, internal, 0, "a", attrs{}}}, {{0, server, 0, "a", post(200)}}}, removed + "||"},
		"GraphQL, one in another":         {graphQLRules, [][]requestSpan{{{2, internal, 0, "a", mutation()}}, {{3, internal, 0, "a", mutation()}}, {{0, server, 0, "a", post(200)}}}, removed + "||"},
		"GraphQL that failed":             {graphQLRules, [][]requestSpan{{{2, internal, 0, "a", mutation()}}, {{0, server, 0, "a", post(500)}}}, removed + "|POST /graphql"},
		"GraphQL by nobody":               {graphQLRules, [][]requestSpan{{{2, internal, 0, "a", less(mutation(), "user.id")}}, {{0, server, 0, "a", post(200)}}}, "|POST /graphql"},
		"GraphQL around one by nobody":    {graphQLRules, [][]requestSpan{{{2, server, 0, "a", less(mutation(), "user.id")}, {0, internal, 0, "a", mutation()}}}, removed},
		"GraphQL of the schema":           {graphQLRules, [][]requestSpan{{{2, internal, 0, "a", attrs{"graphql.operation.type": "query", "graphql.source": "{ __schema { types } }", "user.id": "42"}}}, {{0, server, 0, "a", post(200)}}}, "|"},
		"GraphQL that is left out":        {graphQLRules, [][]requestSpan{{{2, internal, 0, "a", and(mutation(), "activity.skipped", true)}}, {{0, server, 0, "a", post(200)}}}, "|"},
		"GraphQL that is declared":        {graphQLRules, [][]requestSpan{{{2, internal, 0, "a", and(mutation(), "activity.action.type", "Publish")}}, {{0, server, 0, "a", post(200)}}}, "|"},
		"GraphQL, the request first":      {graphQLRules, [][]requestSpan{{{0, server, 0, "a", post(200)}}, {{1, internal, 0, "a", mutation()}}}, "POST /graphql|" + removed},
		"GraphQL in Next.js":              {graphQLRules, [][]requestSpan{{{2, internal, 0, "a", mutation()}}, {{3, server, localParent, "a", post(200)}}, {{0, server, localParent, "a", post(200)}}}, removed + "||"},
		"GraphQL in Next.js, one batch":   {graphQLRules, [][]requestSpan{{{2, internal, 0, "a", mutation()}, {3, server, localParent, "a", post(200)}, {0, server, localParent, "a", post(200)}}}, removed},
		"GraphQL of another process":      {graphQLRules, [][]requestSpan{{{2, internal, 0, "b", mutation()}}, {{0, server, 0, "a", post(200)}}}, removed + "|POST /graphql"},
		"GraphQL of a called service":     {graphQLRules, [][]requestSpan{{{2, internal, 0, "a", mutation()}}, {{3, client, 0, "a", attrs{}}}, {{0, server, 0, "a", post(200)}}}, removed + "||POST /graphql"},
		"GraphQL of another caller":       {graphQLRules, [][]requestSpan{{{2, internal, 0, "a", mutation()}}, {{3, server, 0, "a", post(200)}}, {{0, server, 0, "a", request("DELETE", "/articles/17", 200)}}}, removed + "||DELETE /articles/{id}"},
		"no preset for operations":        {httpRules, [][]requestSpan{{{2, internal, 0, "a", mutation()}}, {{0, server, 0, "a", post(200)}}}, "|POST /graphql"},
		"a statement":                     {databaseRules, [][]requestSpan{{{2, client, 0, "a", pgInsert()}}, {{0, client, 0, "a", knexInsert()}}}, inserted + "|"},
		"a statement, spans between":      {databaseRules, [][]requestSpan{{{2, client, 0, "a", pgInsert()}}, {{3, internal, 0, "a", attrs{}}, {0, client, 0, "a", knexInsert()}}}, inserted + "|"},
		"a statement, three of them":      {databaseRules, [][]requestSpan{{{2, client, 0, "a", pgInsert()}}, {{3, client, 0, "a", knexInsert()}}, {{0, client, 0, "a", knexInsert()}}}, inserted + "||"},
		"a statement by nobody":           {databaseRules, [][]requestSpan{{{2, client, 0, "a", less(pgInsert(), "user.id")}}, {{0, client, 0, "a", knexInsert()}}}, "|insert articles"},
		"a statement, the builder first":  {databaseRules, [][]requestSpan{{{0, client, 0, "a", knexInsert()}}, {{1, client, 0, "a", pgInsert()}}}, "insert articles|" + inserted},
		"another statement":               {databaseRules, [][]requestSpan{{{2, client, 0, "a", and(pgInsert(), "db.statement", "UPDATE counters SET n = n + 1")}}, {{0, client, 0, "a", knexInsert()}}}, "UPDATE counters|insert articles"},
		"two statements":                  {databaseRules, [][]requestSpan{{{3, client, 0, "a", pgInsert()}, {3, client, 0, "a", and(pgInsert(), "db.statement", "UPDATE counters SET n = n + 1")}}, {{0, client, 0, "a", knexInsert()}}}, inserted + ",UPDATE counters|"},
		"Next.js":                         {httpRules, [][]requestSpan{{{2, server, localParent, "a", put()}}, {{0, server, localParent, "a", put()}}}, "|" + updated},
		"Next.js without flags":           {httpRules, [][]requestSpan{{{2, server, 0, "a", put()}}, {{0, server, 0, "a", put()}}}, updated + "|"},
		"Next.js, spans between":          {httpRules, [][]requestSpan{{{2, server, 0, "a", put()}}, {{3, internal, 0, "a", attrs{}}}, {{0, server, 0, "a", put()}}}, updated + "||"},
		"Next.js, three of them":          {httpRules, [][]requestSpan{{{2, server, 0, "a", put()}}, {{3, server, 0, "a", put()}}, {{0, server, 0, "a", put()}}}, updated + "||"},
		"Next.js, three in two batches":   {httpRules, [][]requestSpan{{{2, server, 0, "a", put()}}, {{3, server, 0, "a", put()}, {0, server, 0, "a", put()}}}, updated + "|"},
		"Next.js, the request first":      {httpRules, [][]requestSpan{{{0, server, 0, "a", put()}}, {{1, server, 0, "a", put()}}}, updated + "|" + updated},
		"Next.js, by nobody":              {httpRules, [][]requestSpan{{{2, server, 0, "a", less(put(), "user.id")}}, {{0, server, 0, "a", put()}}}, "|" + updated},
		"Next.js, declared":               {httpRules, [][]requestSpan{{{2, server, localParent, "a", and(and(put(), "activity.action.type", "Publish"), "activity.action.name", "publish")}}, {{0, server, 0, "a", put()}}}, "publish|"},
		"Next.js, left out":               {httpRules, [][]requestSpan{{{2, server, localParent, "a", and(put(), "activity.skipped", true)}}, {{0, server, 0, "a", put()}}}, "|"},
		"the request is declared":         {httpRules, [][]requestSpan{{{2, server, 0, "a", put()}}, {{0, server, 0, "a", and(and(put(), "activity.action.type", "Publish"), "activity.action.name", "publish")}}}, updated + "|publish"},
		"gRPC in HTTP":                    {httpRules, [][]requestSpan{{{2, server, 0, "a", attrs{"rpc.system": "grpc", "rpc.service": "blog.Articles", "rpc.method": "Create", "user.id": "42"}}}, {{0, server, 0, "a", request("POST", "/blog.Articles/Create", 200)}}}, "blog.Articles/Create|"},
		"another request of the service":  {httpRules, [][]requestSpan{{{2, server, 0, "a", request("GET", "/articles", 200)}}, {{0, server, 0, "a", put()}}}, "GET /articles|" + updated},
		"requests without paths":          {httpRules, [][]requestSpan{{{2, server, 0, "a", routed("PUT")}}, {{0, server, 0, "a", routed("DELETE")}}}, updated + "|DELETE /articles/{id}"},
		"a request that the service made": {httpRules, [][]requestSpan{{{2, server, 0, "a", put()}}, {{3, client, 0, "a", attrs{}}, {0, server, 0, "a", put()}}}, updated + "|" + updated},
		"another service":                 {httpRules, [][]requestSpan{{{2, server, 0, "b", put()}}, {{0, server, 0, "a", put()}}}, updated + "|" + updated},
		"another process, as it says":     {httpRules, [][]requestSpan{{{2, server, remoteParent, "a", put()}}, {{0, server, 0, "a", put()}}}, updated + "|" + updated},
		"the request within itself":       {httpRules, [][]requestSpan{{{1, server, 0, "a", put()}}, {}}, updated + "|"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPipeline(t, configOf(t, tt.cfg))
			var first, again, ids, idsAgain []string
			for _, round := range []struct{ got, ids *[]string }{{&first, &ids}, {&again, &idsAgain}} { // everything is sent twice
				before := 0
				for _, spans := range tt.batches {
					require.NoError(t, p.send(t, before, spans))
					before += len(spans)
					rows, ids := p.take()
					*round.got, *round.ids = append(*round.got, strings.Join(rows, ",")), append(*round.ids, ids...)
				}
			}
			assert.Equal(t, tt.want, strings.Join(first, "|"))
			if strings.HasSuffix(name, "first") || strings.HasSuffix(name, "by nobody") {
				return // both are rows, or the join knows the user when the inner span comes again
			}
			assert.Equal(t, first, again, "what comes again")
			assert.Equal(t, ids, idsAgain)
		})
	}
}

// TestAcrossBatchesRefused is about batches that the next component refuses: they leave no
// trace, so nothing is lost that is not sent again, and nothing is two rows that is.
func TestAcrossBatchesRefused(t *testing.T) {
	const server, internal = ptrace.SpanKindServer, ptrace.SpanKindInternal
	inner, outer := []requestSpan{{2, internal, 0, "a", mutation()}}, []requestSpan{{0, server, 0, "a", request("POST", "/graphql", 200)}}
	p := newPipeline(t, configOf(t, graphQLRules))
	p.refuse = true
	require.ErrorIs(t, p.send(t, 0, inner), errRefused)
	p.refuse = false
	require.NoError(t, p.send(t, 1, outer))
	rows, _ := p.take()
	assert.Equal(t, []string{"POST /graphql"}, rows, "the operation is no row yet")

	p = newPipeline(t, configOf(t, graphQLRules))
	p.refuse = true
	require.ErrorIs(t, p.send(t, 0, inner), errRefused)
	p.refuse = false
	require.NoError(t, p.send(t, 0, inner))
	for range 2 {
		require.NoError(t, p.send(t, 1, outer))
	}
	rows, _ = p.take()
	assert.Equal(t, []string{"mutation removePost"}, rows)
}

// TestAcrossBatchesDeclared is about an inner span whose activity is declared by a log
// record between the batches.
func TestAcrossBatchesDeclared(t *testing.T) {
	p := newPipeline(t, configOf(t, httpRules+"\ncoverage: {rows: true}"))
	require.NoError(t, p.send(t, 0, []requestSpan{{2, ptrace.SpanKindServer, localParent, "a", request("PUT", "/articles/17", 200)}}))
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr(activity.ServiceNameKey, "a")
	line := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	line.SetTraceID(pcommon.TraceID{1})
	line.SetSpanID(pcommon.SpanID{1})
	line.Attributes().PutStr(activity.ActionTypeKey, "Publish")
	require.NoError(t, p.logs.ConsumeLogs(t.Context(), ld))
	require.NoError(t, p.send(t, 1, []requestSpan{{0, ptrace.SpanKindServer, 0, "a", request("PUT", "/articles/17", 200)}}))
	rows, _ := p.take()
	assert.Empty(t, rows)
}

// TestAcrossBatchesKnown is about what an inner span knows of the request that comes later:
// its route, and that a call inside was refused.
func TestAcrossBatchesKnown(t *testing.T) {
	const server = ptrace.SpanKindServer
	refused := attrs{"rpc.system": "grpc", "rpc.service": "blog.Articles", "rpc.method": "Create", "rpc.grpc.status_code": 7}
	for name, tt := range map[string]struct {
		inner  [][]requestSpan
		outer  attrs
		action string
		status string
	}{
		"a route":          {[][]requestSpan{{{2, server, localParent, "a", attrs{"http.route": "/articles/{slug}"}}}}, request("PUT", "/articles/a", 200), "PUT /articles/{slug}", "Success"},
		"in three batches": {[][]requestSpan{{{2, server, localParent, "a", attrs{"http.route": "/articles/{slug}"}}}, {{3, server, localParent, "a", attrs{}}}}, request("PUT", "/articles/a", 200), "PUT /articles/{slug}", "Success"},
		"gRPC was refused": {[][]requestSpan{{{2, server, localParent, "a", refused}}}, request("POST", "/blog.Articles/Create", 200), "POST /blog.Articles/Create", "Failed"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPipeline(t, configOf(t, httpRules))
			before := 0
			for _, spans := range tt.inner {
				require.NoError(t, p.send(t, before, spans))
				before += len(spans)
			}
			for range 2 {
				require.NoError(t, p.send(t, before, []requestSpan{{0, server, 0, "a", tt.outer}}))
				rows, _ := p.take()
				assert.Equal(t, []string{tt.action}, rows)
				assert.Equal(t, tt.status, p.status)
			}
		})
	}
}

// TestAcrossBatchesExplained is about the same in [Explainer].
func TestAcrossBatchesExplained(t *testing.T) {
	e, err := NewExplainer(t.Context(), configOf(t, graphQLRules), componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, e.Shutdown(context.Background())) })
	spans := []requestSpan{{2, ptrace.SpanKindInternal, 0, "a", mutation()}, {0, ptrace.SpanKindServer, 0, "a", request("POST", "/graphql", 200)}}
	var reasons []string
	for i := range spans {
		td := tracesOf(t, spans)
		n := 0
		td.ResourceSpans().RemoveIf(func(ptrace.ResourceSpans) bool { n++; return n != i+1 })
		x, err := e.Traces(t.Context(), td)
		require.NoError(t, err)
		reasons = append(reasons, x[0].Reason)
	}
	assert.Equal(t, []string{"", "nested"}, reasons)
}
