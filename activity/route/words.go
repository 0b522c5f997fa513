package route

import (
	"strings"
)

// isNoise reports whether a literal segment says nothing about the object:
// "api", "v1", "v2.1", "v1beta1", or text that is a pattern itself.
func isNoise(literal string) bool {
	if strings.EqualFold(literal, "api") || !isLiteral(literal) {
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

func squeeze(s string) string { return strings.NewReplacer("_", "", "-", "").Replace(s) }

// secrets end the name of a parameter that holds a secret.
var secrets = [...]string{"token", "secret", "password", "passwd"}

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

// looksLikeID reports whether s is a number, a UUID or another long
// hexadecimal string.
func looksLikeID(s string) bool {
	if strings.Trim(s, "0123456789") == "" {
		return s != ""
	}
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9', 'a' <= c|0x20 && c|0x20 <= 'f':
			n++
		case c != '-':
			return false
		}
	}
	return n >= 16
}
