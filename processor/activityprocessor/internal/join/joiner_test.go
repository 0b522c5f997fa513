package join

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

func TestWithinABatch(t *testing.T) {
	remote := uint32(0x300) // known, and remote
	for _, test := range []struct {
		name   string
		across bool
		spans  []spec
		want   map[string]string
	}{
		{name: "children end first", spans: []spec{
			{id: "c", parent: "b", kind: client}, {id: "b", parent: "a", kind: internal}, {id: "a", kind: server, attrs: alice},
		}, want: map[string]string{"a": "42", "b": "42", "c": "42"}},
		{name: "the nearest ancestor", spans: []spec{
			{id: "a", kind: server, attrs: alice},
			{id: "b", parent: "a", attrs: map[string]any{"user.id": "7"}}, {id: "c", parent: "b"}, {id: "d", parent: "a"},
		}, want: map[string]string{"a": "42", "b": "7", "c": "7", "d": "42"}},
		{name: "down is not up, nor beside", spans: []spec{
			{id: "a", kind: server}, {id: "b", parent: "a", attrs: alice}, {id: "c", parent: "a"},
		}, want: map[string]string{"b": "42"}},
		{name: "never from another trace", spans: []spec{
			{id: "a", kind: server, attrs: alice}, {id: "b", parent: "a", trace: 9},
		}, want: map[string]string{"a": "42"}},
		{name: "an anonymous request ends the way up", spans: []spec{
			{id: "a", attrs: alice}, {id: "b", parent: "a", attrs: map[string]any{"activity.actor.type": "anonymous"}}, {id: "c", parent: "b"},
		}, want: map[string]string{"a": "42"}},
		{name: "a name is no user", spans: []spec{
			{id: "a", attrs: map[string]any{"user.name": "alice"}}, {id: "b", parent: "a"},
		}, want: map[string]string{}},
		{name: "a blank user is none", spans: []spec{
			{id: "a", kind: server, attrs: alice}, {id: "b", parent: "a", attrs: map[string]any{"user.id": " "}},
		}, want: map[string]string{"a": "42", "b": "42"}},
		{name: "a user's other id counts", spans: []spec{
			{id: "a", kind: server, attrs: alice}, {id: "b", parent: "a", attrs: map[string]any{"enduser.id": "7"}},
		}, want: map[string]string{"a": "42"}},
		{name: "a caller's parent is not believed: same service", spans: []spec{
			{id: "a", kind: server, attrs: alice}, {id: "x", parent: "a", kind: server}, {id: "y", parent: "x"},
		}, want: map[string]string{"a": "42"}},
		{name: "a caller's parent is not believed: by the flags", spans: []spec{
			{id: "a", attrs: alice}, {id: "x", parent: "a", flags: remote}, {id: "y", parent: "x"},
		}, want: map[string]string{"a": "42"}},
		{name: "a caller's parent is not believed: a message", spans: []spec{
			{id: "a", attrs: alice}, {id: "x", parent: "a", kind: consumer},
		}, want: map[string]string{"a": "42"}},
		{name: "a caller's parent is not believed: another service", spans: []spec{
			{id: "a", attrs: alice}, {id: "x", parent: "a", service: "mail"},
		}, want: map[string]string{"a": "42"}},
		{name: "across services", across: true, spans: []spec{
			{id: "a", kind: server, attrs: alice}, {id: "b", parent: "a", kind: client}, {id: "c", parent: "b", kind: server, service: "mail"},
		}, want: map[string]string{"a": "42", "b": "42", "c": "42"}},
		{name: "across services the root, when the way to it is broken", across: true, spans: []spec{
			{id: "a", kind: server, attrs: alice}, {id: "c", parent: "lost", kind: server, service: "mail"},
		}, want: map[string]string{"a": "42", "c": "42"}},
		{name: "not the root otherwise", spans: []spec{
			{id: "a", kind: server, attrs: alice}, {id: "c", parent: "lost"},
		}, want: map[string]string{"a": "42"}},
		{name: "client and server share an id, as with Zipkin", spans: []spec{
			{id: "z", kind: client, service: "shop"}, {id: "z", kind: server, attrs: alice}, {id: "y", parent: "z"},
			{id: "w", parent: "z", service: "shop"},
		}, want: map[string]string{"z": "42", "y": "42"}},
		{name: "client and server share an id in a service that calls itself", spans: []spec{
			{id: "z", kind: client, attrs: map[string]any{"shared": true}}, {id: "z", kind: server, attrs: alice}, {id: "y", parent: "z"},
		}, want: map[string]string{"z": "42", "y": "42"}},
		{name: "ancestors of each other", spans: []spec{
			{id: "a", parent: "b"}, {id: "b", parent: "a"}, {id: "s", parent: "s"}, {id: "u", attrs: alice},
		}, want: map[string]string{"u": "42"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			j, _ := newTest(configured(func(c *Config) { c.AcrossServices = test.across }))
			td := traces(t, test.spans...)
			before := len(usersOf(td))
			joined := j.Traces(td)
			got := usersOf(td)
			for name, id := range got {
				if id == " " {
					delete(got, name)
				}
			}
			assert.Equal(t, test.want, got)
			if test.name != "a blank user is none" && before != len(test.spans) {
				assert.Equal(t, len(got)-before, joined)
			}
		})
	}
}

