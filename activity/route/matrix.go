package route

import (
	"cmp"
	"strings"
)

// eachMatrixSecret calls f with each secret in the parameters of a path's segments:
// ";jsessionid=…".
func eachMatrixSecret(path string, f func(secret string)) {
	if strings.IndexByte(path, ';') < 0 {
		return
	}
	for segment := range strings.SplitSeq(path, "/") {
		_, list, _ := strings.Cut(segment, ";")
		for param := range strings.SplitSeq(list, ";") {
			name, value, ok := strings.Cut(param, "=")
			if !ok {
				value = param
			}
			switch {
			case value == "" || isDigest(value):
			case ok && (isSecretName(name) || isSecretPart(secretWord(name), value)):
				f(value)
			default:
				if start, end := secretIn("", value, true); end > start {
					f(value[start:end])
				}
			}
		}
	}
}

func hasMatrixSecret(path string) bool {
	return strings.IndexByte(path, ';') >= 0 && firstMatrixSecret(path) != ""
}

func firstMatrixSecret(path string) (first string) {
	eachMatrixSecret(path, func(secret string) { first = cmp.Or(first, secret) })
	return first
}
