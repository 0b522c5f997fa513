package route

import (
	"slices"
	"strings"
	"sync/atomic"
)

// Template is a route that has been read. It is safe for concurrent use, and
// must not be copied.
type Template struct {
	pattern   string // without method and host
	segments  []segment
	id        int    // index of the segment that holds the object's id, -1 if none does
	object    string // the object's type, "" if the route names none
	formatted bool   // the path may end in a format, such as ".json"
	isPath    bool   // it is the path of one request, and not a route

	names [len(methods)]atomic.Pointer[string] // action names, by method
}

// methods are those whose action names a template keeps.
var methods = [...]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

// Parse reads a route as web frameworks write them:
//
//	GET /articles/{id}, /files/{path...}, /articles/{$}   net/http
//	/articles/:id, /articles/:id?, /files/*rest           Express, Rails, gin, echo
//	/articles/:id(\d+), /articles/:id(.:format)           Express, Rails
//	articles/<int:pk>/, <path:rest>                       Django, Flask
//	^articles/(?P<pk>\d+)/$                               Django
//	/articles/{id:[0-9]+}, /articles/{id?}, {*path}       chi, Spring, ASP.NET
//	/articles/[id], /docs/[...slug], /docs/[[...slug]]    Next.js
//
// The pattern "" is a route that is not known. Parse never fails: text that is
// not a route is read as literal segments.
func Parse(pattern string) *Template {
	t := &Template{id: -1}
	t.pattern = clean(pattern)
	unformatted := withoutFormat(t.pattern)
	t.formatted = unformatted != t.pattern
	t.segments = split(unformatted)
	t.pattern = strings.TrimSuffix(t.pattern, railsFormat)
	t.choose()
	return t
}

// String returns the pattern without method, host, query string and Rails'
// optional format: "/articles/{id}".
func (t *Template) String() string { return t.pattern }

// Known reports whether the template says anything: the pattern was not empty.
func (t *Template) Known() bool { return t.pattern != "" }

// HasParam reports whether the route has a parameter.
func (t *Template) HasParam() bool {
	for i := range t.segments {
		if t.segments[i].param {
			return true
		}
	}
	return false
}

// IDParam returns the name of the parameter that holds the object's id, "" if
// there is none or it has no name.
func (t *Template) IDParam() string {
	if t.id < 0 {
		return ""
	}
	return t.segments[t.id].name
}

// ActionName returns the method and the pattern: "PUT /articles/{id}".
func (t *Template) ActionName(method string) string {
	for i, known := range methods {
		if method != known {
			continue
		}
		if name := t.names[i].Load(); name != nil {
			return *name
		}
		name := join(known, t.pattern)
		t.names[i].Store(&name)
		return name
	}
	return join(method, t.pattern)
}

func join(method, pattern string) string {
	if pattern == "" {
		return method
	}
	return method + " " + pattern
}

// choose finds the parameter that holds the id, and the type.
func (t *Template) choose() {
	last := len(t.segments) - 1
	for last >= 0 && !t.segments[last].param {
		last--
	}
	if last < 0 {
		t.object = lastType(t.segments)
		t.isPath = slices.ContainsFunc(t.segments, func(s segment) bool { return looksLikeID(s.prefix) })
		return
	}
	first := last // of the parameters that follow one literal
	for first > 0 && t.segments[first-1].param {
		first--
	}
	if t.object = lastType(t.segments[:last]); t.object != "" {
		t.id = t.idAmong(first, last)
		return
	}
	// "/{tenant}/articles": a plural names a collection, "edit" does not.
	if kind := lastType(t.segments[last+1:]); kind != "" && kind != t.segments[len(t.segments)-1].prefix {
		t.object = kind
	}
}

// idAmong returns which of the parameters from first to last holds the id, -1
// if that cannot be known or if it is a secret.
func (t *Template) idAmong(first, last int) int {
	id, named := -1, -1
	for i := first; i <= last; i++ {
		s := &t.segments[i]
		if s.namesID(t.object) {
			named = i
		}
		if id < 0 || !s.optional {
			id = i
		}
	}
	switch {
	case named >= 0:
		id = named
	case first < last && t.segments[id].rest:
		return -1
	}
	if isSecret(t.segments[id].name) {
		return -1
	}
	return id
}

// lastType returns the singular of the last literal that names something, "" if
// that is an id.
func lastType(segments []segment) string {
	for i := len(segments) - 1; i >= 0; i-- {
		switch s := &segments[i]; {
		case s.param || isNoise(s.prefix):
		case looksLikeID(s.prefix):
			return ""
		default:
			return Singular(s.prefix)
		}
	}
	return ""
}
