package record

import (
	"cmp"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
)

// Request holds the attributes of an HTTP request, by the current semantic conventions or
// by those before 1.20.
type Request struct {
	Method string
	Route  *route.Template // nil: the span has no route
	Path   string          // without query string, user information and path parameters
	Code   int             // 0: the span has no status code

	oldMethod, oldTarget string
	sentMethod           string // what the client sent, if the convention has no word for it
	url, oldURL          string // unchanged: only their path is used
	userAgent            string
}

// read reads an attribute whose name begins with "http." or "url.".
func (r *Request) read(key string, v pcommon.Value) {
	switch key {
	case "http.request.method":
		r.Method = Text(v)
	case "http.request.method_original":
		r.sentMethod = Text(v)
	case "http.method":
		r.oldMethod = Text(v)
	case "http.route":
		r.SetRoute(Text(v))
	case "url.template": // Phoenix
		if r.Route == nil {
			r.SetRoute(Text(v))
		}
	case "url.path":
		r.Path = CleanPath(Text(v))
	case "http.target":
		r.oldTarget = CleanPath(Text(v))
	case "url.full":
		r.url = Text(v)
	case "http.url":
		r.oldURL = Text(v)
	case StatusCodeKey, OldStatusCodeKey:
		r.Code = cmp.Or(StatusCode(v), r.Code)
	case "http.user_agent":
		r.userAgent = Text(v)
	}
}

// routes caches the routes of all processors: services have few, and every request has
// one.
var routes route.Cache

// noRoute is the route of requests that have none.
var noRoute = route.Parse("")

// Act returns what the request does.
func (r *Request) Act() route.Act {
	if r.Route == nil {
		return noRoute.Act(r.Method, r.Path, r.Code)
	}
	return r.Route.Act(r.Method, r.Path, r.Code)
}

// Param returns what the path has in the place of a parameter of the route, "" if that is
// not known.
func (r *Request) Param(name string) string {
	if r.Route == nil {
		return ""
	}
	return r.Route.Param(name, r.Path)
}

// IsNoise reports whether the request is one that programs make by themselves, given its
// route, nil if that is not known.
func (r *Request) IsNoise(t *route.Template, agent string) bool {
	if t == nil {
		t = noRoute
	}
	return t.IsNoise(r.Method, r.Path, r.Code, agent)
}

// otherMethod stands for a method that the instrumentation does not know.
const otherMethod = "_OTHER"

// maxMethod bounds the length of a method.
const maxMethod = 20

// JoinWords joins a method and a route, each of which may be empty.
func JoinWords(method, target string) string {
	if target == "" {
		return method
	}
	return method + " " + target
}

// SetRoute sets the route in the form of the instrumentation, unless it is empty after
// cleaning.
func (r *Request) SetRoute(pattern string) {
	if t := routes.Get(pattern); t.String() != "" {
		r.Route = t
	}
}

// Template returns the route, clean, or "".
func (r *Request) Template() string {
	if r.Route == nil {
		return ""
	}
	return r.Route.String()
}

// complete chooses between the conventions when all attributes are read.
func (r *Request) complete() {
	r.Method = cmp.Or(r.Method, r.oldMethod)
	if r.Method == otherMethod && r.sentMethod != "" {
		r.Method = r.sentMethod // those of WebDAV
	}
	if _, known := activity.ActionTypeFromMethod(r.Method); !known {
		if method := strings.ToUpper(r.Method); method != r.Method && len(method) < maxMethod {
			r.Method = method // "put"
		}
	}
	if r.Path = cmp.Or(r.Path, r.oldTarget); r.Path == "" {
		if url := cmp.Or(r.url, r.oldURL); url != "" {
			r.Path = CleanPath(url)
		}
	}
}
