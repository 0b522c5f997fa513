package route

import (
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/otelactivity/activitylog/activity"
)

// Object returns the object that a request for path is about, the zero Object
// if that is not known. An object without a type has no id. The package comment
// has the rules.
//
// path is the path as the client sent it, percent-encoded and without a query
// string. It may be longer than the route at its beginning, where an
// application is mounted below a prefix. "" is a path that is not known.
func (t *Template) Object(path string) activity.Object {
	var room [16]string
	parts := appendParts(room[:0], path)
	switch {
	case t.isPath && len(parts) == 0:
		return guess(appendParts(parts, t.pattern))
	case t.isPath, len(t.segments) == 0, t.isName(parts):
		return guess(parts)
	}
	if t.formatted {
		trimFormat(parts)
	}
	offset, fit := t.align(parts)
	if fit == shorter {
		return activity.Object{}
	}
	object := activity.Object{Type: t.object}
	if t.id >= 0 && fit == fits {
		object.ID = t.segments[t.id].value(parts[min(offset+t.id, len(parts)):])
	}
	return object
}

// ID returns the id that is in value, the text that a router found in the place
// of [Template.IDParam] and decoded, "" if it cannot be one: it has control
// characters or is not UTF-8.
func ID(value string) string {
	value, _, _ = strings.Cut(value, ";")
	if !isText(value) {
		return ""
	}
	return value
}

// Fits reports whether path is one of the route's, mounted or not.
func (t *Template) Fits(path string) bool {
	_, fit := t.align(appendParts(nil, path))
	return fit == fits
}

// isName reports whether the pattern is the name of a route instead, as
// Symfony's "article_update": one word that is not in the path.
func (t *Template) isName(parts []string) bool {
	if len(t.segments) != 1 || t.segments[0].param || len(parts) == 0 {
		return false
	}
	_, fit := t.align(parts)
	return fit == differs
}

// fit says how a route and a path compare.
type fit int

const (
	differs fit = iota
	fits
	shorter // the path begins like the route, and goes on
)

// align finds where in the path the route begins: at its start, or further on
// when the application is mounted below a prefix that its routes do not name.
func (t *Template) align(parts []string) (offset int, f fit) {
	longer := max(len(parts)-len(t.segments), 0)
	for offset = 0; offset <= longer; offset++ {
		switch begins, rest := t.begins(parts[offset:]); {
		case begins && (rest || offset == longer):
			return offset, fits
		case begins && f == differs:
			f = shorter
		}
	}
	return 0, f
}

// begins reports whether the literals of the route are those of the path, up to
// a parameter that takes the rest. Parameters at the end may be missing.
func (t *Template) begins(parts []string) (ok, rest bool) {
	for i := range t.segments {
		s := &t.segments[i]
		switch {
		case s.rest:
			return true, true
		case s.param || s.optional && i >= len(parts):
		case i >= len(parts) || !strings.EqualFold(s.prefix, parts[i]):
			return false, false
		}
	}
	return true, false
}

// value returns what the parameter stands for in the path from its place on.
func (s *segment) value(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	text := parts[0]
	if s.rest {
		text = strings.Join(parts, "/")
	}
	return unescape(strings.TrimSuffix(strings.TrimPrefix(text, s.prefix), s.suffix))
}

// guess returns the object of a path without a route. "/articles/hello-world"
// names a type, an id or neither, so it has none.
func guess(parts []string) activity.Object {
	id := len(parts) - 1
	for id >= 0 && !looksLikeID(parts[id]) {
		id--
	}
	if id < 0 {
		if n := len(parts); n == 0 || n > 1 && !isNoise(parts[n-2]) {
			return activity.Object{}
		}
		return activity.Object{Type: partType(parts)}
	}
	kind := partType(parts[:id])
	if kind == "" {
		return activity.Object{}
	}
	return activity.Object{Type: kind, ID: unescape(parts[id])}
}

// partType returns the singular of the last part that names something.
func partType(parts []string) string {
	for i := len(parts) - 1; i >= 0; i-- {
		if !looksLikeID(parts[i]) && !isNoise(parts[i]) {
			return Singular(parts[i])
		}
	}
	return ""
}

// appendParts appends the segments of a path, still percent-encoded, without
// path parameters: ";jsessionid=…" may open a session.
func appendParts(parts []string, path string) []string {
	for path != "" {
		part, rest, _ := strings.Cut(path, "/")
		if part, _, _ = strings.Cut(part, ";"); part != "" {
			parts = append(parts, part)
		}
		path = rest
	}
	return parts
}

func trimFormat(parts []string) {
	if n := len(parts); n > 0 {
		parts[n-1] = strings.TrimSuffix(parts[n-1], path.Ext(parts[n-1]))
	}
}

// unescape undoes the percent-encoding of a path segment, unless the result is
// not text, such as a NUL, which databases reject.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	value, err := url.PathUnescape(s)
	if err != nil || !isText(value) {
		return s
	}
	return value
}

func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
