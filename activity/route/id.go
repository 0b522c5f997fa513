package route

import "strings"

// looksLikeID reports whether s is certainly an id and not a word: a number, a UUID or
// another long hexadecimal string, a ULID, a digest, or an id with a prefix as Stripe's.
func looksLikeID(s string) bool {
	switch {
	case s == "":
		return false
	case digits(s):
		return true
	case len(s) < 16:
		return false
	}
	return isHex(s) || isULID(s) || isMixed(s) || isPrefixed(s) || isDigest(s)
}

// isDigest reports whether s is a hash with the name of its algorithm: "sha256:9f86…".
func isDigest(s string) bool {
	algorithm, hash, ok := strings.Cut(s, ":")
	return ok && len(algorithm) > 2 && len(algorithm) < 12 && isWord(algorithm) && isHex(hash)
}

// isHex reports whether s has 16 hexadecimal digits or more, and else only dashes.
func isHex(s string) bool {
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c), 'a' <= c|0x20 && c|0x20 <= 'f':
			n++
		case c != '-':
			return false
		}
	}
	return n >= 16
}

// isULID reports whether s is a ULID: 26 digits of Crockford's base 32, at most 128 bits.
func isULID(s string) bool {
	if len(s) != 26 || s[0] < '0' || s[0] > '7' {
		return false
	}
	for i := range len(s) {
		if c := s[i] | 0x20; !isDigit(s[i]) && (c < 'a' || c > 'z' || strings.IndexByte("ilou", c) >= 0) {
			return false
		}
	}
	return true
}

// isMixed reports whether s is a random text of letters and digits, such as a KSUID, a
// CUID, an id of Firebase or a Nano ID: within words, case and kind do not change so often.
func isMixed(s string) bool {
	var lower, upper, number, changes int
	var before byte
	for i := range len(s) {
		c := s[i]
		switch {
		case isDigit(c):
			number++
		case 'a' <= c && c <= 'z':
			lower++
		case isUpper(c):
			upper++
		case c != '_' && c != '-':
			return false
		}
		if isLetter(before) && isDigit(c) || isDigit(before) && isLetter(c) || isLetter(before) && !isUpper(before) && isUpper(c) {
			changes++
		}
		before = c
	}
	if number < 2 || changes < 4 || changes < len(s)/5 {
		return false
	}
	return lower > 0 && upper > 0 || len(s) >= 24 && lower+upper+number == len(s)
}

// isPrefixed reports whether s is a word, an underscore, and a random text: "cus_9s6XKzkNRiz8i3".
func isPrefixed(s string) bool {
	prefix, text, ok := strings.Cut(s, "_")
	if !ok || len(prefix) < 2 || len(text) < 14 {
		return false
	}
	numbers := 0
	for i := range len(text) {
		switch c := text[i]; {
		case isDigit(c):
			numbers++
		case !isUpper(c) && (c < 'a' || c > 'z'):
			return false
		}
	}
	return numbers > 1
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// idAmong returns which of the values from start to end holds the id of an object of that
// type, -1 if none does.
func (r *reading) idAmong(kind string, start, end int) int {
	id := -1
	for i := start; i < end; i++ {
		s := r.list[i].segment
		switch {
		case s == nil:
			if id < 0 {
				id = i
			}
			continue
		case s.namesID(kind):
			return r.lastNamed(kind, i, end)
		case i == start && strings.HasSuffix(s.prefix, "("):
			return i // "Products({key})"
		case r.isView(s):
			continue
		}
		if id < 0 || !s.optional && r.list[id].segment != nil {
			if s.rest && id >= 0 {
				continue
			}
			id = i
		}
	}
	if id >= 0 && isDate(r.list[start:end]) {
		return -1
	}
	return id
}

func (r *reading) lastNamed(kind string, first, end int) int {
	id := first
	for i := first + 1; i < end; i++ {
		if s := r.list[i].segment; s != nil && s.namesID(kind) {
			id = i
		}
	}
	return id
}

// isDate reports whether the values begin with a year and a month, as in a blog.
func isDate(values []token) bool {
	return len(values) > 1 && values[0].id && isYear(values[0].text) && values[1].id && len(values[1].text) <= 2
}

func isYear(id string) bool {
	return len(id) == 4 && (strings.HasPrefix(id, "19") || strings.HasPrefix(id, "20"))
}
