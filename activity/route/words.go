package route

import (
	"strings"
	"unicode"
)

// isNoise reports whether a literal segment says nothing about the object, or is a
// pattern itself.
func isNoise(literal string) bool { return saysNothing(literal) || !isLiteral(literal) }

// isWord reports whether a part of a path may be a word of a language: it has letters, and
// else only digits and the signs between words.
func isWord(part string) bool {
	letters := false
	for _, r := range part {
		switch {
		case unicode.IsLetter(r):
			letters = true
		case !unicode.IsDigit(r) && !strings.ContainsRune("-_.~@", r):
			return false
		}
	}
	return letters
}

// saysNothing reports whether a literal says nothing about the object: "api", "v1",
// "v2.1", "v1beta1".
func saysNothing(literal string) bool {
	if strings.EqualFold(literal, "api") {
		return true
	}
	if literal == "" || literal[0]|0x20 != 'v' {
		return false
	}
	version := strings.ToLower(literal[1:])
	for _, stage := range [...]string{"alpha", "beta", "rc"} {
		if before, after, ok := strings.Cut(version, stage); ok && strings.Trim(after, "0123456789") == "" {
			version = before
		}
	}
	return version != "" && strings.Trim(version, "0123456789.") == ""
}

// namesID reports whether the parameter is called as the id of an object of
// that type is: "id", "pk", "uuid", "article", "article_id", "articleId".
func (s *segment) namesID(object string) bool {
	switch name := strings.ToLower(s.name); name {
	case "":
		return false
	case "id", "pk", "uuid", "guid":
		return true
	default:
		object = strings.ToLower(object)
		rest, ok := strings.CutPrefix(name, object)
		if !ok {
			rest, ok = strings.CutPrefix(squeeze(name), squeeze(object))
		}
		rest = strings.Trim(rest, "_-")
		return ok && (rest == "" || rest == "id" || rest == "pk" || rest == "uuid")
	}
}

// squeeze returns a name without the signs between its words: "apikey" for "api_key".
func squeeze(s string) string {
	if !strings.ContainsAny(s, "-_") {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "-", ""), "_", "")
}

// secrets end the name of a parameter that holds a secret.
var secrets = [...]string{"token", "secret", "password", "passwd", "passcode", "otp", "apikey", "api_key", "api-key"}

// isSecret reports whether the name of a parameter says that it is a secret.
func isSecret(name string) bool {
	name = strings.ToLower(name)
	for _, word := range secrets {
		if strings.HasSuffix(name, word) {
			return true
		}
	}
	return false
}
