package activity

import (
	"strings"
	"unicode"
)

// Words returns the words of a name in lower case, as they stand in CamelCase,
// snake_case, or with other punctuation between them: "get", "http", "server" of
// "GetHTTPServer", and "x", "api", "key" of "X-Api-Key".
func Words(name string) []string {
	var words []string
	runes := []rune(name)
	start := 0
	end := func(i int) {
		if i > start {
			words = append(words, strings.ToLower(string(runes[start:i])))
		}
		start = i
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end(i)
			start = i + 1
		case i > start && unicode.IsUpper(r) && beginsWord(runes, i):
			end(i)
		}
	}
	end(len(runes))
	return words
}

// beginsWord reports whether the capital at i begins a word: after a small letter
// or a digit, or as the last of several capitals before a small letter.
func beginsWord(runes []rune, i int) bool {
	before := runes[i-1]
	return unicode.IsLower(before) || unicode.IsDigit(before) ||
		unicode.IsUpper(before) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
}
