package redact

import (
	"strings"
)

// traits are what a text may contain: the classes of its bytes, and four more. Nearly all
// texts contain nothing to mask, and their traits show that without a search for each
// pattern.
type traits uint32

// Classes of bytes.
const (
	isDigit traits = 1 << iota
	inWord
	isPair
	isAt
	isDash
	isEscape
	isSpace
	isBreak // white space, not a space
	isLine
	isQuote
	isSlash
	isSeparator // between groups of digits, or a part of one
	inScheme    // each of schemeWords has one of b, g and k
	endsScheme  // they end with one of these
)

// Traits of more than one byte.
const (
	hasOption traits = 1 << (iota + 16) // "--", or a word that begins with a dash
	hasToken                            // a run of letters and digits that is long enough for a token
	hasCard                             // as many digits as a card number has, with only separators between
	hasScheme                           // a scheme such as Bearer, with white space after it
)

// suspect are the traits of texts that may contain something to mask.
const suspect = isPair | isAt | isEscape | isQuote | isSlash | hasOption | hasToken | hasCard | hasScheme

// has reports whether the text has one of the traits.
func (t traits) has(one traits) bool { return t&one != 0 }

func traitsOf(text string) traits {
	t := classesOf(text)
	if t.has(isDash) && findOption(text) {
		t |= hasOption
	}
	if findRun(text, inWord, inWord, minShape) {
		t |= hasToken
	}
	if t.has(isDigit) && findRun(text, isDigit|isSeparator, isDigit, minCard) {
		t |= hasCard
	}
	if t.has(isSpace) && t.has(inScheme) && findScheme(text, t.has(isBreak)) {
		t |= hasScheme
	}
	return t
}

// classesOf has no branch for each byte: that would be most of what cleaning costs.
func classesOf(text string) (all traits) {
	for len(text) >= 8 {
		all |= class[text[0]] | class[text[1]] | class[text[2]] | class[text[3]] |
			class[text[4]] | class[text[5]] | class[text[6]] | class[text[7]]
		text = text[8:]
	}
	for i := range len(text) {
		all |= class[text[i]]
	}
	return all
}

func findOption(text string) bool {
	for at := 0; ; at++ {
		n := strings.IndexByte(text[at:], '-')
		if n < 0 {
			return false
		}
		if at += n; at == 0 || text[at-1] == '-' || text[at-1] == ' ' {
			return true
		}
	}
}

// findRun reports whether n bytes of the class counted are in one run of bytes of the
// classes of. It reads backwards from where the shortest run would end, and mostly soon
// finds a byte after which the run would have to begin.
func findRun(text string, of, counted traits, n int) bool {
	for start := 0; start+n <= len(text); {
		if at := lastNot(text[start:start+n], of); at >= 0 {
			start += at + 1
			continue
		}
		if of == counted {
			return true
		}
		end := start + n
		for end < len(text) && class[text[end]]&of != 0 {
			end++
		}
		if count(text[start:end], counted) >= n {
			return true
		}
		start = end + 1
	}
	return false
}

// lastNot returns where the last byte is that has none of the classes, -1 if all have one.
func lastNot(text string, of traits) int {
	for i := len(text) - 1; i >= 0; i-- {
		if class[text[i]]&of == 0 {
			return i
		}
	}
	return -1
}

// count returns how many bytes of the class a text has.
func count(text string, of traits) (n int) {
	for i := range len(text) {
		if class[text[i]]&of != 0 {
			n++
		}
	}
	return n
}

// findScheme reports whether white space comes after a scheme. breaks means that there is
// other white space than spaces, which are the fastest to find.
func findScheme(text string, breaks bool) bool {
	for i := minScheme; i < len(text); i++ {
		if !breaks {
			n := strings.IndexByte(text[i:], ' ')
			if n < 0 {
				return false
			}
			i += n
		}
		if class[text[i]]&isSpace != 0 && class[text[i-1]]&endsScheme != 0 && endsWithScheme(text[:i]) {
			return true
		}
	}
	return false
}

var class = func() (c [256]traits) {
	for b := range c {
		switch {
		case b >= '0' && b <= '9':
			c[b] = isDigit | inWord
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b == '_', b == '.', b == '-':
			c[b] = inWord
		case b >= 0x80:
			c[b] = isSeparator
		}
	}
	for bytes, bit := range map[string]traits{
		"=:>": isPair, "@": isAt, "-": isDash, "%": isEscape, " \t\n\v\f\r": isSpace, "\t\n\v\f\r": isBreak, "\r\n": isLine,
		"'": isQuote, "/": isSlash, narrowSeparators: isSeparator, "bgkBGK": inScheme, "rctynRCTYNeE": endsScheme,
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
