package route

import "strings"

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
	if w := weights[squeeze(word)]; w != notSecret {
		return w // "verifyEmail", "api_key"
	}
	if hasAnySuffix(word, "token", "tokens", "secret", "secrets") {
		return tokenWord
	}
	return notSecret
}

// weights are the words that a secret may follow, without the signs between their parts.
var weights = func() map[string]weight {
	all := map[string]weight{}
	for _, list := range []struct {
		weight weight
		words  string
	}{
		{tokenWord, `apikey apikeys invitation invitations invite invites invitelink key keys loginlink loginlinks magic
			magiclink magiclinks magiclogin passwordless secret secrets share shared sharelink sharelinks shares token tokens
			unsubscribe`},
		{codeWord, `activate activation code codes confirm confirmation confirmemail emailverification forgotpassword otp
			passwordreset pin reset resetpassword verification verify verifyemail`},
		{hookWord, "hook hooks webhook webhooks"},
	} {
		for word := range strings.FieldsSeq(list.words) {
			all[word] = list.weight
		}
	}
	return all
}()

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
