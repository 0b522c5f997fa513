package record

import (
	"net/url"
	"strings"

	"github.com/otelactivity/activitylog/activity/route"
)

// RouteInName returns the route in the name of a span that follows the semantic
// conventions, "PUT /articles/{id}", or "". Some instrumentations have the route only
// there, because they know it too late for an attribute. Others have the path there, so
// it counts only if it has a parameter and matches the path.
func RouteInName(name, method, path string) string {
	pattern, ok := strings.CutPrefix(name, method+" ")
	if !ok || pattern == path || !strings.HasPrefix(pattern, "/") {
		return ""
	}
	if t := route.Parse(pattern); t.HasParam() && t.Fits(path) {
		return t.String()
	}
	return ""
}

// CleanPath returns only the path of a request target: no query string, user information,
// fragment or path parameter (";jsessionid=…"), because each of them may contain a
// secret.
func CleanPath(target string) string {
	if i := strings.IndexAny(target, "?#"); i >= 0 {
		target = target[:i]
	}
	if !strings.HasPrefix(target, "/") {
		u, err := url.Parse(target)
		if err != nil {
			return ""
		}
		target = u.EscapedPath() // "" for a target without a path, such as "mailto:a"
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
