package redact

import (
	"strings"
)

// change is the value that a field had, and its replacement in other texts.
type change struct {
	before, after string
	action        *fieldAction
}

// replaceWords replaces values of fields that are whole words in the text. If several
// begin at the same place, it replaces the longest. Replacements are not searched again.
func replaceWords(text string, changes []change) string {
	var out strings.Builder
	done := 0
	next := make([]int, len(changes)) // where each is, from done on
	for i := range changes {
		next[i] = changes[i].in(text, 0)
	}
	for {
		at, ch := -1, (*change)(nil)
		for i := range changes {
			if next[i] >= 0 && next[i] < done {
				next[i] = changes[i].in(text, done)
			}
			if n := next[i]; n >= 0 && (ch == nil || n < at || n == at && len(changes[i].before) > len(ch.before)) {
				at, ch = n, &changes[i]
			}
		}
		if ch == nil {
			break
		}
		out.WriteString(text[done:at])
		out.WriteString(ch.after)
		done = at + len(ch.before)
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// in returns the next place, from an index on, where the value is in text as whole words,
// or -1.
func (ch *change) in(text string, from int) int {
	for {
		i := strings.Index(text[from:], ch.before)
		if i < 0 {
			return -1
		}
		i += from
		if ch.isWhole(text, i, i+len(ch.before)) {
			return i
		}
		from = i + 1
	}
}

// isWhole reports whether words begin and end with text[i:end]. A number is not part
// of 1.2, 12:34 and 2026-11-23.
func (ch *change) isWhole(text string, i, end int) bool {
	if i > 0 && isWord(text[i-1]) && isWord(text[i]) || end < len(text) && isWord(text[end-1]) && isWord(text[end]) {
		return false
	}
	return (i < 2 || !isInNumber(text[i-2], text[i-1], text[i])) &&
		(end+1 >= len(text) || !isInNumber(text[end-1], text[end], text[end+1]))
}

func isInNumber(a, b, c byte) bool {
	return class[a]&isDigit != 0 && (b == '.' || b == ':' || b == '-') && class[c]&isDigit != 0
}

func isWord(b byte) bool { return class[b]&inWord != 0 && b != '.' && b != '-' || b >= 0x80 }
