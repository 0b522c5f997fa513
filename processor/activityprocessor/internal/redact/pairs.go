package redact

import (
	"regexp"
	"strings"
)

// Masked is the replacement of a secret.
const Masked = "****"

// pairs masks the values after keys of secrets in text: "password=x", "X-Api-Key: x",
// {"token": "x"}, "--password x". JSON stays JSON. It returns s itself if there is
// nothing to mask.
func (s *secretKeys) pairs(text string, t traits) string {
	if s == nil {
		return text
	}
	var out strings.Builder
	done := 0
	between := newFinder(t.has(hasOption))
	for i := between.next(text, 0); i < len(text); i = between.next(text, i) {
		start, end, quote, next := s.secretAt(text, i, t.has(isLine))
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

// finder finds the bytes that are between keys and values. A search for each of them is
// much faster than to read all bytes, and no byte is searched for twice in the same part
// of a text.
type finder struct {
	bytes string
	at    [len(pairBytes)]int // where each is next, len(text) if it is not in the rest
}

// pairBytes are between keys and values, the space only after options.
const pairBytes = "=:> "

func newFinder(options bool) finder {
	f := finder{bytes: pairBytes[:len(pairBytes)-1]}
	if options {
		f.bytes = pairBytes
	}
	for i := range f.at {
		f.at[i] = -1
	}
	return f
}

// next returns where the first of the bytes is from an index on, len(text) if none is.
func (f *finder) next(text string, from int) int {
	first := len(text)
	if from >= first {
		return first
	}
	for i := range len(f.bytes) {
		if f.at[i] < from {
			if n := strings.IndexByte(text[from:], f.bytes[i]); n >= 0 {
				f.at[i] = from + n
			} else {
				f.at[i] = len(text)
			}
		}
		first = min(first, f.at[i])
	}
	return first
}

// secretAt examines the byte i. If it separates the key of a secret from its value, it
// returns where the value is, and the quotation mark that the mask needs; otherwise start
// is -1. next is where to continue. lines means that the text has several lines.
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
	key, at, inJSON := keyBefore(text, i, c == ' ')
	if key == "" {
		return -1, 0, "", next
	}
	if c != ' ' && isNaming(key) {
		return s.afterName(text, i, next)
	}
	if !s.has(key) || c == ':' && isVerb(text, at, i) {
		return -1, 0, "", next
	}
	start = i + 1
	if c == ':' && start < len(text) && text[start] == '=' { // in Go
		start++
	}
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
	if c == ':' && !inJSON && takesLine(key) {
		start, end = lineAt(text, at, start)
	} else {
		start, end = valueAt(text, value{at: start, key: at, header: c == ':' && !inJSON, lines: lines})
	}
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
	tag := text[max(0, i-maxTag):i]
	before := strings.LastIndexByte(tag, '<')
	if before < 0 {
		return -1, 0, "", i + 1
	}
	name := tag[before+1:]
	if n := strings.IndexFunc(name, func(r rune) bool { return r > 0x7f || !isKeyByte(byte(r)) }); n >= 0 {
		name = name[:n]
	}
	if name == "" || text[i-1] == '/' || !s.has(name) {
		return -1, 0, "", i + 1
	}
	// Last: it may look at all of the text.
	n := strings.IndexByte(text[i+1:], '<')
	if n <= 0 || isEmptyValue(text[i+1:i+1+n]) {
		return -1, 0, "", i + 1
	}
	return i + 1, i + 1 + n, "", i + 1
}

// isEmptyValue reports whether a value means that there is no value, or is masked
// already.
func isEmptyValue(v string) bool {
	switch v {
	case "", "null", "nil", "None", "true", "false", Masked:
		return true
	}
	return false
}

// maxPartHead is how long the headers of a part of a form may be.
const maxPartHead = 1024

// maxTag is how long a tag with its attributes may be.
const maxTag = 256

// isVerb reports whether the colon at i ends a path and is followed by a verb:
// "/v1/secrets/my-token:access".
func isVerb(text string, at, i int) bool {
	return at > 0 && text[at-1] == '/' && i+1 < len(text) && isKeyByte(text[i+1])
}

// afterName looks at the value of a key such as "name", which i separates from it.
// If that value is the name of a secret, the secret is next to it.
func (s *secretKeys) afterName(text string, i, next int) (start, end int, quote string, after int) {
	i++
	for i < len(text) && text[i] == ' ' {
		i++
	}
	if i >= len(text) || text[i] != '"' && text[i] != '\'' {
		return -1, 0, "", next
	}
	from := i + 1
	to := closing(text[:min(len(text), from+maxKey)], from, text[i])
	if to-from >= maxKey || !s.has(text[from:to]) {
		return -1, 0, "", next
	}
	rest := text[min(to+1, len(text)):min(len(text), to+1+maxPartHead)]
	var part []int
	if strings.IndexByte(rest[:min(len(rest), maxTag)], '\n') >= 0 {
		part = formPart.FindStringIndex(rest)
	}
	if part != nil {
		start = to + 1 + part[1]
		end = len(text)
		if n := strings.Index(text[start:], "\n--"); n >= 0 {
			end = start + n
		}
		if v := strings.TrimSpace(text[start:end]); v == "" || v == Masked {
			return -1, 0, "", next
		}
		return start, end, "", end
	}
	return valuesAfterName(text, min(to+1, len(text)), next)
}

// valuesAfterName looks for the values that follow the name of a secret at i. Those of
// several keys, "old" and "new", are one.
func valuesAfterName(text string, i, next int) (start, end int, quote string, after int) {
	start, end = -1, i
	for {
		n := valueName.FindStringIndex(text[end:min(len(text), end+maxTag)])
		if n == nil || end+n[1] >= len(text) {
			break
		}
		from, to := valueAt(text, value{at: end + n[1], key: end + n[1]})
		if isEmptyValue(text[from:to]) {
			break
		}
		if start < 0 {
			start = from
		}
		end = to
	}
	return start, end, "", max(next, end)
}

var (
	// formPart is what is between the name of a part of multipart/form-data and it.
	formPart = regexp.MustCompile(`^[^\r\n]{0,200}\r?\n(?:[\w-]{1,50}:[^\r\n]{0,200}\r?\n){0,5}\r?\n`)
	// valueName is between the name of a secret and the secret.
	valueName = regexp.MustCompile(`^["']?[\s,;]*["']?(?:value|content|val|old|new|data|text)["']?\s*[=:]\s*`)
)

// keyBefore returns the key that ends before i and where it begins: quoted, as in
// JSON, or bare. An option begins with a dash, and only a space follows it.
func keyBefore(text string, i int, option bool) (key string, at int, quoted bool) {
	end := i
	for end > 0 && (text[end-1] == ' ' || text[end-1] == '\t') && !option {
		end--
	}
	if line := strings.TrimRight(text[max(0, end-maxKey):end], "\r\n \t"); !option && strings.HasSuffix(line, `"`) {
		end -= min(end, maxKey) - len(line)
	}
	for end > 0 && (text[end-1] == '"' || text[end-1] == '\'' || text[end-1] == '\\') {
		quoted = quoted || text[end-1] == '"'
		end--
	}
	start := end
	for start > 0 && isKeyByte(text[start-1]) && end-start < maxKey {
		start--
	}
	if option && (quoted || !isOption(text, start, end)) {
		return "", start, false
	}
	escaped := start > 1 && text[start-2] == '\\' // JSON within JSON: a mask has no quotation marks of its own
	return text[start:end], start, quoted && !escaped
}

// isOption reports whether text[start:end] is an option of a command line, such as
// --password or -password.
func isOption(text string, start, end int) bool {
	if strings.HasPrefix(text[start:end], "--") {
		return true
	}
	return end-start > 3 && text[start] == '-' && (start == 0 || text[start-1] == ' ')
}

func isKeyByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == '[' || c == ']' || c == '%' || c >= 0x80
}

