package redact

import (
	"regexp"
	"strings"
)

// patterns masks parts of text by what they look like.
type patterns struct {
	cards, tokens, emails bool
	custom                []*regexp.Regexp
}

func newPatterns(cfg *PatternsConfig) patterns {
	p := patterns{cards: cfg.Cards, tokens: cfg.Tokens, emails: cfg.Emails}
	for _, c := range cfg.Custom {
		p.custom = append(p.custom, regexp.MustCompile(c.Regex))
	}
	return p
}

// signs is what one look at a text tells of what may be in it: most texts have
// nothing that a closer look would be for.
type signs struct {
	digits int    // in all
	seen   uint16 // the classes of all bytes
	option bool   // "--", or a word that begins with a dash
	word   bool   // a run of letters and digits that is long enough for a token
	scheme bool   // Bearer or the like, with white space behind it
}

// has reports whether the text has a byte of one of the classes.
func (s *signs) has(classes uint16) bool { return s.seen&classes != 0 }

// minToken is how long the shortest token is that is known by its shape.
const minToken = 16

func look(text string) (s signs) {
	run, seen := 0, uint16(0)
	for i := range len(text) {
		c := class[text[i]]
		seen |= c
		if c&inWord != 0 {
			if run++; run == minToken {
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

// mask returns text with **** for what is a secret by its looks. own are addresses
// that are the actor's, and stay.
func (p *patterns) mask(text string, s signs, names, numbers bool, own []string) string {
	if p.tokens {
		text = maskTokens(text, s)
	}
	if p.cards && numbers && s.digits >= minCard {
		text = maskCards(text)
	}
	if p.emails && names && s.has(isAt) {
		text = maskEmails(text, own)
	}
	for _, re := range p.custom {
		text = re.ReplaceAllLiteralString(text, Masked)
	}
	return text
}

func maskTokens(text string, s signs) string {
	if s.has(isAt) && s.has(isPair) {
		text = maskUserinfo(text)
		text = maskDSN(text)
	}
	if s.has(isQuote) {
		text = maskClauses(text)
	}
	if s.option {
		text = maskPrivateKeys(text)
	}
	if s.word {
		text = maskShapes(text)
	}
	if s.has(isSlash) {
		text = maskWebhooks(text)
	}
	if s.scheme {
		text = maskSchemes(text)
	}
	return text
}

// minCredential is how long a word is that may be a credential without looking so.
const minCredential = 8

func isCredential(scheme, value string) bool {
	if strings.EqualFold(scheme, "bearer") {
		return len(value) >= minCredential || looksRandom(value)
	}
	return len(value) >= minCredential && looksRandom(value) && strings.IndexByte(value, ':') < 0 // "digest sha256:…"
}

// minScheme is how long the shortest of schemeWords is.
const minScheme = 5

func endsWithScheme(text string) bool {
	scheme := schemeWords[text[len(text)-1]|0x20]
	return len(text) >= len(scheme) && scheme != "" && strings.EqualFold(text[len(text)-len(scheme):], scheme)
}

// schemeWords are those of schemes, by their last letters.
var schemeWords = [256]string{'c': "basic", 'n': "token", 'r': "bearer", 't': "digest", 'y': "apikey", 'e': "negotiate"}

// looksRandom reports whether a word is none of a language: it has a digit, or a
// capital behind its first letter, or ends as base64 does.
func looksRandom(word string) bool {
	return strings.ContainsAny(word, "0123456789+/=") || strings.ToLower(word[1:]) != word[1:] && strings.ToUpper(word) != word
}
