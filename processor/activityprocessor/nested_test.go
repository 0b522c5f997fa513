package activityprocessor

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// requestSpan is a span of one request. Its id is its place in the list, from 1.
type requestSpan struct {
	parent  byte
	kind    ptrace.SpanKind
	flags   uint32
	service string
	attrs   attrs
}

const (
	localParent  = 0x100
	remoteParent = 0x300
)

// TestNestedServerSpans is about requests for which several instrumentations of one
// process make a SERVER span each: they are one row.
func TestNestedServerSpans(t *testing.T) {
	put := attrs{"http.request.method": "PUT", "url.path": "/articles/17", "http.response.status_code": 200, "user.id": "42"}
	with := func(more attrs) attrs {
		all := attrs{}
		for _, m := range []attrs{put, more} {
			for key, value := range m {
				all[key] = value
			}
		}
		return all
	}
	without := func(key string) attrs {
		less := with(nil)
		delete(less, key)
		return less
	}
	const server, client, internal = ptrace.SpanKindServer, ptrace.SpanKindClient, ptrace.SpanKindInternal
	routed := "Update article 17, PUT /articles/{id}, Success"
	for name, tt := range map[string]struct {
		spans []requestSpan
		want  []string // of the spans that are activities
	}{
		"one span":                       {[]requestSpan{{0, server, 0, "a", with(attrs{"http.route": "/articles/{id}"})}}, []string{routed}},
		"the parent says nothing":        {[]requestSpan{{0, server, 0, "a", with(attrs{"http.route": "/articles/{id}"})}, {1, server, 0, "a", put}}, []string{routed}},
		"the parent is local":            {[]requestSpan{{0, server, 0, "a", with(attrs{"http.route": "/articles/{id}"})}, {1, server, localParent, "a", put}}, []string{routed}},
		"the inner span knows the route": {[]requestSpan{{0, server, 0, "a", put}, {1, server, localParent, "a", with(attrs{"http.route": "/articles/{id}"})}}, []string{routed}},
		"the inner span comes first":     {[]requestSpan{{2, server, localParent, "a", with(attrs{"http.route": "/articles/{id}"})}, {0, server, 0, "a", put}}, []string{routed}},
		"the outer span knows a mount": {[]requestSpan{{0, server, 0, "a", with(attrs{"http.route": "/"})},
			{1, server, localParent, "a", with(attrs{"http.route": "/articles/{id}"})}}, []string{routed}},
		"the inner span knows the user": {[]requestSpan{{0, server, 0, "a", without("user.id")},
			{1, server, localParent, "a", with(attrs{"http.route": "/articles/{id}"})}}, []string{routed}},
		"the inner span knows the user, the parent says nothing": {[]requestSpan{{0, server, 0, "a", without("user.id")},
			{1, server, 0, "a", with(attrs{"http.route": "/articles/{id}"})}}, []string{routed}},
		"a request that was refused, the inner span knows the user, the parent says nothing": {[]requestSpan{
			{0, server, 0, "a", attrs{"http.request.method": "PUT", "url.path": "/articles/17", "http.response.status_code": 403}},
			{1, server, 0, "a", with(attrs{"http.route": "/articles/{id}", "http.response.status_code": 403})}}, []string{"Update article 17, PUT /articles/{id}, Failed"}},
		"another request within, whose sender chose the parent": {[]requestSpan{
			{0, server, 0, "a", attrs{"http.request.method": "GET", "url.path": "/health", "http.response.status_code": 200}},
			{1, server, 0, "a", with(attrs{"http.route": "/articles/{id}"})}}, []string{routed}},
		"another request within one that is a row": {[]requestSpan{
			{0, server, 0, "a", with(attrs{"http.route": "/articles/{id}"})},
			{1, server, 0, "a", with(attrs{"http.request.method": "DELETE", "http.route": "/articles/{id}"})}}, []string{routed, "Delete article 17, DELETE /articles/{id}, Success"}},
		"spans between them":  {[]requestSpan{{0, server, 0, "a", with(attrs{"http.route": "/articles/{id}"})}, {1, internal, 0, "a", attrs{}}, {2, server, 0, "a", put}}, []string{routed}},
		"three of them":       {[]requestSpan{{0, server, 0, "a", with(attrs{"http.route": "/articles/{id}"})}, {1, server, 0, "a", put}, {2, server, 0, "a", put}}, []string{routed}},
		"only the inner span": {[]requestSpan{{9, server, localParent, "a", put}}, nil},
		"another process": {[]requestSpan{{0, server, 0, "a", with(attrs{"http.route": "/articles/{id}"})},
			{1, server, remoteParent, "a", with(attrs{"http.route": "/articles/{id}"})}}, []string{routed, routed}},
		"another service": {[]requestSpan{{0, server, 0, "a", with(attrs{"http.route": "/articles/{id}"})},
			{1, server, 0, "b", with(attrs{"http.route": "/articles/{id}"})}}, []string{routed, routed}},
		"a call to itself": {[]requestSpan{{0, server, 0, "a", with(attrs{"http.route": "/articles/{id}"})}, {1, client, 0, "a", attrs{}},
			{2, server, 0, "a", with(attrs{"http.route": "/articles/{id}"})}}, []string{routed, routed}},
		"the inner span is declared": {[]requestSpan{{0, server, 0, "a", put},
			{1, server, localParent, "a", with(attrs{"activity.action.type": "Publish", "activity.object.type": "article", "activity.object.id": "17", "activity.action.name": "declared"})}},
			[]string{"Publish article 17, declared, Success"}},
		"the outer span is declared": {[]requestSpan{{0, server, 0, "a", with(attrs{"activity.action.type": "Publish", "activity.object.type": "article", "activity.object.id": "17", "activity.action.name": "declared"})},
			{1, server, localParent, "a", put}}, []string{"Publish article 17, declared, Success"}},
		"the inner span is not tracked": {[]requestSpan{{0, server, 0, "a", put}, {1, server, localParent, "a", with(attrs{"activity.skipped": true})}}, nil},
		"gRPC inside that was refused": {[]requestSpan{{0, server, 0, "a", with(attrs{"http.request.method": "POST", "url.path": "/blog.Articles/Create", "http.route": "/blog.Articles/Create"})},
			{1, server, localParent, "a", attrs{"rpc.system": "grpc", "rpc.service": "blog.Articles", "rpc.method": "Create", "rpc.grpc.status_code": 7}}},
			[]string{"Failed PERMISSION_DENIED"}},
		"a loop": {[]requestSpan{{2, server, 0, "a", put}, {1, server, 0, "a", put}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			td := tracesOf(t, tt.spans)
			_, err := newProcessor(t, keepOthers()).processTraces(t.Context(), td)
			require.NoError(t, err)
			var got []string
			for _, rs := range td.ResourceSpans().All() {
				for _, span := range rs.ScopeSpans().At(0).Spans().All() {
					a := span.Attributes().AsRaw()
					switch {
					case a["activity.action.type"] == nil:
					case name == "gRPC inside that was refused":
						got = append(got, fmt.Sprint(a["activity.status"], " ", a["error.type"]))
					default:
						got = append(got, fmt.Sprintf("%v %v %v, %v, %v", a["activity.action.type"], a["activity.object.type"], a["activity.object.id"],
							a["activity.action.name"], a["activity.status"]))
					}
				}
			}
			if name == "a loop" {
				assert.LessOrEqual(t, len(got), 1, "spans that are parents of each other")
				return
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func keepOthers() *Config {
	cfg := defaults()
	cfg.DropOthers = false
	return cfg
}

// tracesOf makes one batch of spans of one trace, each in a resource of its own.
func tracesOf(t *testing.T, spans []requestSpan) ptrace.Traces {
	t.Helper()
	td := ptrace.NewTraces()
	for i, s := range spans {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", s.service)
		span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		span.SetTraceID(pcommon.TraceID{1})
		span.SetSpanID(pcommon.SpanID{byte(i + 1)})
		if s.parent != 0 {
			span.SetParentSpanID(pcommon.SpanID{s.parent})
		}
		span.SetKind(s.kind)
		span.SetFlags(s.flags)
		span.SetStartTimestamp(1_700_000_000_000_000_000)
		require.NoError(t, span.Attributes().FromRaw(s.attrs))
	}
	return td
}
