package record

import (
	"net/url"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// segment is one part of a route template, between two slashes.
type segment struct {
	param  bool   // it stands for a value
	rest   bool   // a parameter that takes in all that follows, slashes too
	prefix string // the literal; of a parameter, what stands before it
	suffix string // of a parameter, what stands behind it: ".json" in "{id}.json"
}

// splitRoute reads a route template as web frameworks write them:
// "/articles/{id}", "/articles/:id", "articles/<int:id>", "/articles/*",
// "/articles/[id]", "^articles/(?P<id>[^/.]+)/$", and Django's joined ones,
// "api/^articles/(?P<id>[^/.]+)/$".
func splitRoute(route string) []segment {
	var segments []segment
	for route != "" {
		part := route
		if i := indexOutside(route, '/'); i >= 0 {
			part, route = route[:i], route[i+1:]
		} else {
			route = ""
		}
		if part == "{$}" { // net/http's mark of the end
			continue
		}
		if part = strings.TrimSuffix(strings.TrimPrefix(part, "^"), "$"); part != "" {
			segments = append(segments, parseSegment(part))
		}
	}
	return segments
}

// Marks of a parameter that takes in the rest of the path: Go, Next.js;
// Spring, ASP.NET; Django; FastAPI; regular expressions.
var restMarks = []string{"...", "{*", "<path:", ":path}", ".*"}

func parseSegment(s string) segment {
	switch s[0] {
	case ':':
		return segment{param: true, rest: strings.HasSuffix(s, "*")}
	case '*':
		return segment{param: true, rest: true}
	}
	first, last := strings.IndexAny(s, "{<[("), strings.LastIndexAny(s, "}>])")
	if first < 0 || last < first {
		return segment{prefix: s}
	}
	seg := segment{param: true, prefix: s[:first], suffix: s[last+1:]}
	for _, mark := range restMarks {
		seg.rest = seg.rest || strings.Contains(s[first:last+1], mark)
	}
	return seg
}

// indexOutside returns the index of the first c in route that is not between
// brackets, -1 if there is none: parameters may hold slashes and question
// marks of their own.
func indexOutside(route string, c byte) int {
	depth := 0
	for i := range len(route) {
		switch b := route[i]; {
		case depth == 0 && b == c:
			return i
		case strings.IndexByte("{<[(", b) >= 0:
			depth++
		case depth > 0 && strings.IndexByte("}>])", b) >= 0:
			depth--
		}
	}
	return -1
}

// railsFormat is the optional end of Rails' routes.
const railsFormat = "(.:format)"

// cleanRoute removes what some instrumentations add to a route: the method,
// Rails' optional format, and anything from a question mark on.
func cleanRoute(route string) string {
	if method, rest, ok := strings.Cut(route, " "); ok {
		if _, known := activity.ActionTypeFromMethod(method); known {
			route = rest
		}
	}
	if i := indexOutside(route, '?'); i >= 0 {
		route = route[:i]
	}
	return strings.TrimSuffix(route, railsFormat)
}

// RouteInName returns the route in a span's name as the semantic conventions
// want it, "PUT /articles/{id}", or "". Instrumentations that know the route
// too late for an attribute have it there alone; others have the path there,
// so that it is none unless it has a parameter and is the path's.
func RouteInName(name, method, path string) string {
	route, ok := strings.CutPrefix(name, method+" ")
	if !ok || route == path || !strings.HasPrefix(route, "/") {
		return ""
	}
	route = cleanRoute(route)
	segments := splitRoute(route)
	if _, ok := align(segments, appendParts(nil, path)); !ok || !slices.ContainsFunc(segments, isParam) {
		return ""
	}
	return route
}

func isParam(s segment) bool { return s.param }

// CleanPath returns the path alone of a request target: no query string, user
// information, fragment or path parameter (";jsessionid=…"), since any of them
// may hold a secret.
func CleanPath(target string) string {
	if i := strings.IndexAny(target, "?#"); i >= 0 {
		target = target[:i]
	}
	if !strings.HasPrefix(target, "/") {
		u, err := url.Parse(target)
		if err != nil {
			return ""
		}
		target = u.EscapedPath() // "" for what has no path, such as "mailto:a"
	}
	if !strings.Contains(target, ";") {
		return target
	}
	parts := strings.Split(target, "/")
	for i, part := range parts {
		parts[i], _, _ = strings.Cut(part, ";")
	}
	return strings.Join(parts, "/")
}

// appendParts appends the segments of a path, still percent-encoded.
func appendParts(parts []string, path string) []string {
	for path != "" {
		part, rest, _ := strings.Cut(path, "/")
		if part != "" {
			parts = append(parts, part)
		}
		path = rest
	}
	return parts
}

// guessRoute makes a route of a path that came without one.
func guessRoute(parts []string) []segment {
	segments := make([]segment, len(parts))
	for i, part := range parts {
		if looksLikeID(part) {
			segments[i].param = true
		} else {
			segments[i].prefix = part
		}
	}
	return segments
}

// looksLikeID reports whether s is a number, a UUID or another long
// hexadecimal string.
func looksLikeID(s string) bool {
	if strings.Trim(s, "0123456789") == "" {
		return s != ""
	}
	digits := strings.ReplaceAll(s, "-", "")
	return len(digits) >= 16 && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
}

// align finds where in the path the route begins: at its start, or further on
// when the application is mounted below a prefix that its routes do not name.
func align(segments []segment, parts []string) (offset int, ok bool) {
	for _, offset = range [...]int{0, len(parts) - len(segments)} {
		if offset >= 0 && fits(segments, parts[offset:]) {
			return offset, true
		}
	}
	return 0, false
}

// fits reports whether the literals of the route are those of the path. A
// parameter at the end may be optional.
func fits(segments []segment, parts []string) bool {
	for i, s := range segments {
		switch {
		case s.rest:
			return true
		case s.param:
		case i >= len(parts) || !strings.EqualFold(s.prefix, parts[i]):
			return false
		}
	}
	return true
}
