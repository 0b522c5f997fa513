package redact

import (
	"strings"
)

// signs say what a text may contain, from one pass over its bytes. Most texts need no
// second pass.
type signs struct {
	digits int    // in all
	seen   uint16 // the classes of all bytes
	option bool   // "--", or a word that begins with a dash
	word   bool   // a run of letters and digits that is long enough for a token
	scheme bool   // a scheme such as Bearer, with white space after it
}

// has reports whether the text has a byte of one of the classes.
func (s *signs) has(classes uint16) bool { return s.seen&classes != 0 }

func look(text string) (s signs) {
	run, seen := 0, uint16(0)
	for i := range len(text) {
		c := class[text[i]]
		seen |= c
		if c&inWord != 0 {
			if run++; run == minShape {
				s.word = true
			}
			if c&isDigit != 0 {
				s.digits++
			} else if c&isDash != 0 && (i == 0 || text[i-1] == '-' || text[i-1] == ' ') {
				s.option = true
			}
			continue
		}
		if c&isSpace != 0 && run >= minScheme && class[text[i-1]]&endsScheme != 0 && endsWithScheme(text[:i]) {
			s.scheme = true
		}
		run = 0
	}
	s.seen = seen
	return s
}

// Classes of bytes.
const (
	isDigit = 1 << iota
	inWord
	isPair
	isAt
	isDash
	isEscape
	isSpace
	isQuote
	isSlash
	isLine
	endsScheme // Bearer, Basic, Digest, Negotiate, ApiKey, Token
)

var class = func() (c [256]uint16) {
	for b := range c {
		switch {
		case b >= '0' && b <= '9':
			c[b] = isDigit | inWord
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b == '_', b == '.', b == '-':
			c[b] = inWord
		}
	}
	for bytes, bit := range map[string]uint16{
		"=:>": isPair, "@": isAt, "-": isDash, "%": isEscape, " \t\n\v\f\r": isSpace, "'": isQuote, "/": isSlash, "\r\n": isLine, "rctynRCTYNeE": endsScheme,
	} {
		for i := range len(bytes) {
			c[bytes[i]] |= bit
		}
	}
	return c
}()

// minScheme is how long the shortest of schemeWords is.
const minScheme = 5

func endsWithScheme(text string) bool {
	scheme := schemeWords[text[len(text)-1]|0x20]
	return len(text) >= len(scheme) && scheme != "" && strings.EqualFold(text[len(text)-len(scheme):], scheme)
}

// schemeWords are those of schemes, by their last letters.
var schemeWords = [256]string{'c': "basic", 'n': "token", 'r': "bearer", 't': "digest", 'y': "apikey", 'e': "negotiate"}