func TestWhatIsCopied(t *testing.T) {
	j, _ := newTest(DefaultConfig())
	who := map[string]any{
		"activity.actor.id": int64(42), "activity.actor.type": "user", "activity.actor.name": "alice", "activity.actor.impersonator.id": "7",
		"activity.tenant.id": "acme", "enduser.role": "admin", "user.email": "alice@example.com",
	}
	from := map[string]any{"http.route": "/articles", "user_agent.original": "curl", "activity.action.type": "Create"}
	for key, value := range who {
		from[key] = value
	}
	td := traces(t, spec{id: "a", kind: server, attrs: from},
		spec{id: "b", parent: "a", attrs: map[string]any{"db.system.name": "postgresql", "activity.tenant.id": "other"}})
	require.Equal(t, 1, j.Traces(td))

	want := map[string]any{"db.system.name": "postgresql"}
	for key, value := range who {
		want[key] = value
	}
	want["activity.tenant.id"] = "other"
	got := td.ResourceSpans().At(1).ScopeSpans().At(0).Spans().At(0).Attributes()
	assert.Equal(t, want, got.AsRaw())

	// What a later step does must not reach what is remembered.
	td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes().PutStr("activity.actor.name", "changed")
	ld := logs(t, 0, "a", nil)
	require.Equal(t, 1, j.Logs(ld))
	assert.Equal(t, "alice", recordOf(ld)["activity.actor.name"])
}

// TestExpress joins the spans that Express's instrumentation gives for one POST, and
// the query that instrumentation-pg (0.50, its README and source: name, kind, db.*)
// adds below the request handler.
func TestExpress(t *testing.T) {
	td := captured(t, "express.json")
	all := td.SpanCount()
	require.Equal(t, map[string]string{"POST /api/articles": "1"}, usersOf(td))

	spans := td.ResourceSpans().At(0).ScopeSpans().AppendEmpty().Spans()
	var handler ptrace.Span
	for _, ss := range td.ResourceSpans().At(0).ScopeSpans().All() {
		for _, span := range ss.Spans().All() {
			if span.Name() == "request handler" {
				handler = span
			}
		}
	}
	pg := spans.AppendEmpty()
	pg.SetName("pg.query:INSERT blog")
	pg.SetKind(client)
	pg.SetTraceID(handler.TraceID())
	pg.SetParentSpanID(handler.SpanID())
	pg.SetSpanID(spanID("pg"))
	require.NoError(t, pg.Attributes().FromRaw(map[string]any{"db.system": "postgresql", "db.statement": "INSERT INTO article (title) VALUES ($1)"}))

	j, _ := newTest(DefaultConfig())
	assert.Equal(t, all, j.Traces(td), "all but the server span itself, and the query")
	v, ok := pg.Attributes().Get("user.name")
	require.True(t, ok)
	assert.Equal(t, "alice", v.Str())
	_, ok = pg.Attributes().Get("session.id")
	assert.False(t, ok, "a session is no user")
}

