package record

import (
	"strings"
	"sync"
	"sync/atomic"
)

// Template is a route that has been read.
type Template struct {
	Route     string // clean
	Formatted bool   // it ended with Rails' optional format
	segments  []segment
	param     int    // the last one, -1 if there is none
	object    string // the type that it is about

	calls [len(methods)]atomic.Pointer[string] // "PUT /articles/{id}", by method
}

// methods are those that templates know calls of.
var methods = [...]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

// Call returns a method and the route.
func (t *Template) Call(method string) string {
	for i, known := range methods {
		if method != known {
			continue
		}
		if call := t.calls[i].Load(); call != nil {
			return *call
		}
		call := JoinWords(known, t.Route)
		t.calls[i].Store(&call)
		return call
	}
	return JoinWords(method, t.Route)
}

func newTemplate(segments []segment) *Template {
	t := &Template{segments: segments, param: len(segments) - 1}
	for t.param >= 0 && !segments[t.param].param {
		t.param--
	}
	if t.param < 0 {
		t.object = typeOf(segments)
	} else {
		t.object = typeOf(segments[:t.param])
	}
	return t
}

// NoRoute is the template of requests without a route.
var NoRoute = newTemplate(nil)

// templates are the routes that have been read, of all processors: services have
// few, and each comes with every request.
var templates templateCache

// maxTemplates bounds them: where a service makes a route of each path, routes are
// as many as paths.
const maxTemplates = 5000

type templateCache struct {
	mu     sync.RWMutex
	routes map[string]*Template
}

// of returns the template of a route, as the instrumentation gives it.
func (c *templateCache) of(route string) *Template {
	c.mu.RLock()
	t := c.routes[route]
	c.mu.RUnlock()
	if t != nil {
		return t
	}
	route = strings.Clone(route) // not the request that it is part of
	clean := cleanRoute(route)
	t = newTemplate(splitRoute(clean))
	t.Route, t.Formatted = clean, strings.HasSuffix(route, railsFormat)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.routes == nil || len(c.routes) >= maxTemplates {
		c.routes = make(map[string]*Template)
	}
	c.routes[route] = t
	return t
}

// typeOf returns the singular of the last literal that names something.
func typeOf(segments []segment) string {
	for i := len(segments) - 1; i >= 0; i-- {
		if s := segments[i]; !s.param && !isNoise(s.prefix) {
			return Singular(s.prefix)
		}
	}
	return ""
}

// isNoise reports whether a literal segment says nothing about the object:
// "api", "v1", "v2.1".
func isNoise(literal string) bool {
	if strings.EqualFold(literal, "api") {
		return true
	}
	version, ok := strings.CutPrefix(strings.ToLower(literal), "v")
	return ok && version != "" && strings.Trim(version, "0123456789.") == ""
}

// JoinWords joins a method and what it was called on, of which either may be empty.
func JoinWords(method, target string) string {
	if target == "" {
		return method
	}
	return method + " " + target
}
