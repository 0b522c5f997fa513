package activityprocessor

import (
	"strings"
	"sync"
	"sync/atomic"
)

// template is a route that has been read.
type template struct {
	route     string // clean
	formatted bool   // it ended with Rails' optional format
	segments  []segment
	param     int    // the last one, -1 if there is none
	object    string // the type that it is about

	calls [len(methods)]atomic.Pointer[string] // "PUT /articles/{id}", by method
}

// methods are those that templates know calls of.
var methods = [...]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

// call returns a method and the route.
func (t *template) call(method string) string {
	for i, known := range methods {
		if method != known {
			continue
		}
		if call := t.calls[i].Load(); call != nil {
			return *call
		}
		call := joinWords(known, t.route)
		t.calls[i].Store(&call)
		return call
	}
	return joinWords(method, t.route)
}

func newTemplate(segments []segment) *template {
	t := &template{segments: segments, param: len(segments) - 1}
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

// templates are the routes that have been read, of all processors: services have
// few, and each comes with every request.
var templates templateCache

// maxTemplates bounds them: where a service makes a route of each path, routes are
// as many as paths.
const maxTemplates = 5000

type templateCache struct {
	mu     sync.RWMutex
	routes map[string]*template
}

// of returns the template of a route, as the instrumentation gives it.
func (c *templateCache) of(route string) *template {
	c.mu.RLock()
	t := c.routes[route]
	c.mu.RUnlock()
	if t != nil {
		return t
	}
	route = strings.Clone(route) // not the request that it is part of
	clean := cleanRoute(route)
	t = newTemplate(splitRoute(clean))
	t.route, t.formatted = clean, strings.HasSuffix(route, railsFormat)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.routes == nil || len(c.routes) >= maxTemplates {
		c.routes = make(map[string]*template)
	}
	c.routes[route] = t
	return t
}
