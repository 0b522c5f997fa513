package redact

import "strings"

// edits is a text in which parts are replaced, from the beginning to the end.
type edits struct {
	text string
	done int // the text up to here is in out
	out  strings.Builder
}

// replace replaces text[start:end].
func (e *edits) replace(start, end int, by string) {
	e.out.WriteString(e.text[e.done:start])
	e.out.WriteString(by)
	e.done = end
}

// String returns the text with its replacements.
func (e *edits) String() string {
	if e.done == 0 {
		return e.text
	}
	e.out.WriteString(e.text[e.done:])
	return e.out.String()
}
