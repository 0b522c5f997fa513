package route

// Param returns the value of the route's parameter with that name in a path, decoded, ""
// if the route has no such parameter or does not fit the path. The path is as in
// [Template.Act].
func (t *Template) Param(name, path string) string {
	var room [16]string
	parts := appendParts(room[:0], path)
	if t.variants != nil {
		if v := t.variant(parts); v != nil {
			t = v
		}
	}
	m := t.match(parts)
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
