package redact

import "strings"

// edits is a text that parts of are replaced, from its beginning to its end.
type edits struct {
	text string
	done int // the text up to here is in out
	out  strings.Builder
}

// replace puts another text in the place of text[start:end].
func (e *edits) replace(start, end int, by string) {
	e.out.WriteString(e.text[e.done:start])
	e.out.WriteString(by)
	e.done = end
}

// String returns the text with its replacements, and itself without any.
func (e *edits) String() string {
	if e.done == 0 {
		return e.text
	}
	e.out.WriteString(e.text[e.done:])
	return e.out.String()
}
