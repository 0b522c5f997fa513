package redact

import (
	"regexp"
)

// patterns masks parts of text by their form.
type patterns struct {
	cards, tokens, emails bool
	custom                []*regexp.Regexp
}

func newPatterns(cfg *PatternsConfig) patterns {
	p := patterns{cards: cfg.Cards, tokens: cfg.Tokens, emails: cfg.Emails}
	for _, c := range cfg.Custom {
		p.custom = append(p.custom, regexp.MustCompile(string(c.Regex)))
	}
	return p
}

// mask returns text in which secrets that have a known form are replaced by ****. own are
// the addresses of the actor, which are not masked.
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
