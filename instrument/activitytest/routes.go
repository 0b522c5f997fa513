package activitytest

import (
	"net/http"
	"strings"
)

// Route is a route of a service, as its router has it.
type Route struct {
	Method  string // "PUT"; "" is any method
	Pattern string // "/articles/{id}", or in the syntax of another router: "/articles/:id"
}

// String returns method and pattern: "PUT /articles/{id}".
func (r Route) String() string { return strings.TrimPrefix(r.Method+" "+r.Pattern, " ") }

// Patterns returns the routes of patterns of [http.ServeMux], such as "PUT /articles/{id}".
func Patterns(patterns ...string) []Route {
	routes := make([]Route, len(patterns))
	for i, pattern := range patterns {
		if method, rest, ok := strings.Cut(pattern, " "); ok {
			routes[i] = Route{method, strings.TrimLeft(rest, " \t")}
		} else {
			routes[i] = Route{"", pattern}
		}
	}
	return routes
}

// Mux is an [http.ServeMux] that keeps the patterns of its handlers, which a ServeMux does not
// list. A service whose routes are registered by a function can pass it one: let that function
// take an interface with HandleFunc and Handle, as far as it uses them.
type Mux struct {
	http.ServeMux

	patterns []string
}

// Handle is that of [http.ServeMux].
func (m *Mux) Handle(pattern string, handler http.Handler) {
	m.ServeMux.Handle(pattern, handler)
	m.patterns = append(m.patterns, pattern)
}

// HandleFunc is that of [http.ServeMux].
func (m *Mux) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	m.Handle(pattern, http.HandlerFunc(handler))
}

// Routes returns the routes of all handlers, in the order in which they were added.
func (m *Mux) Routes() []Route { return Patterns(m.patterns...) }

// Path returns a path that the pattern matches. values are names of parameters and their values,
// in turn: "id", "17". Any other parameter is "1", and "*" is the name of one without a name. A
// host is left out.
func (r Route) Path(values ...string) string {
	value := func(name string) string {
		for i := 0; i+1 < len(values); i += 2 {
			if values[i] == name {
				return values[i+1]
			}
		}
		return "1"
	}
	return r.fill(value)
}

// fill returns the pattern with values for its parameters, and without a host.
func (r Route) fill(value func(name string) string) string {
	pattern := r.Pattern
	if i := strings.IndexByte(pattern, '/'); i > 0 {
		pattern = pattern[i:]
	}
	if strings.Contains(pattern, "{") {
		return braces(pattern, value)
	}
	segments := strings.Split(pattern, "/")
	for i, segment := range segments {
		if name := strings.TrimLeft(segment, ":*"); name != segment {
			segments[i] = value(orStar(name))
		}
	}
	return strings.Join(segments, "/")
}

// braces replaces parameters such as {id}, {path...} and {id:[0-9]{4}}, and a star at the end.
func braces(pattern string, value func(name string) string) string {
	var path strings.Builder
	rest := pattern
	for {
		before, after, ok := strings.Cut(rest, "{")
		path.WriteString(before)
		if !ok {
			break
		}
		end := closing(after)
		name, _, _ := strings.Cut(after[:end], ":")
		if name = strings.TrimSuffix(name, "..."); name != "$" {
			path.WriteString(value(name))
		}
		rest = after[min(end+1, len(after)):]
	}
	if found, ok := strings.CutSuffix(path.String(), "/*"); ok {
		return found + "/" + value("*")
	}
	return path.String()
}

// closing returns the index of the brace that ends a parameter, whose opening one is before s.
func closing(s string) int {
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			return i
		}
	}
	return len(s)
}

func orStar(name string) string {
	if name == "" {
		return "*"
	}
	return name
}
