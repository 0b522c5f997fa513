package record

import (
	"net/url"
	"strings"

	"github.com/otelactivity/activitylog/activity/route"
)

// RouteInName returns the route in the name of a span as the semantic conventions
// want it, "PUT /articles/{id}", or "". Instrumentations that know the route too
// late for an attribute have it only there. Others have the path there, so it
// counts only if it has a parameter and the path fits it.
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
