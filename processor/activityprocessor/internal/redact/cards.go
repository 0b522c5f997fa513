package redact

import (
	"slices"
	"strings"
)

// How many digits a card number has.
const (
	minCard = 13
	maxCard = 19
)

// maskCards masks numbers of payment cards: 13 to 19 digits in a row or in groups
// with single spaces or dashes between, of a known range and with a right check
// digit. Digits within a longer word are not a card number, nor is a UUID or a part of
// one, nor what the record itself is about, which is in own.
func maskCards(text string, own []string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); i++ {
		if class[text[i]]&isDigit == 0 || i > 0 && joins(text[i-1]) {
			continue
		}
		end := cardAt(text, i)
		if end != 0 {
			if whole := uuidAround(text, i); whole != 0 {
				i = whole - 1
				continue
			}
			if slices.Contains(own, text[i:end]) {
				i = end - 1
				continue
			}
		}
		if end == 0 {
			for i+1 < len(text) && class[text[i+1]]&isDigit != 0 { // not a part of this number
				i++
			}
			continue
		}
		out.WriteString(text[done:i])
		out.WriteString(Masked)
		done, i = end, end-1
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// uuidLength is that of a UUID with its dashes, whose groups have 8, 4, 4, 4 and 12 digits.
const uuidLength = 36

// uuidAround returns where the UUID ends that a group of digits at i belongs to, 0 if there
// is none.
func uuidAround(text string, i int) (end int) {
	for _, before := range [...]int{0, 9, 14, 19, 24} { // where its groups begin
		start := i - before
		if start < 0 || start+uuidLength > len(text) || start > 0 && joins(text[start-1]) {
			continue
		}
		if end = start + uuidLength; isUUID(text[start:end]) && (end == len(text) || !joins(text[end])) {
			return end
		}
	}
	return 0
}

func isUUID(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f'):
			return false
		}
	}
	return true
}

// joins reports whether a byte before or after digits makes them a part of a word.
func joins(c byte) bool {
	return class[c]&(inWord) != 0 && c != '.' && c != '-' && c != '_' || c >= 0x80
}

// cardAt returns where the card number ends that begins at i, 0 if none does.
// Groups of digits after it, such as a date, are not a part of it.
func cardAt(text string, i int) (end int) {
	if c := text[i]; c < '2' || c > '6' { // no range begins so
		return 0
	}
	var digits [maxCard]byte
	n, group := 0, 0
	between := byte(0)
	for ; ; i++ {
		if i < len(text) && text[i]-'0' <= 9 {
			if n == maxCard {
				return end
			}
			digits[n] = text[i] - '0'
			n++
			group++
			continue
		}
		next, length := separator(text, i)
		if next == 0 && i < len(text) && joins(text[i]) {
			return end
		}
		if n >= minCard && isGroup(between, group) && inRange(digits[:n]) && luhn(digits[:n]) {
			end = i
		}
		if next == 0 || between != 0 && next != between || !isGroup(next, group) {
			return end
		}
		i += length
		if i >= len(text) || text[i]-'0' > 9 {
			return end
		}
		between, group = next, 0
		i-- // for the loop
	}
}

// narrowSeparators are those of one byte.
const narrowSeparators = " -+."

// wideSeparators stand between groups of digits: what editors make of what people
// type. What forms make of a space is '+'.
var wideSeparators = []string{"\u00a0", "\u202f", "\u2009", "\u2010", "\u2011", "\u2012", "\u2013"}

// separator returns which one is at i, 0 for none, and how long it is.
func separator(text string, i int) (which byte, length int) {
	if i >= len(text) {
		return 0, 0
	}
	switch c := text[i]; {
	case c < 0x80 && class[c]&isSeparator != 0:
		return c, 1
	case c < 0x80:
		return 0, 0
	}
	for k, s := range wideSeparators {
		if strings.HasPrefix(text[i:], s) {
			return byte(0x80 + k), len(s)
		}
	}
	return 0, 0
}

// isGroup reports whether so many digits may stand next to such a separator: what has
// a point or a plus sign in it is mostly another number.
func isGroup(separator byte, digits int) bool {
	return separator != '.' && separator != '+' || digits >= 3 && digits <= 6
}

// inRange reports whether numbers that begin so and are so long are given out
// (ISO/IEC 7812, by the public ranges of the large networks).
func inRange(d []byte) bool {
	two, four := int(d[0])*10+int(d[1]), int(d[0])*1000+int(d[1])*100+int(d[2])*10+int(d[3])
	switch n := len(d); {
	case d[0] == 4: // Visa
		return n == 13 || n == 16 || n == 19
	case two >= 51 && two <= 55, four >= 2221 && four <= 2720: // Mastercard
		return n == 16
	case two == 34 || two == 37: // American Express
		return n == 15
	case two == 36 || two == 38 || two == 39 || four >= 3000 && four <= 3059: // Diners Club
		return n >= 14
	case four >= 3528 && four <= 3589, two == 62, two == 60, two == 64, two == 65: // JCB, UnionPay, Discover, RuPay
		return n >= 16
	case two == 50, two >= 56 && two <= 58, two == 63, two == 67: // Maestro
		return true
	}
	return false
}

// luhn reports whether the last digit is the check digit of the others.
func luhn(d []byte) bool {
	sum := 0
	for i, v := range d {
		n := int(v)
		if (len(d)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}