// TestDjango has a failed login, with the name that was claimed, and one that worked.
// Neither is to be changed, and a query below the failed one gets nobody.
func TestDjango(t *testing.T) {
	td := captured(t, "django.json")
	spans := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	failed := spans.At(0)
	query := spans.AppendEmpty()
	query.SetTraceID(failed.TraceID())
	query.SetParentSpanID(failed.SpanID())
	query.SetSpanID(spanID("sql"))
	query.SetKind(client)
	before := ptrace.NewTraces()
	td.CopyTo(before)

	j, _ := newTest(DefaultConfig())
	assert.Zero(t, j.Traces(td))
	assert.Equal(t, before, td)
}

func TestLaterBatches(t *testing.T) {
	child := func() ptrace.Traces { return traces(t, spec{id: "c", parent: "a", kind: client}) }
	parent := func() ptrace.Traces { return traces(t, spec{id: "a", kind: server, attrs: alice}) }

	t.Run("the parent came before", func(t *testing.T) {
		j, now := newTest(DefaultConfig())
		j.Traces(parent())
		now.Time = now.Add(9 * time.Second)
		assert.Equal(t, 1, j.Traces(child()))
		grandchild := traces(t, spec{id: "g", parent: "c"})
		assert.Equal(t, 1, j.Traces(grandchild), "by way of a span that has been given its user")
	})
	t.Run("the parent came afterwards", func(t *testing.T) {
		j, _ := newTest(DefaultConfig())
		assert.Zero(t, j.Traces(child()))
		j.Traces(parent())
	})
	t.Run("after the window", func(t *testing.T) {
		j, now := newTest(DefaultConfig())
		j.Traces(parent())
		now.Time = now.Add(21 * time.Second)
		assert.Zero(t, j.Traces(child()))
		assert.Zero(t, j.Remembered())
	})
	t.Run("in the second generation", func(t *testing.T) {
		j, now := newTest(DefaultConfig())
		j.Traces(parent())
		now.Time = now.Add(11 * time.Second)
		assert.Equal(t, 1, j.Traces(child()))
	})
	t.Run("within a batch alone", func(t *testing.T) {
		j, _ := newTest(configured(func(c *Config) { c.Window = 0 }))
		j.Traces(parent())
		assert.Zero(t, j.Remembered())
		assert.Zero(t, j.Traces(child()))
		assert.Zero(t, j.Logs(logs(t, 0, "a", nil)))
	})
	t.Run("a caller's parent is not believed", func(t *testing.T) {
		j, _ := newTest(DefaultConfig())
		j.Traces(parent())
		assert.Zero(t, j.Traces(traces(t, spec{id: "x", parent: "a", kind: server}, spec{id: "y", parent: "x"})))
		assert.Zero(t, j.Traces(traces(t, spec{id: "y", parent: "x"})))
	})
	t.Run("across services the root", func(t *testing.T) {
		j, _ := newTest(configured(func(c *Config) { c.AcrossServices = true }))
		j.Traces(parent())
		assert.Equal(t, 1, j.Traces(traces(t, spec{id: "x", parent: "lost", kind: server, service: "mail"})))
		assert.Equal(t, 1, j.Logs(logs(t, 0, "lost", nil)))
		assert.Zero(t, j.Logs(logs(t, 9, "a", nil)))
	})
	t.Run("disabled", func(t *testing.T) {
		j, _ := newTest(configured(func(c *Config) { c.Enabled = false }))
		assert.Zero(t, j.Traces(traces(t, spec{id: "a", attrs: alice}, spec{id: "b", parent: "a"})))
		assert.Zero(t, j.Logs(logs(t, 0, "a", nil)))
	})
}

func TestLogs(t *testing.T) {
	j, _ := newTest(DefaultConfig())
	j.Traces(traces(t, spec{id: "a", kind: server, attrs: alice}))
	for _, test := range []struct {
		name  string
		trace byte
		span  string
		attrs map[string]any
		want  map[string]any
	}{
		{"of a span", 0, "a", map[string]any{"k": "v"}, map[string]any{"k": "v", "user.id": "42", "user.name": "alice"}},
		{"has a user", 0, "a", map[string]any{"user.id": "7"}, map[string]any{"user.id": "7"}},
		{"says anonymous", 0, "a", map[string]any{"activity.actor.type": "anonymous"}, map[string]any{"activity.actor.type": "anonymous"}},
		{"of another trace", 9, "a", map[string]any{}, map[string]any{}},
		{"of another span", 0, "b", map[string]any{}, map[string]any{}},
		{"of no span", 0, "", map[string]any{}, map[string]any{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			ld := logs(t, test.trace, test.span, test.attrs)
			j.Logs(ld)
			assert.Equal(t, test.want, recordOf(ld))
		})
	}
}

