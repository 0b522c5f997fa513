package route

import (
	"maps"
	"strings"
)

// weight says what may follow a word.
type weight uint8

const (
	notSecret weight = iota
	tokenWord        // a token, or its short number
	codeWord         // a token, or a code of digits
	hookWord         // an address that anyone may call who knows it: all that follows
)

// secretWord returns what may follow a part of a path.
func secretWord(part string) weight {
	if strings.IndexByte(part, '%') >= 0 {
		part = unescape(part)
	}
	if len(part) < 3 || len(part) > 24 {
		return notSecret
	}
	word := strings.ToLower(part)
	if w := weights[word]; w != notSecret {
		return w
	}
	if w := inOne[squeeze(word)]; w != notSecret {
		return w // "verifyEmail", "api_key"
	}
	if hasAnySuffix(word, "token", "tokens", "secret", "secrets") {
		return tokenWord
	}
	return notSecret
}

// weights are the words that a secret may follow.
var weights = merge(
	weigh(tokenWord, `apikey apikeys api-key api-keys api_keys invitation invitations invite invites invite-link key keys
		login-link login-links loginlink magic magic-link magic-links magic-login magic_link magiclink passwordless
		secret secrets share shared shares share-link share-links token tokens unsubscribe`),
	weigh(codeWord, `activate activation code codes confirm confirm-email confirmation email-verification forgot-password otp
		password-reset pin reset reset-password reset_password resetpassword verification verify verify-email verify_email`),
	weigh(hookWord, "hook hooks webhook webhooks"),
)

// inOne are all of them without the signs between their parts.
var inOne = func() map[string]weight {
	all := map[string]weight{}
	for word, w := range weights {
		all[squeeze(word)] = w
	}
	return all
}()

func weigh(w weight, words string) map[string]weight {
	all := map[string]weight{}
	for _, word := range strings.Fields(words) {
		all[word] = w
	}
	return all
}

func merge(all map[string]weight, others ...map[string]weight) map[string]weight {
	for _, other := range others {
		maps.Copy(all, other)
	}
	return all
}

// gluedWords are words before a secret in one segment, "private-3f2a…", which say nothing
// about the next segment.
var gluedWords = set("bearer jwt private sig signature signed")

// sessionWords are names of what opens a session, or proves who made a link. A name may
// also end in one of sessionEnds.
var sessionWords = set("auth authorization jwt pwd sessid sid sig")

// isSecretName reports whether what has that name is a secret, as in "token=…".
func isSecretName(name string) bool {
	lower := strings.ToLower(name)
	return isSecret(lower) || sessionWords[lower] || hasAnySuffix(lower, "sessid", "sessionid", "session_id", "session-id", "signature")
}

// isSlackApp reports whether the parts end with the ids of a team and an application in
// Slack: "/services/T…/B…".
func isSlackApp(parts []string) bool {
	n := len(parts)
	if n < 3 || !isSlackID(parts[n-1]) || !isSlackID(parts[n-2]) {
		return false
	}
	switch strings.ToLower(parts[n-3]) {
	case "services", "triggers", "workflows":
		return true
	}
	return false
}

// isSlackID reports whether a part is the id of a team, an application or a workflow in
// Slack.
func isSlackID(part string) bool {
	if len(part) < 9 || len(part) > 13 || strings.IndexByte("TBAW", part[0]) < 0 {
		return false
	}
	numbers := 0
	for i := range len(part) {
		switch {
		case isDigit(part[i]):
			numbers++
		case !isUpper(part[i]):
			return false
		}
	}
	return numbers > 0
}
