package route

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Paths hold secrets: whoever has the link of an invitation or the value of a token can
// use it. They are replaced by the beginning of their SHA-256, so that two acts on one
// token can be found together.

// digestBytes is how much of a hash stands for a secret.
const digestBytes = 8

// digest returns what stands for a secret: "sha256:9f86d081884c7d65".
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return "sha256:" + hex.EncodeToString(sum[:digestBytes])
}

// Secrets returns the parts of a path that are secrets, as they stand in it: what a
// parameter called {token} or {secret} holds, and what follows a word such as "token",
// "invite" or "reset-password" and does not look like a word. The path is as in
// [Template.Act].
func (t *Template) Secrets(path string) (found []string) {
	var room [16]string
	t, parts, m := t.compare(room[:0], path)
	if !t.opaque && !t.mayHide(m) {
		return nil
	}
	t.eachSecret(parts, m, func(i int) { found = append(found, parts[i]) })
	return found
}

// mask replaces the parts of a path that are secrets by their digests, and reports whether
// there are any.
func (t *Template) mask(parts []string, m match) (masked bool) {
	t.eachSecret(parts, m, func(i int) {
		parts[i], masked = digest(unescape(parts[i])), true
	})
	return masked
}

// mayHide reports whether a path that compares with the route in this way may hold a
// secret, which most routes exclude.
func (t *Template) mayHide(m match) bool {
	return t.secret || t.wordy || t.open || m.fit != fits || m.offset > 0
}

// eachSecret calls f with the index of each part that is a secret.
func (t *Template) eachSecret(parts []string, m match, f func(i int)) {
	if t.secret && m.fit == fits {
		t.eachSecretParam(m, parts, f)
		return // the route says which part is the secret
	}
	hook := false // all that follows opens the address
	for i := 1; i < len(parts); i++ {
		hook = hook || hooks[strings.ToLower(parts[i-1])]
		if isSecretPart(parts[i-1], parts[i]) || hook && isSecretPart("token", parts[i]) {
			f(i)
		}
	}
}

func (t *Template) eachSecretParam(m match, parts []string, f func(i int)) {
	for i := range t.segments {
		if s := &t.segments[i]; s.param && isSecret(s.name) {
			for at := m.offset + i; at < len(parts); at++ {
				if !isDigest(parts[at]) {
					f(at)
				}
				if !s.rest {
					break
				}
			}
		}
	}
}

// isSecretPart reports whether a part of a path is a secret, by the part before it.
func isSecretPart(before, part string) bool {
	weight := secretWord(before)
	if weight == notSecret || isDigest(part) {
		return false
	}
	part = withoutExtension(part)
	switch {
	case digits(part): // the id of a token, or a code to type
		return len(part) >= 10 || weight == codeWord && len(part) >= 4
	case saysNothing(part), isKnown(part):
		return false
	case looksLikeID(part):
		return true
	}
	return !isPlain(part) || len(part) >= 20 && !strings.ContainsAny(part, "-_")
}

// isKnown reports whether a part is a word of a route, such as "refresh" and "acceptInvite".
func isKnown(part string) bool {
	return senses[strings.ToLower(bare(part))] != unknown ||
		!strings.ContainsAny(part, "0123456789") && meaningOf(part).isAct()
}

// isPlain reports whether s has only small letters and the signs between words.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// weight says what may follow a word.
type weight uint8

const (
	notSecret weight = iota
	tokenWord        // a token, or its short number
	codeWord         // a token, or a code of digits
)

// secretWord returns what may follow a part of a path.
func secretWord(part string) weight {
	if len(part) < 3 || len(part) > 24 {
		return notSecret
	}
	word := strings.ToLower(part)
	switch {
	case tokenWords[word]:
		return tokenWord
	case codeWords[word]:
		return codeWord
	case hasAnySuffix(word, "token", "tokens", "secret", "secrets"):
		return tokenWord
	}
	return notSecret
}

// hooks are words for addresses that anyone may call who knows them.
var hooks = set("hook hooks webhook webhooks")

var (
	tokenWords = set(`apikey apikeys api-key api-keys api_keys invitation invitations invite invites invite-link key keys
		magic magic-link magic-links secret secrets share shared shares share-link share-links token tokens unsubscribe`)
	codeWords = set(`activate activation code codes confirm confirm-email confirmation email-verification forgot-password otp
		password-reset pin reset reset-password reset_password resetpassword verification verify verify-email verify_email`)
)

// hasSecret reports whether the pattern, which has no parameters, is the path of a request
// with a secret in it.
func (t *Template) hasSecret() bool {
	for i := 1; i < len(t.segments); i++ {
		if isSecretPart(t.segments[i-1].prefix, t.segments[i].prefix) {
			return true
		}
	}
	return false
}
