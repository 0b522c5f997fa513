package record

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/otelactivity/activitylog/activity"
)

// ObjectOf returns the object that a request was about. Of the route
// "/api/articles/{id}" and the path "/api/articles/17" that is article 17: the
// last literal segment before the last parameter, in the singular, and what
// the path has in the parameter's place. A route without parameters gives the
// type alone. An object without a type is none.
//
// Without a route, segments of the path that look like ids count as
// parameters. No id is better than a wrong one: where route and path do not
// fit together there is none.
func ObjectOf(t *Template, path string) activity.Object {
	var buf [16]string
	parts := appendParts(buf[:0], path)
	guessed := len(t.segments) == 0 || isName(t.segments, parts)
	if guessed {
		t = newTemplate(guessRoute(parts))
	}
	if t.param < 0 {
		if guessed && len(parts) > 1 && !isNoise(parts[len(parts)-2]) {
			return activity.Object{} // "/articles/hello-world": type, id or neither?
		}
		return activity.Object{Type: t.object}
	}
	object := activity.Object{Type: t.object}
	if object.Type != "" {
		object.ID = valueAt(t.segments, parts, t.param)
	}
	return object
}

// isName reports whether a route is the name of one instead of its template,
// as Symfony's "article_update": one word that is not in the path.
func isName(segments []segment, parts []string) bool {
	if len(segments) != 1 || segments[0].param || len(parts) == 0 {
		return false
	}
	_, ok := align(segments, parts)
	return !ok
}

// valueAt returns what the path has in the place of the parameter
// segments[param], or "".
func valueAt(segments []segment, parts []string, param int) string {
	offset, ok := align(segments, parts)
	if !ok || offset+param >= len(parts) {
		return ""
	}
	s, rest := segments[param], parts[offset+param:]
	if !s.rest {
		rest = rest[:1]
	}
	value := strings.TrimSuffix(strings.TrimPrefix(strings.Join(rest, "/"), s.prefix), s.suffix)
	return unescape(value)
}

// unescape undoes the percent-encoding of a path segment, unless that gives
// something that is no text, such as a NUL, which databases refuse.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	value, err := url.PathUnescape(s)
	if err != nil || !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
		return s
	}
	return value
}
