package redact

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// maxEscapes is how often a text may be escaped for a URL within another.
const maxEscapes = 3

// unescaped cleans the parts of text that are escaped for a URL as what they say:
// ?next=https%3A%2F%2Fexample.com%2F%3Ftoken%3Dx. Parts with nothing to clean stay
// byte for byte.
func (w *work) unescaped(text string, k *keyClass) string {
	if w.escapes == maxEscapes {
		return text
	}
	w.escapes++
	defer func() { w.escapes-- }()
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); {
		n := strings.IndexAny(text[i:], escapeStops)
		if n < 0 {
			n = len(text) - i
		}
		if cleaned, ok := w.unescapedPart(text[i:i+n], k); ok {
			out.WriteString(text[done:i])
			out.WriteString(cleaned)
			done = i + n
		}
		i += n + 1
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// escapeStops are what is between the parts of a URL, and around it.
const escapeStops = "&?=;#<>\"' \t\r\n"

func (w *work) unescapedPart(part string, k *keyClass) (cleaned string, ok bool) {
	if strings.IndexByte(part, '%') < 0 {
		return "", false
	}
	plain, err := url.QueryUnescape(part)
	if err != nil || plain == part || !utf8.ValidString(plain) {
		return "", false
	}
	if cleaned = w.text(plain, k); cleaned == plain {
		return "", false
	}
	return strings.ReplaceAll(url.QueryEscape(cleaned), "%2A", "*"), true
}
