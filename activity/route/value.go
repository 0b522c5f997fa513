package route

import (
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ID returns the id that is in value, the text that a router found in the place
// of [Act.Param] and decoded, "" if it cannot be one: it has control
// characters or is not UTF-8.
func ID(value string) string {
	value, _, _ = strings.Cut(value, ";")
	if !isText(value) {
		return ""
	}
	return value
}

func trimFormat(parts []string) {
	if n := len(parts); n > 0 {
		parts[n-1] = strings.TrimSuffix(parts[n-1], path.Ext(parts[n-1]))
	}
}

// unescape undoes the percent-encoding of a path segment, unless the result is
// not text, such as a NUL, which databases reject.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	value, err := url.PathUnescape(s)
	if err != nil || !isText(value) {
		return s
	}
	return value
}

// unescapeName undoes the percent-encoding of a part of an action name, which people
// read. What is not UTF-8 becomes U+FFFD.
func unescapeName(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	value, err := url.PathUnescape(s)
	if value = strings.ToValidUTF8(value, "\uFFFD"); err != nil || !isText(value) {
		return s
	}
	return value
}

func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