// value is where a value begins, and what is known about it.
type value struct {
	at     int
	key    int  // where its key begins
	header bool // it goes on to the end of the line, or to what ends a header in a list of them
	lines  bool // there are several lines
}

// valueAt returns where the value is.
func valueAt(text string, v value) (start, end int) {
	i := v.at
	if i+1 < len(text) && strings.IndexByte("bBuUrRfF", text[i]) >= 0 && (text[i+1] == '"' || text[i+1] == '\'') {
		i++ // b'x', in Python
	}
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
	case '|', '>':
		if start, end := blockAt(text, i); end > start {
			return start, end
		}
	}
	stops := " \t\r\n&,;\"'<>|)}]"
	if v.header {
		stops = "\r\n\"'<>|}]"
		if !v.lines {
			stops = "\r\n\"'<>|}],"
		}
	}
	for end = i; ; end++ {
		n := strings.IndexAny(text[end:], stops)
		if n < 0 {
			return i, len(text)
		}
		end += n
		// A quotation mark that was not opened is a part of the value.
		if c := text[end]; c != '"' && c != '\'' || end == i || strings.IndexByte(text[max(0, v.key-maxTag):v.key], c) >= 0 {
			return i, end
		}
	}
}

// lineAt returns where the rest of the line is, or of the quotation that began with
// its key.
func lineAt(text string, key, i int) (start, end int) {
	if key > 0 && (text[key-1] == '"' || text[key-1] == '\'') {
		return i, closing(text, i, text[key-1])
	}
	if text[i] == '[' || text[i] == '"' { // a list of them in Go, a text in YAML
		return valueAt(text, value{at: i})
	}
	if n := strings.IndexAny(text[i:], "\r\n"); n >= 0 {
		return i, i + n
	}
	return i, len(text)
}

// blockAt returns where the lines of a block are that YAML begins with | or >.
func blockAt(text string, i int) (start, end int) {
	rest := strings.TrimLeft(text[i+1:], "+-0123456789 \t\r")
	if !strings.HasPrefix(rest, "\n") {
		return 0, 0
	}
	start = len(text) - len(rest) + 1
	for end = start; end < len(text) && (text[end] == ' ' || text[end] == '\t'); {
		n := strings.IndexByte(text[end:], '\n')
		if n < 0 {
			end = len(text)
			break
		}
		end += n + 1
	}
	indent := len(text[start:end]) - len(strings.TrimLeft(text[start:end], " \t"))
	for end > start && text[end-1] == '\n' {
		end--
	}
	return min(start+indent, end), end
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
