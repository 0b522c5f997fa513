package route

import "strings"

// fit says how a route and a path compare.
type fit int

const (
	differs fit = iota
	fits
	shorter // the path begins like the route, and goes on
)

// match says where the segments of a route are in a path.
type match struct {
	fit    fit
	offset int // of the first segment: an application may be mounted below a prefix
	end    int // of the last one
}

// match finds where in the path the route begins: at its start, or further on where
// an application is mounted below a prefix that its routes do not name.
func (t *Template) match(parts []string) (m match) {
	longer := max(len(parts)-len(t.segments), 0)
	for offset := 0; offset <= longer; offset++ {
		if !t.begins(parts[offset:]) {
			continue
		}
		switch {
		case t.rest >= 0:
			return match{fits, offset, len(parts)}
		case offset == longer && !t.open:
			return match{fits, offset, len(parts)}
		case offset == longer:
			return match{fits, offset, min(offset+len(t.segments), len(parts))}
		case m.fit == differs:
			m = match{shorter, offset, offset + len(t.segments)}
		}
	}
	return m
}

// begins reports whether the literals of the route are those of the path. Parameters at
// the end may be missing. Where a parameter takes several parts, the segments after it are at
// the end of the path.
func (t *Template) begins(parts []string) bool {
	for i := range t.segments {
		s := &t.segments[i]
		at := i
		if t.rest >= 0 && i > t.rest {
			at = len(parts) - len(t.segments) + i
			if at < i {
				return false
			}
		}
		switch {
		case s.param || s.optional && at >= len(parts):
		case at >= len(parts) || !strings.EqualFold(s.prefix, parts[at]):
			return false
		}
	}
	return true
}

// value returns what the segment with that index stands for in a path that matches.
func (t *Template) value(i int, m match, parts []string) string {
	from, to := m.offset+i, m.offset+i+1
	if t.rest >= 0 && i >= t.rest {
		to = len(parts) - len(t.segments) + i + 1
		if i > t.rest {
			from = to - 1
		}
	}
	if from >= len(parts) || from >= to {
		return ""
	}
	s := &t.segments[i]
	text := parts[from]
	if !s.param {
		return unescape(text)
	}
	if to > from+1 {
		text = strings.Join(parts[from:to], "/")
	}
	return unescape(strings.TrimSuffix(strings.TrimPrefix(text, s.prefix), s.suffix))
}