// TestBounded remembers a million spans of as many users in room for a thousand.
func TestBounded(t *testing.T) {
	j, _ := newTest(configured(func(c *Config) { c.MaxSpans = 1000 }))
	for batch := range 1000 {
		td := ptrace.NewTraces()
		spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
		for i := range 1000 {
			span := spans.AppendEmpty()
			span.SetTraceID(pcommon.TraceID{1, byte(i), byte(i >> 8), byte(batch), byte(batch >> 8)})
			span.SetSpanID(spanID("a"))
			span.Attributes().PutInt("user.id", int64(batch*1000+i))
		}
		j.Traces(td)
		require.LessOrEqual(t, j.Remembered(), 1000)
	}
	assert.Greater(t, j.Remembered(), 400)
	assert.LessOrEqual(t, len(j.memory.young.users)+len(j.memory.old.users), 1000)
}

func TestOneUserIsRememberedOnce(t *testing.T) {
	j, _ := newTest(DefaultConfig())
	for i := range byte(100) {
		j.Traces(traces(t, spec{id: "a", trace: i, kind: server, attrs: alice}, spec{id: "b", parent: "a", trace: i}))
	}
	assert.Equal(t, 200, j.Remembered())
	one := j.memory.young.spans[place{pcommon.TraceID{1, 0}, processOf(t, j, "blog"), spanID("a")}]
	require.NotNil(t, one)
	for _, u := range j.memory.young.spans {
		assert.Same(t, one, u)
	}
	assert.True(t, one.is(mapOf(t, alice)))
	assert.False(t, one.is(mapOf(t, map[string]any{"user.id": "42"})))
	assert.False(t, one.is(mapOf(t, map[string]any{"user.id": "42", "user.name": "bob"})))
	assert.False(t, one.is(mapOf(t, map[string]any{"user.id": "42", "user.name": "alice", "user.email": "a@example.com"})))
}

func TestTooLargeAUserIsNotRemembered(t *testing.T) {
	j, _ := newTest(DefaultConfig())
	td := traces(t, spec{id: "a", attrs: map[string]any{"user.id": string(make([]byte, maxUser))}}, spec{id: "b", parent: "a"})
	assert.Equal(t, 1, j.Traces(td))
	assert.Zero(t, j.Remembered())
}

func TestConcurrently(t *testing.T) {
	j := New(configured(func(c *Config) { c.MaxSpans = 100; c.Window = confcheck.Duration(time.Millisecond) }))
	var done sync.WaitGroup
	for worker := range byte(8) {
		done.Go(func() {
			for i := range 300 {
				id := map[string]any{"user.id": fmt.Sprint(1 + i%5)}
				td := traces(t, spec{id: "b", parent: "a", trace: worker}, spec{id: "a", trace: worker, kind: server, attrs: id})
				j.Traces(td)
				assert.Equal(t, usersOf(td)["a"], usersOf(td)["b"])
				j.Logs(logs(t, worker, "a", nil))
				j.Remembered()
			}
		})
	}
	done.Wait()
}

func TestWrongConfiguration(t *testing.T) {
	cfg := DefaultConfig()
	require.NoError(t, confmap.Validate(&cfg))
	cfg.Window, cfg.MaxSpans = -1, 1
	require.EqualError(t, confmap.Validate(&cfg), "window: must be 0 or more; got -1ns\nmax_spans: must be at least 2; got 1")
}

// processOf returns the number of the process of a service.
func processOf(t *testing.T, j *Joiner, service string) uint64 {
	t.Helper()
	resource := pcommon.NewResource()
	resource.Attributes().PutStr("service.name", service)
	return record.ProcessOf(j.seed, resource)
}
