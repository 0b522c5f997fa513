package route

import "strings"

// A part of a path may hold a secret and be none as a whole: "bot110201543:AAHdqTcv…",
// "webhook-Zx9kQ2ab", "token=hunter2", "user:password@host", "report.<signature>".

// minGlued is how long a part is at least that holds a secret without a sign that says so.
const minGlued = 12

// minSigned is how long a part is at least that holds a secret with a sign: "u:p@", "otp=1".
const minSigned = 4

// mayHold reports whether a part of a path may hold a secret. Short ones, words with
// small letters only, and UUIDs do not.
func mayHold(part string) bool {
	if isUUID(part) {
		return false
	}
	found := signsOf(part)
	return found&(equals|at|percent) != 0 || len(part) >= minGlued && found&(capital|number) != 0
}

// isUUID reports whether s is as long as a UUID, and has its dashes.
func isUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-'
}

// secretIn returns where the secret begins and ends that a part of a path holds, 0 and 0 if
// it holds none. before is the part before it. If no route names the part, its form alone
// may make it a secret.
func secretIn(before, part string, unnamed bool) (start, end int) {
	if strings.IndexByte(part, '%') < 0 {
		return findSecret(before, part, unnamed)
	}
	plain := unescape(part)
	start, end = findSecret(before, plain, unnamed)
	if len(plain) == len(part) {
		return start, end
	}
	return escapedIndex(part, start), escapedIndex(part, end)
}

// escapedIndex returns the index in a percent-encoded text of what has index n in the text
// itself.
func escapedIndex(escaped string, n int) int {
	i := 0
	for ; n > 0 && i < len(escaped); n-- {
		if escaped[i] == '%' {
			i += 2
		}
		i++
	}
	return i
}

// findSecret finds a secret in a text that is not percent-encoded, the surest first. Like
// all that it calls, it returns 0 and 0 if there is none.
func findSecret(before, s string, unnamed bool) (start, end int) {
	if start, end = findUser(before, s); end > 0 {
		return start, end
	}
	if start, end = findAssigned(s); end > 0 {
		return start, end
	}
	if start, end = findToken(s); end > 0 {
		return start, end
	}
	if strings.HasPrefix(s, "did:") {
		return 0, 0 // the name of somebody, which has a public key in it
	}
	if start, end = findNumbered(s); end > 0 {
		return start, end
	}
	if start, end = findAfterWord(s); end > 0 {
		return start, end
	}
	if start, end = findKeyed(s); end > 0 {
		return start, end
	}
	if start, end = findSigned(s); end == 0 && unnamed && isSealed(s) {
		return 0, len(s)
	}
	return start, end
}

// findKeyed finds the key of a secret in OData: "Tokens('Zx9kQ2abR7mN')".
func findKeyed(s string) (start, end int) {
	word, key, _ := strings.Cut(s, "(")
	key, ok := strings.CutSuffix(key, ")")
	if !ok {
		return 0, 0
	}
	start, end = len(word)+1, len(s)-1
	if len(key) > 1 && key[0] == '\'' && key[len(key)-1] == '\'' {
		start, end = start+1, end-1
	}
	if !isSecretPart(secretWord(word), s[start:end]) {
		return 0, 0
	}
	return start, end
}

// addressSchemes stand before an address that has no password: "acct:alice@example.com".
var addressSchemes = set("acct im mailto pres sip sips ssh tel xmpp")

// findUser finds user and password before a host: "https://user:password@host", whose
// scheme may be the part before.
func findUser(before, s string) (start, end int) {
	end = strings.LastIndexByte(s, '@')
	if end <= 0 {
		return 0, 0
	}
	scheme := len(before) > 1 && before[len(before)-1] == ':'
	if i := strings.LastIndex(s[:end], "://"); i >= 0 {
		start, scheme = i+len("://"), true
	}
	user, password, _ := strings.Cut(s[start:end], ":")
	if password == "" || isDigest(s[start:end]) || !scheme && (user == "" || addressSchemes[strings.ToLower(user)] || !isHostName(s[end+1:])) {
		return 0, 0
	}
	return start, end
}

