package web

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A reader must see what a row says, and nothing else. So characters that are not seen, or
// that change the order in which others are read, are shown by their number: ⟨U+202E⟩.
// Escaping for HTML is for html/template.

// showLine returns a text for one line, of at most most characters.
func showLine(text string, most int) string {
	text, cut := cutRunes(text, most)
	shown := show(text, false)
	if cut > 0 {
		shown += "…"
	}
	return shown
}

// showBlock returns a text that may have several lines.
func showBlock(text string) string { return show(text, true) }

// cutRunes returns the first runes of a text, and how many more there are.
func cutRunes(text string, most int) (head string, more int) {
	n := 0
	for i := range text {
		if n == most {
			return text[:i], utf8.RuneCountInString(text[i:])
		}
		n++
	}
	return text, 0
}

func show(text string, block bool) string {
	runes := []rune(strings.ToValidUTF8(text, "\uFFFD"))
	var shown strings.Builder
	for i, r := range runes {
		switch {
		case r == ' ' && (i == 0 || i == len(runes)-1): // "alice " is not alice
			shown.WriteRune('␣')
		case block && (r == '\n' || r == '\t'):
			shown.WriteRune(r)
		case r < ' ':
			shown.WriteRune('␀' + r)
		case r == 0x7f:
			shown.WriteRune('␡')
		case joins(runes, i):
			shown.WriteRune(r)
		case hidden(r), i > maxMarks && marks(runes[i-maxMarks:i+1]):
			fmt.Fprintf(&shown, "⟨U+%04X⟩", r)
		default:
			shown.WriteRune(r)
		}
	}
	return shown.String()
}

// hidden reports whether a character has no shape, or moves others.
func hidden(r rune) bool {
	switch {
	case unicode.In(r, unicode.C, unicode.Zl, unicode.Zp), r == utf8.RuneError:
		return r != utf8.RuneError // which has a shape of its own
	case r == 0x034f, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5, r == 0x2800, r == 0x3164, r == 0xffa0:
		return true // letters and marks without a shape
	case r == 0x00a0, 0x2000 <= r && r <= 0x200a, r == 0x202f, r == 0x205f:
		return true // spaces that look like the usual one, or like none
	case 0xfe00 <= r && r <= 0xfe0f, 0xe0100 <= r && r <= 0xe01ef:
		return true // variants
	}
	return false
}

// joins reports whether a character joins those around it, or keeps them apart, as some
// scripts and emoji need it. In others it only makes two names look alike.
func joins(runes []rune, i int) bool {
	if i == 0 {
		return false
	}
	before := runes[i-1]
	switch runes[i] {
	case 0xfe0f: // the variant of emoji
		return unicode.Is(unicode.So, before)
	case 0x200c, 0x200d:
		return i+1 < len(runes) && joined(before) && joined(runes[i+1])
	}
	return false
}

func joined(r rune) bool {
	return r == 0xfe0f || unicode.In(r, unicode.So, unicode.Sk, unicode.Arabic, unicode.Syriac, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi,
		unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer,
		unicode.Myanmar)
}

// maxMarks is how many marks may stand on one letter. More would cover the lines above.
const maxMarks = 4

func marks(runes []rune) bool {
	for _, r := range runes {
		if !unicode.In(r, unicode.Mn, unicode.Me) {
			return false
		}
	}
	return true
}
