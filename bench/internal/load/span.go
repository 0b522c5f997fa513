package load

import (
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// PlainSpans returns server spans with what otelhttp and a service that says who
// its user is put on them: PUT requests for articles.
func PlainSpans(count int) ptrace.Traces {
	return spans(count, func(n int, attributes pcommon.Map) {
		putRequest(attributes, "PUT", "/api/articles/{id}", "/api/articles/"+strconv.Itoa(n), 200)
		attributes.PutStr(activity.ClientAddressKey, "192.0.2.7")
		attributes.PutStr("network.protocol.version", "1.1")
		attributes.PutInt("http.request.body.size", 120)
		attributes.PutInt("http.response.body.size", 15)
		putUser(attributes, n, true)
	})
}

// NodeSpans returns spans of the requests that the service of examples/node gets:
// of ten, one is a login, one is one that fails, one is a logout, and the others
// are about articles.
func NodeSpans(count int) ptrace.Traces {
	return spans(count, func(n int, attributes pcommon.Map) {
		if kind := n % 10; kind < 3 {
			route, code := [...]string{"/api/login", "/api/login", "/api/logout"}[kind], [...]int64{200, 401, 204}[kind]
			putRequest(attributes, "POST", route, route, code)
			putUser(attributes, n, code != 401)
			return
		}
		method := [...]string{"GET", "POST", "PUT", "PATCH", "DELETE", "GET", "GET"}[n%10-3]
		id := strconv.Itoa(n)
		route, path, code := "/api/articles/:id", "/api/articles/"+id, int64(200)
		if method == "POST" {
			route, path, code = "/api/articles", "/api/articles", 201
		}
		putRequest(attributes, method, route, path, code)
		putUser(attributes, n, true)
		attributes.PutStr("article.id", id)
		attributes.PutStr("article.title", "Down the rabbit hole")
	})
}

func spans(count int, fill func(n int, attributes pcommon.Map)) ptrace.Traces {
	td := ptrace.NewTraces()
	resource := td.ResourceSpans().AppendEmpty()
	resource.Resource().Attributes().PutStr(activity.ServiceNameKey, service)
	list := resource.ScopeSpans().AppendEmpty().Spans()
	list.EnsureCapacity(count)
	for n := range count {
		a := New(n)
		span := list.AppendEmpty()
		span.SetTraceID(a.trace)
		span.SetSpanID(a.span)
		span.SetKind(ptrace.SpanKindServer)
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(a.ID.Time()))
		span.SetEndTimestamp(span.StartTimestamp() + 5_000_000)
		fill(n, span.Attributes())
		method, _ := span.Attributes().Get("http.request.method")
		route, _ := span.Attributes().Get("http.route")
		span.SetName(method.Str() + " " + route.Str())
	}
	return td
}

func putRequest(attributes pcommon.Map, method, route, path string, code int64) {
	attributes.EnsureCapacity(16)
	attributes.PutStr("http.request.method", method)
	attributes.PutStr("url.scheme", "https")
	attributes.PutStr("server.address", "blog.example.com")
	attributes.PutInt("server.port", 443)
	attributes.PutStr("url.path", path)
	attributes.PutStr("network.peer.address", "10.0.0.1")
	attributes.PutInt("network.peer.port", 50123)
	attributes.PutStr(activity.UserAgentKey, userAgent)
	attributes.PutStr("http.route", route)
	attributes.PutInt("http.response.status_code", code)
}

// putUser says who the user is; one who is not known has a name at most.
func putUser(attributes pcommon.Map, n int, known bool) {
	a := New(n)
	attributes.PutStr("user.name", a.name())
	if known {
		attributes.PutStr("user.id", a.actor)
	}
}
