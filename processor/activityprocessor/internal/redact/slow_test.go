package redact

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// slowTokens says what maskTokens is to do: the same by expressions alone, each of
// which is searched for in all of the text.
var (
	slowTokenShapes = regexp.MustCompile(`\b(?:` + strings.Join([]string{
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
	slowSchemes    = regexp.MustCompile(`(?i)\b(Bearer|Basic|Digest|Negotiate|ApiKey|Token)\s+([\w+/.~:|%-]{5,}=*)`)
	slowWebhook    = regexp.MustCompile(`(hooks\.slack\.com/(?:services|workflows)/|discord(?:app)?\.com/api/webhooks/)[\w/-]+`)
	slowPrivateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)`)
	// With a slash in the password only if what is before it is not a port.
	slowUserinfo = regexp.MustCompile(`(://)[^/\s"'<>@\[]*:(?:[^/\s"'<>@]*(?:@[^/\s"'<>@]+)*|[^/\s"'<>@]*[^/\s"'<>@0-9][^/\s"'<>@]*/[^\s"'<>@]*)@`)
	slowDsn      = regexp.MustCompile(`[^\s:@/"'=]+:[^\s"'@]*(?:@[^\s"'@]*)*@((?:tcp|tcp6|unix)\()`) // of the Go driver for MySQL
	slowClause   = regexp.MustCompile(`(?i)(\b(?:password|passwd|identified\s+(?:with\s+\S+\s+)?(?:by|as))\s+')(?:[^'\\]|\\(?s:.)|'')*'`)
)

func slowTokens(text string, s traits) string {
	if s.has(isAt) && s.has(isPair) && strings.Contains(text, "://") {
		text = slowUserinfo.ReplaceAllString(text, "${1}"+Masked+"@")
	}
	if s.has(isAt) && s.has(isPair) && strings.IndexByte(text, '(') >= 0 {
		text = slowDsn.ReplaceAllString(text, Masked+"@${1}")
	}
	if s.has(isQuote) {
		text = slowClause.ReplaceAllString(text, "${1}"+Masked+"'")
	}
	if s.has(hasOption) && strings.Contains(text, "PRIVATE KEY") {
		text = slowPrivateKey.ReplaceAllLiteralString(text, Masked)
	}
	if s.has(hasToken) {
		text = slowTokenShapes.ReplaceAllLiteralString(text, Masked)
	}
	if s.has(isSlash) && strings.Contains(text, ".com/") {
		text = slowWebhook.ReplaceAllString(text, "${1}"+Masked)
	}
	if !s.has(hasScheme) {
		return text
	}
	return slowSchemes.ReplaceAllStringFunc(text, func(found string) string {
		words := strings.Fields(found)
		scheme, value := words[0], words[len(words)-1]
		if isCredential(scheme, value) {
			return scheme + " " + Masked
		}
		return found
	})
}

// fragments are what secrets are made of, and what is around them.
var fragments = []string{
	" ", " ", "\n", "'", "\"", "@", ":", "/", "=", ",", ";", "(", "%", "+", "-", "_", ".", "é", "\\", "''",
	"://", "https://", "user", "pass", "ada@example.com", "a:b@tcp(", "@tcp(", "@unix(", "@tcp6(", "x", "Bearer ", "bearer", "Basic ", "TOKEN ", "digest ",
	"password '", "PASSWD  '", "identified by '", "IDENTIFIED WITH mysql_native AS '", "by '", "with ", "as '", "abc'", "1", "8080", "123456789", "12345678:AA",
	"AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ":AA", "eyJ", "eyJhbGciOiJIUzI1NiJ9", "abcdefgh", "0123456789abcdef", "0123456789abcdef0123456789abcdef",
	"AKIA", "ABCDEFGHIJKLMNOP", "ghp_", "github_pat_", "glpat-", "xoxb-", "sk_live_", "sk-", "AIza", "SG.", "key-", "npm_", "hvs.", "dop_v1_", "SK", "glc_", "ATATT3x",
	"hooks.slack.com/services/", "hooks.slack.com/workflows/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/", "T0/B0",
	"-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY BLOCK-----", "-----END RSA PRIVATE KEY-----", "-----END ", "-----BEGIN ",
}

// TestQuickIsSlow compares the two on texts that chance puts together.
func TestQuickIsSlow(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		var b strings.Builder
		for range 1 + source.IntN(12) {
			b.WriteString(fragments[source.IntN(len(fragments))])
		}
		text := b.String()
		s := traitsOf(text)
		require.Equal(t, slowTokens(text, s), maskTokens(text, s), "%q", text)
	}
}

// slowTraits says what traitsOf is to find, from one pass over all bytes.
func slowTraits(text string) (t traits) {
	run, digits := 0, 0
	for i := range len(text) {
		c := class[text[i]]
		t |= c
		if c&isDash != 0 && (i == 0 || text[i-1] == '-' || text[i-1] == ' ') {
			t |= hasOption
		}
		if c&isSpace != 0 && slowScheme.MatchString(text[:i]) {
			t |= hasScheme
		}
		if c&(isDigit|isSeparator) == 0 {
			digits = 0
		}
		if c&isDigit != 0 {
			if digits++; digits == minCard {
				t |= hasCard
			}
		}
		if c&inWord == 0 {
			run = 0
		} else if run++; run == minShape {
			t |= hasToken
		}
	}
	return t
}

var slowScheme = regexp.MustCompile(`(?i)(?:bearer|basic|digest|negotiate|apikey|token)$`)

// TestTraitsLeaveNothingOut compares what is found by traits with what is found if
// nothing is left out, on texts of the corpus, texts that chance has changed, and texts
// that it puts together.
func TestTraitsLeaveNothingOut(t *testing.T) {
	c := newCleaner(t, nil)
	check := func(text string) {
		of := traitsOf(text)
		require.Equal(t, slowTraits(text), of, "%q", text)
		all := ^traits(0)
		if !of.has(isLine) {
			all &^= isLine // where a header ends depends on it
		}
		w := work{c: c}
		require.Equal(t, w.pairs(text, all, true), w.pairs(text, of|isPair, true), "pairs of %q", text)
		require.Equal(t, c.secrets.slowPairs(text, of), c.secrets.pairs(text, of), "pairs of %q", text)
		masked := c.patterns.mask(text, all, true, true, nil)
		require.Equal(t, masked, c.patterns.mask(text, of, true, true, nil), "patterns of %q", text)
		if !of.has(suspect) {
			require.Equal(t, text, masked)
			require.Equal(t, text, w.unescaped(text, free))
		}
	}
	texts := append(readJSON[[]string](t, "harmless.json"), fragments...)
	for _, p := range readJSON[[]planted](t, "secrets.json") {
		texts = append(texts, p.Text, p.text(), `{"`+p.Key+`":`+quoted(p.Text)+"}")
	}
	source := rand.New(rand.NewPCG(3, 4))
	clean := 0
	for _, text := range texts {
		check(text)
		for range 40 {
			check(mutated(source, text, texts))
		}
	}
	for range 20_000 {
		text := harmlessText(source)
		if check(text); !traitsOf(text).has(suspect) {
			clean++
		}
	}
	assert.Greater(t, clean, 2000, "few texts had nothing to look for")
}

// slowPairs is pairs without a search for the bytes between keys and values.
func (s *secretKeys) slowPairs(text string, t traits) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); {
		if class[text[i]]&isPair == 0 && (!t.has(hasOption) || text[i] != ' ') {
			i++
			continue
		}
		start, end, quote, next := s.secretAt(text, i, t.has(isLine))
		if i = next; start >= 0 {
			out.WriteString(text[done:start] + quote + Masked + quote)
			done, i = end, end
		}
	}
	return out.String() + text[done:]
}

// mutated changes a text in one to three places.
func mutated(source *rand.Rand, text string, texts []string) string {
	b := []byte(text)
	for range 1 + source.IntN(3) {
		at := source.IntN(len(b) + 1)
		switch source.IntN(4) {
		case 0:
			b = slices.Insert(b, at, []byte(fragments[source.IntN(len(fragments))])...)
		case 1:
			b = slices.Delete(b, at, min(len(b), at+1+source.IntN(4)))
		case 2:
			b = slices.Insert(b, at, byte(source.IntN(256)))
		case 3:
			other := texts[source.IntN(len(texts))]
			b = slices.Insert(b, at, []byte(other[source.IntN(len(other)+1):])...)
		}
	}
	return string(b)
}

// harmlessText is words, numbers and spaces, of which some come close to a pattern.
func harmlessText(source *rand.Rand) string {
	var b strings.Builder
	for range 1 + source.IntN(8) {
		for range 1 + source.IntN(16) {
			b.WriteByte("abekgnrtyz0123456789._"[source.IntN(22)])
		}
		b.WriteString([]string{" ", "\t", ".", "+", "é", ", "}[source.IntN(6)])
	}
	return b.String()
}
