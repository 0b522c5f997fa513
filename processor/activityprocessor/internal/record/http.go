package record

import (
	"cmp"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Request is what a span says of an HTTP request, by the present semantic
// conventions or by those before 1.20.
type Request struct {
	Method string
	Route  *Template // nil: the span has none
	Path   string    // without query string, user information and path parameters
	Code   int       // 0: the span has none

	oldMethod, oldTarget        string
	url, oldURL                 string // as they come: only the path is used
	oldClientAddress, userAgent string
}

// read reads an attribute whose name begins with "http." or "url.".
func (r *Request) read(key string, v pcommon.Value) {
	switch key {
	case "http.request.method":
		r.Method = Text(v)
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
	case "http.client_ip":
		r.oldClientAddress = Text(v)
	case "http.user_agent":
		r.userAgent = Text(v)
	}
}

// SetRoute takes the route as the instrumentation gives it, unless nothing is
// left of it.
func (r *Request) SetRoute(route string) {
	if t := templates.of(route); t.Route != "" {
		r.Route = t
	}
}

// Template returns the route, clean, or "".
func (r *Request) Template() string {
	if r.Route == nil {
		return ""
	}
	return r.Route.Route
}

// complete chooses between the conventions when all attributes are read.
func (r *Request) complete() {
	r.Method = cmp.Or(r.Method, r.oldMethod)
	if r.Path = cmp.Or(r.Path, r.oldTarget); r.Path == "" {
		if url := cmp.Or(r.url, r.oldURL); url != "" {
			r.Path = CleanPath(url)
		}
	}
}
