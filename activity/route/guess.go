package route

import (
	"slices"
	"strings"
)

// guess returns what a request does whose route does not say it: the parts of the path
// before and after the route are read as well.
func (t *Template) guess(method, path string, code int, parts []string, m match) Act {
	var room [24]token
	list := room[:0]
	if m.fit == differs {
		list = appendPath(list, parts, true)
	} else {
		list = appendPath(list, parts[:m.offset], false)
		list = t.tokens(list)
		list = appendPath(list, parts[m.end:], true)
	}
	r := read(list)
	d := r.decide(method, isCreated(method, code))
	var ids [maxLevels]string
	guessed := false
	for i, l := range r.levels[:r.n] {
		guessed = guessed || l.guessed
		if l.value < 0 {
			continue
		}
		if v := &r.list[l.value]; v.id {
			ids[i] = unescape(v.text)
		} else {
			ids[i] = t.value(v.index, m, parts)
		}
	}
	act := Act{Type: d.action, Object: build(r.levels[:r.n], ids[:r.n])}
	act.Guessed = guessed && !act.Object.IsZero() || d.acted && r.guessesVerb()
	switch {
	case d.verb != "":
		act.Name = verbName(r.object().kind, d.verb)
	case !act.Guessed && t.pattern != "" && !t.raw, m.fit == differs && t.isName(parts) && !strings.ContainsAny(t.pattern, "/~@"):
		act.Name = actionName(method, t.pattern)
	default:
		act.Name = t.guessedName(method, path, parts, m)
	}
	return act
}

// guessesVerb reports whether a verb is from a path that no route names.
func (r *reading) guessesVerb() bool {
	return r.tail < len(r.list) && r.list[len(r.list)-1].guessed
}

// guessedName returns method and path, with "{id}" in the place of each id that is not in
// the route.
func (t *Template) guessedName(method, path string, parts []string, m match) string {
	var b strings.Builder
	b.Grow(len(method) + len(path) + 8)
	b.WriteString(method)
	b.WriteByte(' ')
	if len(parts) == 0 {
		b.WriteString(path)
		return strings.TrimSuffix(b.String(), " ")
	}
	switch {
	case m.fit == differs && !strings.Contains(path, ";") && !slices.ContainsFunc(parts, isIDPart):
		b.WriteString(unescapeName(path))
		return b.String()
	case m.fit == differs:
		writeParts(&b, parts)
		return b.String()
	}
	writeParts(&b, parts[:m.offset])
	pattern := t.pattern
	if t.open {
		pattern = pattern[:strings.LastIndexByte(pattern, '/')+1]
	}
	if pattern = strings.Trim(pattern, "/"); pattern != "" {
		b.WriteByte('/')
		b.WriteString(pattern)
	}
	writeParts(&b, parts[m.end:])
	return b.String()
}

func writeParts(b *strings.Builder, parts []string) {
	for _, part := range parts {
		b.WriteByte('/')
		name, key, ok := strings.Cut(part, "(")
		if stem := stemOf(part); looksLikeID(stem) {
			b.WriteString("{id}")
			part = part[len(stem):]
		} else if ok && looksLikeID(strings.Trim(key, "')")) {
			b.WriteString(name + "({id}")
			part = ")"
		}
		b.WriteString(unescapeName(part))
	}
}

func isIDPart(part string) bool {
	_, key, ok := strings.Cut(part, "(")
	return looksLikeID(stemOf(part)) || ok && looksLikeID(strings.Trim(key, "')"))
}

// stemOf returns a part of a path without a verb or a format after it.
func stemOf(part string) string {
	if looksLikeID(part) {
		return part
	}
	stem, _, _ := strings.Cut(part, ":")
	return withoutExtension(stem)
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
