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

// digestName is how a digest begins.
const digestName = "sha256:"

// digest returns what stands for a secret: "sha256:9f86d081884c7d65".
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return digestName + hex.EncodeToString(sum[:digestBytes])
}

// Secrets returns what is secret in a path, as it stands in it: what a parameter called
// {token} or {secret} holds, what follows a word such as "token", "invite" or
// "reset-password" and does not look like a word, and secrets that are only a part of a
// segment, as in "/bot17:AAHd…" and "/a;token=…". The path is as in [Template.Act].
func (t *Template) Secrets(path string) (found []string) {
	var room [16]string
	t, parts, m := t.compare(room[:0], path)
	if t.opaque && !t.secret {
		m = match{}
	}
	if t.opaque || t.mayHide(parts, m) {
		t.eachSecret(parts, m, func(i, start, end int) { found = append(found, parts[i][start:end]) })
	}
	eachMatrixSecret(path, func(secret string) { found = append(found, secret) })
	return found
}

// cutDigest returns the digest that stands for a secret in a part of a path, and the text
// before and after it. Without one, or if that is all of the part, all are "".
func cutDigest(part string) (before, id, after string) {
	const length = len(digestName) + 2*digestBytes
	if len(part) <= length {
		return "", "", ""
	}
	i := strings.Index(part, digestName)
	if i < 0 || i+length > len(part) || !isHex(part[i+len(digestName):i+length]) {
		return "", "", ""
	}
	before, id, after = part[:i], part[i:i+length], part[i+length:]
	if after != "" && isHex(strings.Repeat(after[:1], 2*digestBytes)) {
		return "", "", "" // a longer hash, which is the name of something
	}
	return before, id, after
}

// mask replaces the secrets in the parts of a path by their digests, and reports whether
// there are any.
func (t *Template) mask(parts []string, m match) (masked bool) {
	t.eachSecret(parts, m, func(i, start, end int) {
		part := parts[i]
		parts[i], masked = part[:start]+digest(unescape(part[start:end]))+part[end:], true
	})
	return masked
}

// mayHide reports whether a path that compares with the route in this way may hold a
// secret, which most exclude.
func (t *Template) mayHide(parts []string, m match) bool {
	if t.secret || t.wordy || t.open || m.fit != fits || m.offset > 0 {
		return true
	}
	for i := range t.segments {
		if s := &t.segments[i]; s.rest || s.param && i < len(parts) && len(parts[i]) >= minSigned && mayHold(parts[i]) {
			return true
		}
	}
	return false
}

// eachSecret calls f with the place of each secret in the parts of a path: the index of the
// part, and where the secret begins and ends in it.
func (t *Template) eachSecret(parts []string, m match, f func(i, start, end int)) {
	named := m.fit == fits && (t.secret || !t.wordy && !t.open && m.offset == 0) // the route says what the parts are
	opens, before := false, ""                                                   // all that follows opens the address
	for i, part := range parts {
		s := t.segmentAt(i, m, parts)
		weight := notSecret
		if !named {
			if weight = secretWord(before); weight == hookWord || isSlackApp(parts[:i]) {
				opens = true
			}
		}
		start, end := 0, 0
		switch {
		case s != nil && s.param && isSecret(s.name):
			start, end = s.valueIn(part)
		case s != nil && !s.param && m.fit == fits:
		case isSecretPart(weight, part), opens && !digits(part) && !isSlackID(part) && isSecretPart(tokenWord, part):
			end = len(withoutExtension(part))
		case mayHold(part):
			start, end = secretIn(before, part, s == nil)
		}
		if end > start {
			f(i, start, end)
		}
		before = part
	}
}

// segmentAt returns the segment of the route that a part of a path stands for, nil if none
// does.
func (t *Template) segmentAt(i int, m match, parts []string) *segment {
	if m.fit == differs || i < m.offset || i >= m.end {
		return nil
	}
	at := i - m.offset
	if t.rest >= 0 && at > t.rest {
		at = max(t.rest, at-max(len(parts)-m.offset-len(t.segments), 0))
	}
	if at >= len(t.segments) {
		return nil
	}
	return &t.segments[at]
}

// valueIn returns where the value of a parameter begins and ends in a part of a path, 0 and
// 0 if a digest stands there.
func (s *segment) valueIn(part string) (start, end int) {
	end = len(part)
	if len(part) > len(s.prefix)+len(s.suffix) && strings.HasPrefix(part, s.prefix) && strings.HasSuffix(part, s.suffix) {
		start, end = len(s.prefix), len(part)-len(s.suffix)
	}
	if isDigest(part[start:end]) {
		return 0, 0
	}
	return start, end
}

// isSecretPart reports whether a part of a path is a secret, by the word before it.
func isSecretPart(before weight, part string) bool {
	if before == notSecret || before == hookWord || isDigest(part) {
		return false
	}
	part = withoutExtension(part)
	switch {
	case digits(part): // the id of a token, or a code to type
		return len(part) >= 10 || before == codeWord && len(part) >= 4
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

// hasSecret reports whether a literal of the pattern is a secret, or holds one: then the
// pattern is the path of a request, or of an address that is kept secret.
func (t *Template) hasSecret(params bool) bool {
	if isExpression(t.pattern) {
		return false
	}
	before := ""
	for i := range t.segments {
		s := &t.segments[i]
		if s.param {
			before = ""
			continue
		}
		if !params && isSecretPart(secretWord(before), s.prefix) {
			return true
		}
		if _, end := secretIn(before, s.prefix, true); end > 0 && mayHold(s.prefix) || hasMatrixSecret(s.prefix) {
			return true
		}
		before = s.prefix
	}
	return false
}
