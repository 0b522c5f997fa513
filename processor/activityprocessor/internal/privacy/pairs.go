package privacy

import (
	"strings"
)

// Masked stands where a secret was.
const Masked = "****"

// pairs masks in text what follows a key of a secret: "password=x", "X-Api-Key: x",
// {"token": "x"}, "--password x". JSON stays JSON. It returns s itself if there is
// nothing to mask.
func (s *secretKeys) pairs(text string, option bool) string {
	if s == nil {
		return text
	}
	var out strings.Builder
	done := 0
	lines := strings.ContainsAny(text, "\r\n")
	for i := 0; i < len(text); {
		if class[text[i]]&isPair == 0 && (!option || text[i] != ' ') {
			i++
			continue
		}
		start, end, quote, next := s.secretAt(text, i, lines)
		i = next
		if start < 0 {
			continue
		}
		out.WriteString(text[done:start])
		out.WriteString(quote + Masked + quote)
		done, i = end, end
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// secretAt looks at the byte i. If it parts a key of a secret from its value, it
// returns where the value is, and the quotation mark that a mask there needs;
// otherwise start is -1. next is where to go on. lines says that the text has
// several of them.
func (s *secretKeys) secretAt(text string, i int, lines bool) (start, end int, quote string, next int) {
	c := text[i]
	next = i + 1
	switch c {
	case '=', ':', ' ':
	case '>':
		return s.elementAt(text, i)
	default:
		return -1, 0, "", next
	}
	key, inJSON := keyBefore(text, i, c == ' ')
	if key == "" || !s.has(key) {
		return -1, 0, "", next
	}
	start = i + 1
	for start < len(text) && (text[start] == ' ' || text[start] == '\t' || c == ':' && text[start] == '\n') {
		start++
	}
	if c == '=' && start < len(text) && (text[start] == '=' || text[start] == '>') { // a comparison
		start++
	}
	for start < len(text) && text[start] == ' ' {
		start++
	}
	if start >= len(text) {
		return -1, 0, "", next
	}
	start, end = valueAt(text, start, c == ':' && !inJSON, lines)
	if isEmptyValue(text[start:end]) {
		return -1, 0, "", max(next, end)
	}
	if inJSON && (start == 0 || text[start-1] != '"') {
		quote = `"`
	}
	return start, end, quote, next
}

// elementAt is secretAt for XML, <password>x</password>, where i ends the tag.
func (s *secretKeys) elementAt(text string, i int) (start, end int, quote string, next int) {
	key, _ := keyBefore(text, i, false)
	before := i - len(key) - 1
	if key == "" || before < 0 || text[before] != '<' || !s.has(key) {
		return -1, 0, "", i + 1
	}
	// Last: it may look at all of the text.
	n := strings.IndexByte(text[i+1:], '<')
	if n <= 0 || isEmptyValue(text[i+1:i+1+n]) {
		return -1, 0, "", i + 1
	}
	return i + 1, i + 1 + n, "", i + 1
}

// isEmptyValue reports whether a value says no more than that there is none, or
// is masked already.
func isEmptyValue(v string) bool {
	switch v {
	case "", "null", "nil", "None", "true", "false", Masked:
		return true
	}
	return false
}

// keyBefore returns the key that ends before i: quoted, as in JSON, or bare. Behind
// an option there is a space alone, and "--" before it.
func keyBefore(text string, i int, option bool) (key string, quoted bool) {
	end := i
	for end > 0 && text[end-1] == ' ' && !option {
		end--
	}
	for end > 0 && (text[end-1] == '"' || text[end-1] == '\'' || text[end-1] == '\\') {
		quoted = quoted || text[end-1] == '"'
		end--
	}
	start := end
	for start > 0 && isKeyByte(text[start-1]) && end-start < maxKey {
		start--
	}
	if option {
		if quoted || !strings.HasPrefix(text[start:end], "--") {
			return "", false
		}
	}
	escaped := start > 1 && text[start-2] == '\\' // JSON within JSON: a mask has no quotation marks of its own
	return text[start:end], quoted && !escaped
}

func isKeyByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == '[' || c == ']' || c >= 0x80
}

// valueAt returns where the value is that begins at i. header values go on to the
// end of the line, or to what ends a header in a list of them.
func valueAt(text string, i int, header, lines bool) (start, end int) {
	switch c := text[i]; c {
	case '"', '\'', '`':
		return i + 1, closing(text, i+1, c)
	case '\\': // JSON within a text, \"x\", or deeper
		n := len(text[i:]) - len(strings.TrimLeft(text[i:], `\`))
		if mark := text[i:min(i+n+1, len(text))]; mark[len(mark)-1] == '"' {
			start = i + len(mark)
			if end := strings.Index(text[start:], mark); end >= 0 {
				return start, start + end
			}
			return start, len(text)
		}
	case '{', '[':
		return i, balanced(text, i)
	}
	stops := " \t\r\n&,;\"'<>|)}]"
	if header {
		stops = "\r\n\"'<>|}]"
		if !lines {
			stops = "\r\n\"'<>|}],"
		}
	}
	n := strings.IndexAny(text[i:], stops)
	if n < 0 {
		return i, len(text)
	}
	return i, i + n
}

// closing returns where the quotation mark is that ends what begins at i.
func closing(text string, i int, quote byte) int {
	for ; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case quote:
			return i
		}
	}
	return len(text)
}

// balanced returns the end of the brackets that begin at i.
func balanced(text string, i int) int {
	depth := 0
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = closing(text, i+1, '"')
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}
