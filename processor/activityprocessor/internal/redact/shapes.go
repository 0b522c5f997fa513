package redact

import (
	"regexp"
	"strings"
)

// shape is a token that is known by how it begins. Its expression is tried only
// where a word begins so: one expression for all of them, searched for in all of
// the text, is ten times slower.
type shape struct {
	starts string // words that it begins with, one of them
	is     *regexp.Regexp
}

func newShape(starts, expression string) shape {
	return shape{starts, regexp.MustCompile(`^(?:` + expression + `)`)}
}

var shapes = []shape{
	newShape("AKIA ASIA ABIA ACCA", `(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}`), // AWS
	newShape("ghp_ gho_ ghu_ ghs_ ghr_", `gh[pousr]_\w{30,}`),              // GitHub
	newShape("github_pat_", `github_pat_\w{22,}`),
	newShape("glpat- glptt- gldt- glrt- glcbt- glft- glsoat-", `gl(?:pat|ptt|dt|rt|cbt|ft|soat)-[\w-]{20,}`), // GitLab
	newShape("xox", `xox[a-z]-[\w-]{10,}`),                                                                   // Slack
	newShape("xapp-", `xapp-[\w-]{10,}`),
	newShape("sk_ rk_ pk_", `(?:sk|rk|pk)_(?:live|test)_\w{16,}`), // Stripe
	newShape("whsec_", `whsec_\w{16,}`),
	newShape("AIza", `AIza[\w-]{35}`), // Google
	newShape("ya29.", `ya29\.[\w-]{20,}`),
	newShape("GOCSPX-", `GOCSPX-[\w-]{20,}`),
	newShape("sk-", `sk-[\w-]{20,}`),                        // OpenAI, Anthropic
	newShape("SG.", `SG\.[\w-]{16,}\.[\w-]{16,}`),           // SendGrid
	newShape("key-", `key-[0-9a-f]{32}`),                    // Mailgun
	newShape("npm_", `npm_\w{36}`),                          // registries
	newShape("pypi-", `pypi-[\w-]{16,}`),                    //
	newShape("dckr_pat_", `dckr_pat_[\w-]{20,}`),            //
	newShape("doo_v1_ dor_v1_", `do[opr]_v1_[0-9a-f]{32,}`), // DigitalOcean
	newShape("dop_v1_", `dop_v1_[0-9a-f]{32,}`),
	newShape("hvs. hvb. hvr.", `hv[sbr]\.[\w-]{20,}`),                             // Vault
	newShape("shpat_ shpss_ shpca_ shppa_", `shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}`), // Shopify
	newShape("sq0", `sq0\w{3}-[\w-]{22,}`),                                        // Square
	newShape("hf_", `hf_[A-Za-z0-9]{30,}`),                                        // Hugging Face
	newShape("glsa_", `glsa_\w{32,}`),                                             // Grafana
	newShape("glc_", `glc_[\w+/=]{32,}`),                                          //
	newShape("dapi", `dapi[0-9a-f]{32}`),                                          // Databricks
	newShape("ATATT3x", `ATATT3x[\w=-]{20,}`),                                     // Atlassian
	newShape("lin_api_", `lin_api_\w{32,}`),                                       // Linear
	newShape("SK", `SK[0-9a-f]{32}`),                                              // Twilio
	newShape("ntn_", `ntn_\w{40,}`),                                               // Notion
	newShape("NRAK-", `NRAK-[A-Z0-9]{27}`),                                        // New Relic
	newShape("sntrys_", `sntrys_[\w+/=-]{32,}`),                                   // Sentry
	newShape("PMAK-", `PMAK-[\w-]{32,}`),                                          // Postman
	newShape("figd_", `figd_[\w-]{32,}`),                                          // Figma
	newShape("sbp_", `sbp_[0-9a-f]{40}`),                                          // Supabase
	newShape("xkeysib-", `xkeysib-[\w-]{32,}`),                                    // Brevo
	newShape("rubygems_", `rubygems_[0-9a-f]{48}`),                                // RubyGems
	newShape("AGE-SECRET-KEY-1", `AGE-SECRET-KEY-1[0-9A-Z]{58}`),                  // age
}

// start is one way in which a token may begin.
type start struct {
	text  string
	shape *regexp.Regexp
}

// starts are all of them, by their first bytes.
var starts = func() (all [256][]start) {
	for _, s := range shapes {
		for _, text := range strings.Fields(s.starts) {
			all[text[0]] = append(all[text[0]], start{text, s.is})
		}
	}
	return all
}()

var telegram = regexp.MustCompile(`^:AA[\w-]{33}`)

// maskShapes masks tokens of known shapes.
func maskShapes(text string) string {
	e := edits{text: text}
	run := 0     // the end of the last run of bytes that a web token's parts have
	digits := -1 // where a word of digits begins, which Telegram's do
	for i := 0; i+minShape <= len(text); i++ {
		c := text[i]
		begins := i == 0 || class[text[i-1]]&inWord == 0 || text[i-1] == '.' || text[i-1] == '-'
		if begins {
			end := tokenAt(text, i, &run)
			if end > 0 {
				e.replace(i, end, Masked)
				i, digits = end-1, -1
				continue
			}
			digits = i
		}
		if class[c]&isDigit != 0 {
			continue
		}
		if n := i - digits; c == ':' && digits >= 0 && n >= 8 && n <= 10 {
			if found := telegram.FindStringIndex(text[i:]); found != nil {
				e.replace(digits, i+found[1], Masked)
				i += found[1] - 1
			}
		}
		digits = -1
	}
	return e.String()
}

// tokenAt returns where the token ends that begins at i, 0 if none does.
func tokenAt(text string, i int, run *int) (end int) {
	for _, s := range starts[text[i]] {
		if strings.HasPrefix(text[i:], s.text) {
			if found := s.shape.FindStringIndex(text[i:]); found != nil {
				return i + found[1]
			}
		}
	}
	if strings.HasPrefix(text[i:], "eyJ") {
		return webTokenAt(text, i, run)
	}
	return 0
}

// webTokenAt returns where the JSON Web Token ends that begins at i, 0 if none does:
// eyJ and 8 bytes or more, a point and 4 or more, and then parts of any length.
func webTokenAt(text string, i int, run *int) (end int) {
	if *run <= i { // else it is known, from one that began before
		*run = tokenBytes(text, i)
	}
	if *run-i < len("eyJ")+8 || *run == len(text) || text[*run] != '.' {
		return 0
	}
	end = tokenBytes(text, *run+1)
	if end-*run-1 < 4 {
		return 0
	}
	for end < len(text) && text[end] == '.' {
		end = tokenBytes(text, end+1)
	}
	return end
}

// tokenBytes returns where the bytes end, from i on, that are [\w-].
func tokenBytes(text string, i int) int {
	for i < len(text) && class[text[i]]&inWord != 0 && text[i] != '.' {
		i++
	}
	return i
}

// minShape is how long the shortest of shapes is.
const minShape = 15
