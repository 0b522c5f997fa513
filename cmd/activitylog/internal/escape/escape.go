// Package escape makes text that others wrote safe to show. A row can hold whatever a
// client sent: escape sequences that clear a terminal or change its title, and marks that
// turn the order of letters around.
package escape

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line returns text as one line for a terminal: control characters, marks of direction,
// and bytes that are no UTF-8 are written as in Go, \n, \x1b, \u202e. A backslash stays as
// it is, so the result is for people.
func Line(text string) string { return replace(text, "") }

// Block is [Line] for text of several lines: line ends and tabs stay.
func Block(text string) string { return replace(text, "\n\t") }

func replace(text, keep string) string {
	if strings.IndexFunc(text, harmful) < 0 && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case !harmful(r), strings.ContainsRune(keep, r):
			b.WriteRune(r)
		default:
			b.WriteString(name(r))
		}
		text = text[size:]
	}
	return b.String()
}

// name writes a rune as in a string of Go.
func name(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// harmful reports whether a terminal may do something else with a rune than show it.
// What is in Cf are marks of direction, and others without a width, except what joins
// letters and emoji.
func harmful(r rune) bool {
	if r >= 0x20 && r < 0x7f {
		return false
	}
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' ||
		unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
}
