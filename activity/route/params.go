package route

// compare appends the parts of a path to the room, and compares it with the route, or with
// the one of its variants that fits it.
func (t *Template) compare(room []string, path string) (variant *Template, parts []string, m match) {
	parts = appendParts(room, path)
	if t.variants != nil {
		if v := t.variant(parts); v != nil {
			t = v
		}
	}
	return t, parts, t.match(parts)
}

// Param returns the value of the route's parameter with that name in a path, decoded, ""
// if the route has no such parameter or does not fit the path. The path is as in
// [Template.Act].
func (t *Template) Param(name, path string) string {
	var room [16]string
	t, parts, m := t.compare(room[:0], path)
	if m.fit != fits {
		return ""
	}
	for i := range t.segments {
		if s := &t.segments[i]; s.param && s.name == name {
			return t.value(i, m, parts)
		}
	}
	return ""
}
