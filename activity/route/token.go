package route

import "strings"

// token is one part of what is read: a segment of a route, or a part of a path that no
// route names.
type token struct {
	text    string   // a literal, or an id in a path
	segment *segment // a parameter, nil for anything else
	index   int      // of the segment in its route
	id      bool     // text is an id
	guessed bool     // text is from a path, where an id is only known by its form
	custom  bool     // text follows a colon, as in "{id}:publish", so it is a verb
}

func (t *token) isLiteral() bool { return t.segment == nil && !t.id }

// tokens appends what the segments say about the object. Text that says nothing is left
// out.
func (t *Template) tokens(list []token) []token {
	for i := range t.segments {
		s := &t.segments[i]
		if !s.param {
			list = appendLiteral(list, token{text: s.prefix, index: i}, i == len(t.segments)-1)
			continue
		}
		list = appendValue(list, token{segment: s, index: i})
		if verb, ok := strings.CutPrefix(s.suffix, ":"); ok && i == len(t.segments)-1 {
			list = append(list, token{text: verb, custom: true})
		}
	}
	return list
}

// appendPath appends the parts of a path that no route names.
func appendPath(list []token, parts []string, last bool) []token {
	for i, part := range parts {
		ends := last && i == len(parts)-1
		stem := part
		if ends {
			stem = withoutExtension(part)
			if before, verb, ok := strings.Cut(stem, ":"); ok && looksLikeID(before) {
				list = appendValue(list, token{text: before, id: true, guessed: true})
				list = append(list, token{text: verb, guessed: true, custom: true})
				continue
			}
		}
		if looksLikeID(stem) {
			list = appendValue(list, token{text: stem, id: true, guessed: true})
			continue
		}
		list = appendLiteral(list, token{text: stem, guessed: true}, ends)
	}
	return list
}

// appendLiteral appends a literal, unless it says nothing about the object.
func appendLiteral(list []token, t token, last bool) []token {
	if t.text == "-" || saysNothing(t.text) || !t.guessed && !isLiteral(t.text) {
		return list
	}
	if looksLikeID(t.text) {
		t.id = true
		return appendValue(list, t)
	}
	if name, verb, ok := strings.Cut(t.text, ":"); ok && last && name != "" && verb != "" {
		t.text = name
		return append(list, t, token{text: verb, guessed: t.guessed, custom: true})
	}
	return append(list, t)
}

// appendValue appends a parameter or an id. After a literal such as "-rev" it is the
// revision of what is before, and no object: then both are left out.
func appendValue(list []token, t token) []token {
	if n := len(list); n > 0 && list[n-1].isLiteral() && list[n-1].text != "rev" && bare(list[n-1].text) == "rev" {
		return list[:n-1]
	}
	return append(list, t)
}

// extensions of data formats are not part of an id.
var extensions = [...]string{".json", ".xml", ".html", ".htm", ".csv", ".yaml", ".yml", ".pdf", ".rss", ".atom"}

func withoutExtension(part string) string {
	for _, extension := range extensions {
		if stem, ok := strings.CutSuffix(part, extension); ok && stem != "" {
			return stem
		}
	}
	return part
}
