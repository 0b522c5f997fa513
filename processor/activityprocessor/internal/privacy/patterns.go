package privacy

import (
	"regexp"
	"slices"
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
	digits int  // in all
	pair   bool // what parts a key from its value
	option bool // "--"
	at     bool
	word   bool // a run of letters and digits that is long enough for a token
}

// minToken is how long the shortest token is that is known by its shape.
const minToken = 16

func look(text string) signs {
	var s signs
	if len(text) < minCard { // too short for any other secret
		s.pair = strings.IndexByte(text, '=') >= 0 || strings.IndexByte(text, ':') >= 0 || strings.IndexByte(text, '>') >= 0
		s.at = strings.IndexByte(text, '@') >= 0
		s.option = strings.Contains(text, "--")
		return s
	}
	run := 0
	for i := range len(text) {
		c := class[text[i]]
		if c&inWord != 0 {
			if run++; run == minToken {
				s.word = true
			}
		} else {
			run = 0
		}
		if c&isDigit != 0 {
			s.digits++
		}
		if c&(isPair|isAt|isDash) == 0 {
			continue
		}
		s.pair = s.pair || c&isPair != 0
		s.at = s.at || c&isAt != 0
		s.option = s.option || c&isDash != 0 && i > 0 && text[i-1] == '-'
	}
	return s
}

// Classes of bytes.
const (
	isDigit = 1 << iota
	inWord
	isPair
	isAt
	isDash
)

var class = func() (c [256]uint8) {
	for b := range c {
		switch {
		case b >= '0' && b <= '9':
			c[b] = isDigit | inWord
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b == '_', b == '.':
			c[b] = inWord
		case b == '-':
			c[b] = inWord | isDash
		case b == '=', b == ':', b == '>':
			c[b] = isPair
		case b == '@':
			c[b] = isAt
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
		`SG\.[\w-]{16,}\.[\w-]{16,}|key-[0-9a-f]{32}`,            // SendGrid, Mailgun
		`npm_\w{36}|pypi-[\w-]{16,}|dckr_pat_[\w-]{20,}`,         // registries
		`do[opr]_v1_[0-9a-f]{32,}|hv[sbr]\.[\w-]{20,}`,           // DigitalOcean, Vault
		`shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|sq0\w{3}-[\w-]{22,}`, // Shopify, Square
		`AGE-SECRET-KEY-1[0-9A-Z]{58}|\d{8,10}:AA[\w-]{33}`,      // age, Telegram
	}, "|") + `)`)
	schemes    = regexp.MustCompile(`(?i)\b(Bearer|Basic|Digest|Negotiate|ApiKey|Token)\s+([\w+/.~-]{8,}=*)`)
	webhook    = regexp.MustCompile(`(hooks\.slack\.com/(?:services|workflows)/|discord(?:app)?\.com/api/webhooks/)[\w/-]+`)
	privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)`)
	userinfo   = regexp.MustCompile(`(://)[^/\s"'<>@]*:[^/\s"'<>@]*(?:@[^/\s"'<>@]+)*@`)
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
	if p.emails && names && s.at {
		text = maskEmails(text, own)
	}
	for _, re := range p.custom {
		text = re.ReplaceAllLiteralString(text, Masked)
	}
	return text
}

func maskTokens(text string, s signs) string {
	if s.pair && s.at && strings.Contains(text, "://") {
		text = userinfo.ReplaceAllString(text, "${1}"+Masked+"@")
	}
	if s.option && strings.Contains(text, "PRIVATE KEY") {
		text = privateKey.ReplaceAllLiteralString(text, Masked)
	}
	if s.word && mayHaveToken(text) {
		text = tokenShapes.ReplaceAllLiteralString(text, Masked)
	}
	if strings.Contains(text, ".com/") {
		text = webhook.ReplaceAllString(text, "${1}"+Masked)
	}
	if !mayHaveScheme(text) {
		return text
	}
	return schemes.ReplaceAllStringFunc(text, func(found string) string {
		words := strings.Fields(found)
		scheme, value := words[0], words[len(words)-1]
		if strings.EqualFold(scheme, "bearer") || looksRandom(value) {
			return scheme + " " + Masked
		}
		return found
	})
}

// mayHaveScheme reports whether one of the words of schemes has white space behind
// it.
func mayHaveScheme(text string) bool {
	for i := 0; ; {
		n := strings.IndexByte(text[i:], ' ')
		if n < 0 {
			break
		}
		if i += n; endsWithScheme(text[:i]) {
			return true
		}
		i++
	}
	if !strings.ContainsAny(text, "\t\n\v\f\r") {
		return false
	}
	return slices.ContainsFunc(strings.Fields(text), endsWithScheme)
}

func endsWithScheme(text string) bool {
	if len(text) < 5 {
		return false
	}
	switch text[len(text)-1] | 0x20 {
	case 'r', 'c', 't', 'e', 'y', 'n': // their last letters
	default:
		return false
	}
	return slices.ContainsFunc(schemeWords, func(scheme string) bool {
		return len(text) >= len(scheme) && strings.EqualFold(text[len(text)-len(scheme):], scheme)
	})
}

var schemeWords = []string{"basic", "token", "bearer", "digest", "apikey", "negotiate"}

// looksRandom reports whether a word is none of a language: it has a digit, or a
// capital behind its first letter, or ends as base64 does.
func looksRandom(word string) bool {
	return strings.ContainsAny(word, "0123456789+/=") || strings.ToLower(word[1:]) != word[1:] && strings.ToUpper(word) != word
}

// mayHaveToken reports whether a word begins as a token of a known shape does.
func mayHaveToken(text string) bool {
	start := true
	for i := range len(text) {
		if start && i+minToken <= len(text) && tokenStarts[[2]byte{text[i], text[i+1]}] {
			return true
		}
		c := class[text[i]]
		start = c&inWord == 0 || text[i] == '.' || text[i] == '-'
	}
	return strings.Contains(text, ":AA")
}

// tokenStarts are the first two bytes of the shapes above.
var tokenStarts = func() map[[2]byte]bool {
	starts := map[[2]byte]bool{}
	for _, s := range strings.Fields("ey AK AS AB AC gh gi gl xo xa sk rk pk wh AI ya GO SG ke np py dc do hv sh sq AG") {
		starts[[2]byte{s[0], s[1]}] = true
	}
	return starts
}()
