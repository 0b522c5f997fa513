package rule

import "strings"

// pattern is a text with "*" for any text: the parts before, between and after the
// stars.
type pattern []string

// patterns are texts of which one must match. Without patterns every text matches.
type patterns []pattern

func newPatterns(texts []string) patterns {
	list := make(patterns, len(texts))
	for i, t := range texts {
		list[i] = strings.Split(t, "*")
	}
	return list
}

// match reports whether one of the values that are not empty matches.
func (list patterns) match(values ...string) bool {
	for i := range list {
		for _, v := range values {
			if v != "" && list[i].match(v) {
				return true
			}
		}
	}
	return len(list) == 0
}

func (p pattern) match(value string) bool {
	last := len(p) - 1
	if last == 0 {
		return p[0] == value
	}
	rest, ok := strings.CutPrefix(value, p[0])
	if !ok {
		return false
	}
	for _, part := range p[1:last] { // the first match leaves most text for the other parts
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, p[last])
}
