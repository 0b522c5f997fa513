package privacy

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

// Shapes of tokens that are known by how they begin, and of schemes in front of any.
var (
	tokenShapes = regexp.MustCompile(`\b(?:` + strings.Join([]string{
		`eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)*`,             // JSON Web Token
		`(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}`,              // AWS
		`gh[pousr]_\w{30,}|github_pat_\w{22,}`,             // GitHub
		`gl(?:pat|ptt|dt|rt|cbt|ft|soat)-[\w-]{20,}`,       // GitLab
		`xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,}`,              // Slack
		`(?:sk|rk|pk)_(?:live|test)_\w{16,}|whsec_\w{16,}`, // Stripe
		`AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}`, // Google
		`sk-[\w-]{20,}`, // OpenAI, Anthropic
		`SG\.[\w-]{16,}\.[\w-]{16,}|key-[0-9a-f]{32}`,               // SendGrid, Mailgun
		`npm_\w{36}|pypi-[\w-]{16,}|dckr_pat_[\w-]{20,}`,            // registries
		`do[opr]_v1_[0-9a-f]{32,}|hv[sbr]\.[\w-]{20,}`,              // DigitalOcean, Vault
		`shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|sq0\w{3}-[\w-]{22,}`,    // Shopify, Square
		`hf_[A-Za-z0-9]{30,}|glsa_\w{32,}|glc_[\w+/=]{32,}`,         // Hugging Face, Grafana
		`dapi[0-9a-f]{32}|ATATT3x[\w=-]{20,}|lin_api_\w{32,}`,       // Databricks, Atlassian, Linear
		`SK[0-9a-f]{32}|ntn_\w{40,}|NRAK-[A-Z0-9]{27}`,              // Twilio, Notion, New Relic
		`sntrys_[\w+/=-]{32,}|PMAK-[\w-]{32,}|figd_[\w-]{32,}`,      // Sentry, Postman, Figma
		`sbp_[0-9a-f]{40}|xkeysib-[\w-]{32,}|rubygems_[0-9a-f]{48}`, // Supabase, Brevo, RubyGems
		`AGE-SECRET-KEY-1[0-9A-Z]{58}|\d{8,10}:AA[\w-]{33}`,         // age, Telegram
	}, "|") + `)`)
	schemes    = regexp.MustCompile(`(?i)\b(Bearer|Basic|Digest|Negotiate|ApiKey|Token)\s+([\w+/.~:|%-]{5,}=*)`)
	webhook    = regexp.MustCompile(`(hooks\.slack\.com/(?:services|workflows)/|discord(?:app)?\.com/api/webhooks/)[\w/-]+`)
	privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)`)
	// With a slash in the password only if what is before it is no port.
	userinfo = regexp.MustCompile(`(://)[^/\s"'<>@\[]*:(?:[^/\s"'<>@]*(?:@[^/\s"'<>@]+)*|[^/\s"'<>@]*[^/\s"'<>@0-9][^/\s"'<>@]*/[^\s"'<>@]*)@`)
	dsn      = regexp.MustCompile(`[^\s:@/"'=]+:[^\s"'@]*(?:@[^\s"'@]*)*@((?:tcp|tcp6|unix)\()`) // of the Go driver for MySQL
	clause   = regexp.MustCompile(`(?i)(\b(?:password|passwd|identified\s+(?:with\s+\S+\s+)?(?:by|as))\s+')(?:[^'\\]|\\.|'')*'`)
)

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
	if s.has(isAt) && s.has(isPair) && strings.Contains(text, "://") {
		text = userinfo.ReplaceAllString(text, "${1}"+Masked+"@")
	}
	if s.has(isAt) && s.has(isPair) && strings.IndexByte(text, '(') > 0 {
		text = dsn.ReplaceAllString(text, Masked+"@${1}")
	}
	if s.has(isQuote) && strings.Contains(text, " '") {
		text = clause.ReplaceAllString(text, "${1}"+Masked+"'")
	}
	if s.option && strings.Contains(text, "PRIVATE KEY") {
		text = privateKey.ReplaceAllLiteralString(text, Masked)
	}
	if s.word && mayHaveToken(text) {
		text = tokenShapes.ReplaceAllLiteralString(text, Masked)
	}
	if s.has(isSlash) && strings.Contains(text, ".com/") {
		text = webhook.ReplaceAllString(text, "${1}"+Masked)
	}
	if !s.scheme {
		return text
	}
	return schemes.ReplaceAllStringFunc(text, func(found string) string {
		words := strings.Fields(found)
		scheme, value := words[0], words[len(words)-1]
		if isCredential(scheme, value) {
			return scheme + " " + Masked
		}
		return found
	})
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

// mayHaveToken reports whether a word begins as a token of a known shape does.
func mayHaveToken(text string) bool {
	start := true
	for i := range len(text) {
		if start && i+minToken <= len(text) && startsToken(text[i:]) {
			return true
		}
		c := class[text[i]]
		start = c&inWord == 0 || text[i] == '.' || text[i] == '-'
	}
	return strings.Contains(text, ":AA")
}

func startsToken(word string) bool {
	for _, start := range tokenStarts[word[0]] {
		if strings.HasPrefix(word, start) {
			return true
		}
	}
	return false
}

// tokenStarts are what the shapes above begin with, by their first bytes.
var tokenStarts = func() (starts [256][]string) {
	for _, s := range strings.Fields("eyJ AKIA ASIA ABIA ACCA gh github_pat_ gl xox xapp- sk_ rk_ pk_ whsec_ AIza ya29. GOCSPX- " +
		"sk- SG. key- npm_ pypi- dckr_pat_ do hv shp sq0 AGE- hf_ dapi ATATT3x lin_api_ SK ntn_ NRAK- sntrys_ PMAK- figd_ sbp_ xkeysib- rubygems_") {
		starts[s[0]] = append(starts[s[0]], s)
	}
	return starts
}()
