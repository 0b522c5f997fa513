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
// characters that nobody sees, and bytes that are no UTF-8 are written as in Go, \n, \x1b,
// \u202e. What joins letters and emoji stays where it does that, and elsewhere it would only
// make two names look alike. A backslash stays as it is, so the result is for people.
func Line(text string) string { return replace(text, "") }

// Block is [Line] for text of several lines: line ends and tabs stay.
func Block(text string) string { return replace(text, "\n\t") }

func replace(text, keep string) string {
	if strings.IndexFunc(text, func(r rune) bool { return harmful(r) || joiner(r) }) < 0 && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	before := rune(0)
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		after, _ := utf8.DecodeRuneInString(text[size:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case !harmful(r) && (!joiner(r) || joins(before, r, after)), strings.ContainsRune(keep, r):
			b.WriteRune(r)
		default:
			b.WriteString(name(r))
		}
		text, before = text[size:], r
	}
	return b.String()
}

// joiner reports whether a rune has no width, and is there for those around it.
func joiner(r rune) bool { return r == '\u200c' || r == '\u200d' || r == '\ufe0f' }

// joins reports whether a joiner is between letters or emoji that need it.
func joins(before, r, after rune) bool {
	if r == '\ufe0f' { // emoji in colour
		return unicode.Is(unicode.So, before)
	}
	return joined(before) && joined(after)
}

func joined(r rune) bool {
	return r == '\ufe0f' || unicode.In(r, unicode.So, unicode.Sk, unicode.Arabic, unicode.Syriac, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi,
		unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer,
		unicode.Myanmar)
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
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || blank(r) ||
		unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
}

// blank reports whether a rune is a letter or a mark without a shape: with one of these,
// a name looks like another.
func blank(r rune) bool {
	switch r {
	case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0:
		return true
	}
	return r >= 0xfe00 && r < 0xfe0f || r >= 0xe0100 && r <= 0xe01ef // variants
}
