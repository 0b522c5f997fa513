package route

import "strings"

// signs are the kinds of bytes in a text.
type signs uint8

const (
	small signs = 1 << iota
	capital
	number
	equals
	at
	percent
)

// signOf has the kind of each byte, 0 for other signs.
var signOf = func() (all [256]signs) {
	for c := range 256 {
		switch b := byte(c); {
		case isDigit(b):
			all[c] = number
		case isUpper(b):
			all[c] = capital
		case isLetter(b):
			all[c] = small
		}
	}
	all['='], all['@'], all['%'] = equals, at, percent
	return all
}()

func signsOf(s string) (found signs) {
	for i := range len(s) {
		found |= signOf[s[i]]
	}
	return found
}

// runEnd returns where the letters, digits and dashes end that begin at i, with the signs
// that base64 ends with.
func runEnd(s string, i int) int {
	for i < len(s) && (signOf[s[i]]&(small|capital|number|equals) != 0 || s[i] == '-' || s[i] == '_') {
		i++
	}
	return i
}

// isRandom reports whether s is a text in base64 of some length: small letters, capitals
// and digits follow each other as they do not in words, even without digits.
func isRandom(s string, least int) bool {
	if len(s) < least {
		return false
	}
	var found, before signs
	pairs, changes := 0, 0
	for i := range len(s) {
		sign := signOf[s[i]]
		if sign&(small|capital|number) == 0 {
			if strings.IndexByte("-_+/=", s[i]) < 0 {
				return false
			}
			before = 0
			continue
		}
		if before != 0 {
			pairs++
			if sign != before {
				changes++
			}
		}
		found, before = found|sign, sign
	}
	if found&small == 0 || found&capital == 0 {
		return false
	}
	return found&number != 0 && 5*changes >= 2*pairs || 20*changes >= 9*pairs
}

// isCode reports whether s is a random text of letters of one case and digits, longer than
// those that Kubernetes appends to a name.
func isCode(s string) bool {
	if found := signsOf(s); len(s) < 16 || found != small|number && found != capital|number {
		return false
	}
	changes := 0
	for i := range len(s) {
		switch {
		case signOf[s[i]] == 0:
			return false
		case i > 0 && signOf[s[i]] != signOf[s[i-1]]:
			changes++
		}
	}
	return 5*changes >= len(s)
}

// isSealed reports whether a text is a secret by its form: random, and longer than ids are
// or with a sign of base64 that they do not have.
func isSealed(s string) bool {
	switch {
	case len(s) < 20, strings.HasPrefix(s, "0x"), len(s) == 46 && strings.HasPrefix(s, "Qm"), isHashed(s):
		return false
	case strings.ContainsAny(s, "=+"):
		return isRandom(s, 20)
	}
	return isRandom(s, 40)
}

// isHashed reports whether a text begins with the name of a hash: "sha256-47DEQ…".
func isHashed(s string) bool {
	for _, name := range [...]string{"sha1", "sha256", "sha384", "sha512", "md5"} {
		if rest, ok := strings.CutPrefix(s, name); ok && rest != "" && (rest[0] == '-' || rest[0] == '_' || rest[0] == ':') {
			return true
		}
	}
	return false
}

// isReadable reports whether a text has only digits, small letters and the signs between
// words.
func isReadable(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) && !isPlain(s[i:i+1]) && s[i] != '.' {
			return false
		}
	}
	return true
}
