package instrument

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"
)

// route is what a pattern of http.ServeMux, seen with one method, says about
// the requests that it matches.
type route struct {
	path       string // the pattern without method and host
	actionName string // method and path
	objectType string // "" when the pattern tells none
	wildcard   string // name of the wildcard that holds the object's id, or ""
}

// parseRoute reads a pattern "[METHOD ][HOST]/[PATH]", matched by method.
//
// The object is named by the last wildcard, and its type by the last literal
// segment before that: "/blogs/{blog}/articles/{id}" is an article with an id.
// A pattern without such a wildcard is a collection, whose last literal segment
// gives the type: "/articles" is an article without an id. A pattern that only
// ends in "/" matches a whole tree, and tells no object.
func parseRoute(method, pattern string) *route {
	path := pattern
	if i := strings.IndexAny(path, " \t"); i >= 0 {
		path = strings.TrimLeft(path[i:], " \t")
	}
	if i := strings.IndexByte(path, '/'); i > 0 {
		path = path[i:]
	}
	rt := &route{path: path, actionName: method + " " + path}
	literal := ""
	for segment := range strings.SplitSeq(path, "/") {
		switch {
		case segment == "" || segment == "{$}":
		case segment[0] != '{':
			literal = segment
		case literal != "":
			rt.objectType = singular(literal)
			rt.wildcard = strings.TrimSuffix(strings.Trim(segment, "{}"), "...")
		}
	}
	if rt.wildcard == "" && !strings.HasSuffix(path, "/") {
		rt.objectType = singular(literal)
	}
	return rt
}

// singular returns the singular of an English plural, by rules that hold for
// most names of resources: -ies becomes -y; -sses, -shes, -ches and -xes lose
// -es; -ss, -us and -is stay; otherwise a final -s goes. WithObject is for the
// others ("news", "movies", "people").
func singular(s string) string {
	for _, rule := range singularRules {
		if stem, ok := strings.CutSuffix(s, rule.plural); ok && stem != "" {
			return stem + rule.singular
		}
	}
	return s
}

// singularRules are tried in their order.
var singularRules = []struct{ plural, singular string }{
	{"ies", "y"},
	{"sses", "ss"},
	{"shes", "sh"},
	{"ches", "ch"},
	{"xes", "x"},
	{"ss", "ss"},
	{"us", "us"},
	{"is", "is"},
	{"s", ""},
}

// maxRoutes limits what a routeCache keeps. Patterns are as many as the service
// registers, but the methods of requests are free text.
const maxRoutes = 1024

// routeCache keeps parsed routes. Reading, which every request does, takes no
// lock and no memory; each write copies the map.
type routeCache struct {
	mu     sync.Mutex // held to write
	routes atomic.Pointer[map[routeKey]*route]
}

type routeKey struct{ method, pattern string }

func (c *routeCache) get(method, pattern string) *route {
	key := routeKey{method, pattern}
	if known := c.routes.Load(); known != nil {
		if rt, ok := (*known)[key]; ok {
			return rt
		}
	}
	rt := parseRoute(method, pattern)
	c.put(key, rt)
	return rt
}

func (c *routeCache) put(key routeKey, rt *route) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := map[routeKey]*route{key: rt}
	if known := c.routes.Load(); known != nil {
		if len(*known) >= maxRoutes {
			return
		}
		maps.Copy(next, *known)
	}
	c.routes.Store(&next)
}
