package redact

import (
	"strings"
)

// maskEmails masks e-mail addresses, except those in own and the user and host of a URL,
// which only look like one. It follows RFC 5321 as it is used in practice, with host names
// in letters of any language.
func maskEmails(text string, own []string) string {
	var out strings.Builder
	done := 0
	for i := strings.IndexByte(text, '@'); i >= 0; {
		start, end := emailAround(text, done, i)
		if start < end && !isOwn(text[start:end], own) && !strings.HasSuffix(text[:start], "//") {
			out.WriteString(text[done:start])
			out.WriteString(Masked)
			done = end
		}
		n := strings.IndexByte(text[i+1:], '@')
		if n < 0 {
			break
		}
		i += 1 + n
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

func isOwn(address string, own []string) bool {
	for _, o := range own {
		if o == address || strings.EqualFold(o, address) {
			return true
		}
	}
	return false
}

// emailAround returns where the address begins and ends whose @ is at i, both the
// same if there is none. It does not begin before from.
func emailAround(text string, from, i int) (start, end int) {
	start = i
	for start > from && isLocal(text[start-1]) {
		start--
	}
	if start == i {
		return 0, 0
	}
	return start, max(start, domainEnd(text, i+1))
}

// isLocal reports whether a byte may be in the part before the @.
func isLocal(c byte) bool {
	return class[c]&inWord != 0 || strings.IndexByte("%+'", c) >= 0 || c >= 0x80
}

// domainEnd returns where the domain name ends that begins at i: labels with dots
// between, the last one of two letters at least. It is 0 if there is none.
func domainEnd(text string, i int) (end int) {
	for first := true; ; first = false {
		label := i
		for i < len(text) && isLabel(text[i]) {
			i++
		}
		if i == label || text[label] == '-' {
			return end
		}
		letters := label
		for letters < i && isLetter(text[letters]) {
			letters++
		}
		if !first && letters-label >= 2 {
			end = letters
		}
		if i >= len(text) || text[i] != '.' {
			return end
		}
		i++
	}
}

func isLabel(c byte) bool { return isLetter(c) || c >= '0' && c <= '9' || c == '-' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 }
