package route

import "strings"

// guess returns what a request does whose route does not say it: the parts of the path
// before and after the route are read as well. Paths that differ only in their ids are
// read once.
func (t *Template) guess(method, path string, code int, parts []string, m match) Act {
	var room [256]byte
	s := t.shapes.get(appendShape(room[:0], parts, m))
	p := s.plans.get(method, code, func(method string, created bool) *plan {
		return t.guessPlan(method, created, parts, m)
	})
	if act := (Act{Name: p.name}); act.begin(p, method, code) {
		if act.Name == "" {
			act.Name = pathName(method, path, parts)
		}
		return act
	}
	var ids [maxLevels]string
	for i, l := range p.levels {
		switch {
		case l.value < 0:
		case l.inPath:
			_, id, _ := findID(parts[l.value], l.value == len(parts)-1)
			ids[i] = unescape(id)
		default:
			ids[i] = t.value(l.value, m, parts)
		}
	}
	act := Act{Type: p.action, Name: p.name, Object: build(p.levels, ids[:len(p.levels)]), Guessed: p.guessed}
	if act.Name == "" {
		act.Name = pathName(method, path, parts)
	}
	return act
}

// guessPlan returns what requests with that method do whose paths are like the parts.
func (t *Template) guessPlan(method string, created bool, parts []string, m match) *plan {
	var list []token
	if m.fit == differs {
		list = appendPath(nil, parts, 0, len(parts))
	} else {
		list = appendPath(nil, parts, 0, m.offset)
		list = t.tokens(list)
		list = appendPath(list, parts, m.end, len(parts))
	}
	session := sessionOf(list, method)
	r := read(list, method)
	d := r.decide(method, created)
	p := r.plan(d)
	p.session = session
	guesses := false
	for i := range p.levels {
		l := &p.levels[i]
		l.kind = strings.Clone(l.kind) // it may be part of a whole request
		guesses = guesses || l.guessed && (l.kind != "" || l.value >= 0 || i > 0)
	}
	p.guessed = guesses || d.acted && len(list) > 0 && list[len(list)-1].guessed && r.tail < len(list)
	switch {
	case d.verb != "" && session == NoSession:
		p.name = verbName(r.object().kind, d.verb)
	case !p.guessed && t.pattern != "" && !t.raw, m.fit == differs && t.isName(parts) && !t.hidden && !strings.ContainsAny(t.pattern, "/~@"):
		p.name = actionName(method, t.pattern)
	default:
		p.name = t.shapeName(method, parts, m)
	}
	return p
}

// shapeName returns method and path, with "{id}" in the place of each id that is not in
// the route, "" for a path without ids and a route.
func (t *Template) shapeName(method string, parts []string, m match) string {
	var b strings.Builder
	b.WriteString(method + " ")
	if m.fit == differs {
		if !writeParts(&b, parts, 0, len(parts)) {
			return ""
		}
		return b.String()
	}
	writeParts(&b, parts, 0, m.offset)
	pattern := t.pattern
	if t.open {
		pattern = pattern[:strings.LastIndexByte(pattern, '/')+1]
	}
	if pattern = strings.Trim(pattern, "/"); pattern != "" {
		b.WriteString("/" + pattern)
	}
	writeParts(&b, parts, m.end, len(parts))
	return b.String()
}

// pathName returns method and path of a request, whose path has no ids.
func pathName(method, path string, parts []string) string {
	if !strings.Contains(path, ";") {
		return actionName(method, unescapeName(path))
	}
	var b strings.Builder
	writeParts(&b, parts, 0, len(parts))
	return actionName(method, b.String())
}

// writeParts writes some parts of a path, and reports whether there are ids among them.
func writeParts(b *strings.Builder, parts []string, start, end int) (ids bool) {
	for i := start; i < end; i++ {
		b.WriteByte('/')
		before, id, after := findID(parts[i], i == len(parts)-1)
		if id == "" {
			b.WriteString(unescapeName(parts[i]))
			continue
		}
		ids = true
		b.WriteString(unescapeName(before) + "{id}" + unescapeName(after))
	}
	return ids
}

// appendShape appends what is common to paths that differ in their ids alone.
func appendShape(b []byte, parts []string, m match) []byte {
	end := 0
	if m.fit != differs {
		b = append(b, byte(m.offset), byte(m.end-m.offset))
		for i := range m.offset {
			b = appendPartShape(b, parts, i)
		}
		end = m.end
	}
	for i := end; i < len(parts); i++ {
		b = appendPartShape(b, parts, i)
	}
	return b
}

func appendPartShape(b []byte, parts []string, i int) []byte {
	before, id, after := findID(parts[i], i == len(parts)-1)
	b = append(b, '/')
	if id == "" {
		return append(b, parts[i]...)
	}
	b = append(b, before...)
	b = append(b, 0)
	switch {
	case isYear(id):
		b = append(b, 'y')
	case len(id) <= 2:
		b = append(b, 'm')
	}
	return append(b, after...)
}

// appendParts appends the segments of a path, still percent-encoded, without
// path parameters: ";jsessionid=…" may open a session.
func appendParts(parts []string, path string) []string {
	matrix := strings.IndexByte(path, ';') >= 0
	for path != "" {
		part, rest, _ := strings.Cut(path, "/")
		if matrix {
			part, _, _ = strings.Cut(part, ";")
		}
		if part != "" {
			parts = append(parts, part)
		}
		path = rest
	}
	return parts
}
