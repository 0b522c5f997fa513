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
// the e-mail addresses of the actor and the ids of the object, which are not masked.
func (p *patterns) mask(text string, t traits, names, numbers bool, own []string) string {
	if p.tokens {
		text = maskTokens(text, t)
	}
	if p.cards && numbers && t.has(hasCard) {
		text = maskCards(text, own)
	}
	if p.emails && names && t.has(isAt) {
		text = maskEmails(text, own)
	}
	for _, re := range p.custom {
		text = re.ReplaceAllLiteralString(text, Masked)
	}
	return text
}

func maskTokens(text string, t traits) string {
	if t.has(isAt) && t.has(isPair) {
		text = maskUserinfo(text)
		text = maskDSN(text)
	}
	if t.has(isQuote) {
		text = maskClauses(text)
	}
	if t.has(hasOption) {
		text = maskPrivateKeys(text)
	}
	if t.has(hasToken) {
		text = maskShapes(text)
	}
	if t.has(isSlash) && len(text) >= minWebhook {
		text = maskWebhooks(text)
	}
	if t.has(hasScheme) {
		text = maskSchemes(text)
	}
	return text
}
