package reader

import (
	"bytes"
	"encoding/json"
)

// maxIndent is how deep JSON may be for [IndentJSON] to indent it. Each level has more spaces
// than the one around it, so that 20 kB of brackets in a row would become 190 MB.
const maxIndent = 100

// IndentJSON returns JSON of several lines, for people, such as [Row.Data]: a member or element
// on each line, two spaces for each level. JSON with more than 100 levels comes back as it is,
// and so does what is not JSON.
func IndentJSON(text []byte) []byte {
	var indented bytes.Buffer
	if depth(text) > maxIndent || json.Indent(&indented, text, "", "  ") != nil {
		return text
	}
	return indented.Bytes()
}

// depth is how many arrays and objects of a JSON text are within each other.
func depth(text []byte) (most int) {
	now, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++ // what it escapes may be a quote
		case c == '"':
			inString = !inString
		case inString:
		case c == '[', c == '{':
			now++
			most = max(most, now)
		case c == ']', c == '}':
			now--
		}
	}
	return most
}