// isHostName reports whether s is a name with a domain or a port, as what stands after
// the @ of a URL.
func isHostName(s string) bool {
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	host, port, ok := strings.Cut(s, ":")
	if ok {
		return host != "" && digits(port)
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	return host == "localhost" || len(last) < len(host) && last != "" && signsOf(last)&^(small|capital) == 0
}

// findAssigned finds what has the name of a secret: "token=hunter2".
func findAssigned(s string) (start, end int) {
	for i := strings.IndexByte(s, '='); i >= 0; {
		start = i + 1
		if start < len(s) && (s[start] == '\'' || s[start] == '"') {
			start++
		}
		name := s[max(0, i-maxName):i]
		name = name[strings.LastIndexAny(name, "&;,?(/: ")+1:]
		if weight := secretWord(name); weight != notSecret || isSecretName(name) {
			end = len(s)
			if n := strings.IndexAny(s[start:], "&;,?)/'\" "); n >= 0 {
				end = start + n
			}
			if isAssigned(s[:i], name, s[start:end], weight) {
				return start, end
			}
		}
		next := strings.IndexByte(s[start:], '=')
		if next < 0 {
			break
		}
		i = start + next
	}
	return 0, 0
}

// maxName bounds how much of a text before a value is read as its name.
const maxName = 64

// isAssigned reports whether a value is a secret by its name. before is the text before it:
// in "Countries(Code='US')" the name is that of a property.
func isAssigned(before, name, value string, weight weight) bool {
	if strings.Trim(value, "=") == "" || isDigest(value) {
		return false
	}
	return isSecretName(name) || strings.IndexByte(before, '(') < 0 && isSecretPart(weight, value)
}

// findNumbered finds a number and a random text, "110201543:AAHdqTcv…", as Telegram's bots
// have it.
func findNumbered(s string) (start, end int) {
	for i := 1; i < len(s); i++ {
		if s[i] != ':' {
			continue
		}
		for start = i; start > 0 && isDigit(s[start-1]); start-- {
		}
		end = runEnd(s, i+1)
		if i-start >= 3 && isKeyOf(s[i+1:end]) {
			return start, end
		}
	}
	return 0, 0
}

// isKeyOf reports whether a text after a number is the secret that belongs to it.
func isKeyOf(s string) bool {
	const all = small | capital | number
	return len(s) >= 20 && isMixed(s) && !isHex(s) || len(s) >= 30 && signsOf(s)&all == all
}

// findAfterWord finds a random text after a word for secrets: "webhook-Zx9kQ2ab", or
// after the last one, "reset-token-Zx9kQ2ab".
func findAfterWord(s string) (start, end int) {
	last, beforeLast := 0, 0 // where the last word begins, and the one before it
	for i, tries := 0, 0; i < len(s) && tries < maxTries; i++ {
		if strings.IndexByte("-_.:~", s[i]) < 0 {
			continue
		}
		if isGlued(s[last:i], s[beforeLast:i]) {
			tries++
			if to := runEnd(s, i+1); to-i > 8 && opens(s[i+1:to]) {
				start, end = i+1, to
			}
		}
		beforeLast, last = last, i+1
	}
	return start, end
}

// maxTries bounds after how many words of a text a secret is looked for.
const maxTries = 8

func isGlued(word, two string) bool {
	return secretWord(word) != notSecret || secretWord(two) != notSecret || gluedWords[strings.ToLower(word)]
}

// opens reports whether a text after a word for secrets is one, and no word or number.
func opens(s string) bool {
	s = strings.TrimRight(s, "=")
	return isMixed(s) || isRandom(s, 12) || !digits(s) && (looksLikeID(s) || isCode(s))
}

// findSigned finds a signature after a name: "report.<signature>". What is signed is
// secret too, unless it can be read.
func findSigned(s string) (start, end int) {
	i := strings.LastIndexAny(s, ".:")
	if i <= 0 || !isRandom(s[i+1:], 20) || s[i] == ':' && len(s)-i <= 40 {
		return 0, 0
	}
	if isReadable(s[:i]) {
		return i + 1, len(s)
	}
	return 0, len(s)
}
