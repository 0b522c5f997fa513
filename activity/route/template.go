package route

import (
	"slices"
	"strings"
)

// Template is a route that has been read. It is safe for concurrent use, and
// must not be copied.
type Template struct {
	pattern   string // without method and host
	segments  []segment
	rest      int         // index of the segment that takes several parts of the path, -1 if none does
	open      bool        // the path may go on: "/api/*"
	opaque    bool        // it does not say which objects it is for, so the path must
	raw       bool        // it is the path of one request
	hidden    bool        // a literal is a secret, or holds one
	secret    bool        // a parameter holds a secret
	wordy     bool        // a literal is a word that a secret may follow
	formatted bool        // the path may end in a format, such as ".json"
	variants  []*Template // what it stands for, if that is several routes

	plans  plans
	shapes shapes
}

// Parse reads a route as web frameworks write them:
//
//	GET /articles/{id}, /files/{path...}, /articles/{$}   net/http
//	/articles/:id, /articles/:id?, /files/*rest           Express, Rails, gin, echo
//	/articles/:id(\d+), /articles/:id(.:format)           Express, Rails
//	articles/<int:pk>/, <path:rest>                       Django, Flask
//	^articles/(?P<pk>\d+)/$                               Django
//	/articles/{id:[0-9]+}, /articles/{id?}, {*path}       chi, Spring, ASP.NET
//	/articles/[id], /docs/[...slug], /docs/[[...slug]]    Next.js
//	/articles/:id,/posts/:id                              several routes of Express
//	/v1/{name=projects/*/articles/*}:publish              gRPC-Gateway
//
// The pattern "" is a route that is not known. Parse never fails: text that is
// not a route is read as literal segments.
func Parse(pattern string) *Template {
	if list := alternatives(pattern); len(list) > 1 {
		return several(clean(pattern), list)
	}
	t := &Template{rest: -1}
	t.pattern = clean(pattern)
	unformatted := withoutFormat(t.pattern)
	t.formatted = unformatted != t.pattern
	t.segments = split(expand(unformatted))
	t.pattern = strings.TrimSuffix(t.pattern, railsFormat)
	t.classify()
	if i := t.optionalBefore(); i >= 0 {
		t.variants = []*Template{t.without(-1), t.without(i)}
	}
	return t
}

// several returns the template of a route that stands for several.
func several(pattern string, list []string) *Template {
	t := &Template{pattern: pattern, rest: -1, opaque: true}
	for _, alternative := range list {
		v := Parse(alternative)
		t.hidden = t.hidden || v.hidden
		t.variants = append(t.variants, v)
	}
	t.raw = t.hidden
	return t
}

// optionalBefore returns the index of the first segment that may be missing before one
// that may not, -1 if there is none.
func (t *Template) optionalBefore() int {
	for i := range t.segments {
		if s := &t.segments[i]; s.optional && slices.ContainsFunc(t.segments[i:], func(s segment) bool { return !s.optional }) {
			return i
		}
	}
	return -1
}

// without returns the template without the segment with that index, or with all if it is
// negative.
func (t *Template) without(i int) *Template {
	v := &Template{pattern: t.pattern, segments: slices.Clone(t.segments), rest: -1, formatted: t.formatted}
	if i >= 0 {
		v.segments = slices.Delete(v.segments, i, i+1)
	}
	v.classify()
	return v
}

