package cli

import (
	"bytes"
	"encoding/json"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
)

// maxIndent is how deep JSON is indented. Each level has more spaces than the one around it,
// so that 20 kB of brackets in a row would become 190 MB.
const maxIndent = 100

// indented returns a value as JSON of several lines, for people. A value that is too deep
// stays on one line.
func indented(value any) ([]byte, error) {
	text, err := field.JSON(value)
	if err != nil {
		return nil, err
	}
	if depth(text) > maxIndent {
		return text, nil
	}
	var b bytes.Buffer
	err = json.Indent(&b, text, "", "  ")
	return b.Bytes(), err
}

// depth is how many arrays and objects of a JSON value are within each other.
func depth(value []byte) (most int) {
	now, inText := 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case inText && c == '\\':
			i++ // what it escapes may be a quote
		case c == '"':
			inText = !inText
		case inText:
		case c == '[', c == '{':
			now++
			most = max(most, now)
		case c == ']', c == '}':
			now--
		}
	}
	return most
}
