package route

import "strings"

// tokenForm is how the tokens of a service begin, and how many letters, digits, dashes and
// underscores follow at least.
type tokenForm struct {
	begins string
	least  int
	solid  bool // no dash or underscore follows at first, as it does in a slug
}

// tokenForms are those that the processor's package redact masks in texts, which has a test
// that none is missing here.
var tokenForms = formsOf(false, `AKIA 16 ASIA 16 ABIA 16 ACCA 16 ghp_ 16 gho_ 16 ghu_ 16 ghs_ 16 ghr_ 16 github_pat_ 16
	glpat- 16 glptt- 16 gldt- 16 glrt- 16 glcbt- 16 glft- 16 glsoat- 16 glsa_ 32 glc_ 30
	xoxa- 10 xoxb- 10 xoxc- 10 xoxd- 10 xoxe- 10 xoxp- 10 xoxr- 10 xoxs- 10 xapp- 10
	sk_live_ 16 sk_test_ 16 rk_live_ 16 rk_test_ 16 pk_live_ 16 pk_test_ 16 whsec_ 16 sk-proj- 20 sk-ant- 20 sk-or- 20
	AIza 35 ya29. 20 GOCSPX- 20 dckr_pat_ 20 dop_v1_ 32 doo_v1_ 32 dor_v1_ 32 hvs. 20 hvb. 20 hvr. 20
	shpat_ 32 shpca_ 32 shppa_ 32 shpss_ 32 sq0atp- 22 sq0csp- 22 sq0idp- 22 ATATT3x 20 lin_api_ 30 NRAK- 27
	sntrys_ 30 PMAK- 30 figd_ 30 sbp_ 40 xkeysib- 30 rubygems_ 48 AGE-SECRET-KEY-1 58`,
	formsOf(true, "sk- 16 key- 32 npm_ 32 pypi- 16 hf_ 30 dapi 32 SK 32 ntn_ 40", [256][]tokenForm{}))

// formsOf adds forms to those of the same first byte.
func formsOf(solid bool, text string, all [256][]tokenForm) [256][]tokenForm {
	words := strings.Fields(text)
	for i := 0; i+1 < len(words); i += 2 {
		least := 0
		for _, c := range []byte(words[i+1]) {
			least = 10*least + int(c-'0')
		}
		first := words[i][0]
		all[first] = append(all[first], tokenForm{words[i], least, solid})
	}
	return all
}

// findToken finds a token of a known form, where a word begins: "deploy-ghp_…".
func findToken(s string) (start, end int) {
	const letters = small | capital | number
	for i := range len(s) {
		if i > 0 && signOf[s[i-1]]&letters != 0 {
			continue
		}
		if end = webTokenEnd(s, i); end > 0 {
			return i, end
		}
		for _, form := range tokenForms[s[i]] {
			if rest, ok := strings.CutPrefix(s[i:], form.begins); ok && form.fits(rest) {
				return i, runEnd(s, i+len(form.begins))
			}
		}
	}
	return 0, 0
}

// maxForm bounds how much of a text is read to know a token.
const maxForm = 64

func (f *tokenForm) fits(rest string) bool {
	n := runEnd(rest[:min(len(rest), maxForm)], 0)
	if n < f.least {
		return false
	}
	if f.solid {
		return !strings.ContainsAny(rest[:f.least], "-_=") && signsOf(rest[:f.least])&number != 0
	}
	return signsOf(rest[:n])&(capital|number) != 0
}

// minWebToken is how long a JSON Web Token is at least, and other JSON in base64.
const minWebToken = 16

// webTokenEnd returns where the JSON in base64 ends that begins at i, with its signature, 0
// if none does. Rails has "BAh", for what Ruby writes, and always a signature.
func webTokenEnd(s string, i int) int {
	rest := s[i:]
	if !strings.HasPrefix(rest, "eyJ") && (i > 0 || !strings.HasPrefix(rest, "BAh") || !strings.Contains(rest, "--")) {
		return 0
	}
	end := 0
	for end < len(rest) && (signOf[rest[end]]&(small|capital|number|equals) != 0 || strings.IndexByte("-_.+/", rest[end]) >= 0) {
		end++
	}
	if end < minWebToken {
		return 0
	}
	return i + end
}