// classify finds out what the template is like.
func (t *Template) classify() {
	if n := len(t.segments); n > 0 && t.segments[n-1].rest && t.isOpen(n-1) {
		t.open, t.segments = true, t.segments[:n-1]
	}
	params := false
	for i := range t.segments {
		s := &t.segments[i]
		params = params || s.param
		t.secret = t.secret || s.param && isSecret(s.name)
		t.wordy = t.wordy || !s.param && secretWord(s.prefix) != notSecret
		switch {
		case s.rest && t.rest < 0:
			t.rest = i
		case s.isControl(), s.param && i > 0 && strings.EqualFold(t.segments[i-1].prefix, "trpc"), !s.param && !isLiteral(s.prefix) && (!isOperation(s.prefix) || i == 0):
			t.opaque = true
		}
	}
	t.hidden = t.hasSecret(params)
	t.raw = t.hidden || !params && slices.ContainsFunc(t.segments, func(s segment) bool { return looksLikeID(s.prefix) })
	t.opaque = t.opaque || t.raw || len(t.segments) == 0 || isExpression(t.pattern) ||
		t.open && !slices.ContainsFunc(t.segments, func(s segment) bool { return !s.param }) // "/{segment}/**"
}

// isOpen reports whether the segment with that index, which takes the rest of the path,
// stands for other routes and not for an id.
func (t *Template) isOpen(i int) bool {
	before := segment{}
	if i > 0 {
		before = t.segments[i-1]
	}
	if before.prefix != "" && !before.param && trees[typeOf(strings.ToLower(before.prefix))] {
		return false
	}
	if word := strings.ToLower(before.prefix); i > 0 && !before.param && (namespaces[word] || interfaces[word]) {
		return true // "/api/auth/[...nextauth]"
	}
	switch name := strings.ToLower(t.segments[i].name); name {
	case "", "all", "any", "args", "catchall", "catch_all", "match", "params", "proxy", "rest", "splat", "url", "wildcard":
		return true
	case "path", "slug", "p":
		return !before.param
	default:
		return i == 0
	}
}

// trees are types of objects whose ids are paths.
var trees = set("asset attachment blob content directory doc document download file folder image media object page public raw static storage tree upload wiki")

// String returns the pattern without method, host, query string and Rails'
// optional format: "/articles/{id}".
func (t *Template) String() string { return t.pattern }

// Known reports whether the template says anything: the pattern was not empty.
func (t *Template) Known() bool { return t.pattern != "" }

// HasParam reports whether the route has a parameter.
func (t *Template) HasParam() bool {
	return t.open || slices.ContainsFunc(t.segments, func(s segment) bool { return s.param }) ||
		slices.ContainsFunc(t.variants, (*Template).HasParam)
}

// Names reports whether the route has a parameter with that name.
func (t *Template) Names(param string) bool {
	return slices.ContainsFunc(t.segments, func(s segment) bool { return s.param && s.name == param }) ||
		slices.ContainsFunc(t.variants, func(v *Template) bool { return v.Names(param) })
}

// HoldsSecret reports whether the route itself holds a secret: it is the path of a request,
// or an address that only who is told it calls, "POST /telegram/110201543:AAHdqTcv…".
func (t *Template) HoldsSecret() bool { return t.hidden }

// Fits reports whether path is one of the route's, mounted or not.
func (t *Template) Fits(path string) bool {
	parts := appendParts(nil, path)
	if t.variants != nil {
		return t.variant(parts) != nil
	}
	return t.match(parts).fit == fits || t.open && t.match(parts).fit == shorter
}

// Covers reports whether path is one of the route's that has a part for each of its
// segments, except for optional ones and for a rest. [Template.Fits] allows that parameters
// at the end are missing.
func (t *Template) Covers(path string) bool {
	parts := appendParts(nil, path)
	if t.variants != nil {
		return slices.ContainsFunc(t.variants, func(v *Template) bool { return v.covers(parts) })
	}
	return t.covers(parts)
}

func (t *Template) covers(parts []string) bool {
	m := t.match(parts)
	if m.fit != fits && (m.fit != shorter || !t.open) {
		return false
	}
	needed := 0
	for i := range t.segments {
		if s := &t.segments[i]; !s.optional && !s.rest {
			needed++
		}
	}
	return len(parts)-m.offset >= needed
}

// variant returns the first of the variants that fits the path, nil if none does.
func (t *Template) variant(parts []string) *Template {
	for _, v := range t.variants {
		if v.match(parts).fit == fits {
			return v
		}
	}
	return nil
}
