package row

import (
	"strings"
	"unicode/utf8"
)

// Repair returns s with each NUL and each sequence of bytes that is not UTF-8
// replaced, and whether there were any. PostgreSQL takes neither, others take
// them and give them back broken.
func Repair(s string) (string, bool) {
	if ascii(s) || utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s, false
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD"), true
}

// ascii reports whether s has only characters from U+0001 to U+007F.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i]-1 >= utf8.RuneSelf-1 {
			return false
		}
	}
	return true
}
