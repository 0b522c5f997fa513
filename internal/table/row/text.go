package row

// AppendString appends s as a JSON string. It must be valid UTF-8 ([Repair]). Nothing
// is escaped that need not be.
func AppendString(buf []byte, s string) []byte {
	buf = append(buf, '"')
	start := 0
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			buf = append(buf, s[start:i]...)
			buf = appendEscaped(buf, c)
			start = i + 1
		}
	}
	buf = append(buf, s[start:]...)
	return append(buf, '"')
}

// appendEscaped appends a character that a JSON string may not contain as it is
// (RFC 8259, section 7).
func appendEscaped(buf []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(buf, '\\', c)
	case '\n':
		return append(buf, `\n`...)
	case '\r':
		return append(buf, `\r`...)
	case '\t':
		return append(buf, `\t`...)
	}
	const digits = "0123456789abcdef"
	return append(append(buf, `\u00`...), digits[c>>4], digits[c&15])
}
