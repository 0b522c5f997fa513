package activityprocessor

import (
	"cmp"
	"path"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// request is what a span says of an HTTP request, by the present semantic
// conventions or by those before 1.20.
type request struct {
	method, oldMethod string
	route             *template // nil: the span has none
	path, oldTarget   string
	url, oldURL       string // as they come: nothing but the path is taken
	code              int    // 0: the span has none
}

func (f *facts) readHTTP(key string, v pcommon.Value) {
	r := &f.request
	switch key {
	case "http.request.method":
		r.method = text(v)
	case "http.method":
		r.oldMethod = text(v)
	case "http.route":
		r.setRoute(text(v))
	case "url.template": // Phoenix
		if r.route == nil {
			r.setRoute(text(v))
		}
	case "url.path":
		r.path = cleanPath(text(v))
	case "http.target":
		r.oldTarget = cleanPath(text(v))
	case "url.full":
		r.url = text(v)
	case "http.url":
		r.oldURL = text(v)
	case statusCodeKey, oldStatusCodeKey:
		r.code = cmp.Or(statusCode(v), r.code)
	case "http.client_ip":
		f.oldClient = text(v)
	case "http.user_agent":
		f.oldAgent = text(v)
	}
}

// setRoute takes the route as the instrumentation gives it, unless nothing is
// left of it.
func (r *request) setRoute(route string) {
	if t := templates.of(route); t.route != "" {
		r.route = t
	}
}

// template returns the route, clean, or "".
func (r *request) template() string {
	if r.route == nil {
		return ""
	}
	return r.route.route
}

// complete chooses between the conventions when all attributes are read.
func (r *request) complete() {
	r.method = cmp.Or(r.method, r.oldMethod)
	if r.path = cmp.Or(r.path, r.oldTarget); r.path == "" {
		if url := cmp.Or(r.url, r.oldURL); url != "" {
			r.path = cleanPath(url)
		}
	}
}

func isHTTP(f *facts) bool { return f.request.method != "" }

// ofHTTP is the preset http_server: a SERVER span of an HTTP request.
func ofHTTP(f *facts, span ptrace.Span) made {
	r := &f.request
	if r.route == nil {
		r.setRoute(routeInName(span.Name(), r.method, r.path))
	}
	outcomeOf, exception := f.status, ""
	if r.code == 0 && outcomeOf == ptrace.StatusCodeUnset {
		outcomeOf, exception = escaped(span.Events())
	}
	m := made{
		name:    r.name(),
		object:  r.object(),
		call:    r.call(),
		refused: r.code == 401 || r.code == 403,
	}
	m.action, _ = activity.ActionTypeFromMethod(r.method)
	m.status = outcome(m.action, r.code, outcomeOf)
	switch {
	case m.status != activity.StatusFailed:
	case r.code != 0:
		m.err = strconv.Itoa(r.code)
	default:
		m.err = exception
	}
	return m
}

// escaped returns the status of a request that got no response. When an
// exception has left the handler, not every instrumentation says so in the span
// status; the exception's type is the error's.
func escaped(events ptrace.SpanEventSlice) (status ptrace.StatusCode, exception string) {
	for _, event := range events.All() {
		if event.Name() != "exception" {
			continue
		}
		if kind, ok := event.Attributes().Get("exception.type"); ok {
			exception = text(kind)
		}
		return ptrace.StatusCodeError, exception
	}
	return ptrace.StatusCodeUnset, ""
}

// name returns what was called: method and route.
func (r *request) name() string {
	if r.route == nil {
		return joinWords(r.method, r.path)
	}
	return r.route.call(r.method)
}

// noRoute is the template of requests that say none.
var noRoute = newTemplate(nil)

// object returns what the request was about. Rails takes a format from the end of
// the path: "/articles/17.json" is article 17.
func (r *request) object() activity.Object {
	switch {
	case r.route == nil:
		return objectOf(noRoute, r.path)
	case r.route.formatted:
		return objectOf(r.route, strings.TrimSuffix(r.path, path.Ext(r.path)))
	}
	return objectOf(r.route, r.path)
}

// call returns what was requested. The route is left out when it says what the
// path says.
func (r *request) call() call {
	route := r.template()
	if r.path != "" && route != "" && route != r.path {
		return call{r.method, r.path, route}
	}
	return call{verb: r.method, target: cmp.Or(r.path, route)}
}

func joinWords(method, target string) string {
	if target == "" {
		return method
	}
	return method + " " + target
}
