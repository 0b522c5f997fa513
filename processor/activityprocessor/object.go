package activityprocessor

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/otelactivity/activitylog/activity"
)

// objectOf returns the object that a request was about. Of the route
// "/api/articles/{id}" and the path "/api/articles/17" that is article 17: the
// last literal segment before the last parameter, in the singular, and what
// the path has in the parameter's place. A route without parameters gives the
// type alone. An object without a type is none.
//
// Without a route, segments of the path that look like ids count as
// parameters. No id is better than a wrong one: where route and path do not
// fit together there is none.
func objectOf(t *template, path string) activity.Object {
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

// typeOf returns the singular of the last literal that names something.
func typeOf(segments []segment) string {
	for i := len(segments) - 1; i >= 0; i-- {
		if s := segments[i]; !s.param && !isNoise(s.prefix) {
			return singular(s.prefix)
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
