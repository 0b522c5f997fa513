package escape

import (
	"io"
	"unicode/utf8"
)

// JSON returns a writer for JSON text that writes what [Line] replaces as \u1234. Outside
// of strings JSON has none of these characters but line ends, so its meaning stays. Each
// Write must have whole characters.
func JSON(w io.Writer) io.Writer { return &jsonWriter{w: w} }

type jsonWriter struct {
	w   io.Writer
	buf []byte
}

const hexDigits = "0123456789abcdef"

// Write implements [io.Writer].
func (j *jsonWriter) Write(text []byte) (int, error) {
	if !needs(text) {
		return j.w.Write(text)
	}
	j.buf = j.buf[:0]
	for rest := text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r < 0x10000 && r != '\n' && r != utf8.RuneError && harmful(r) {
			j.buf = append(j.buf, '\\', 'u', hexDigits[r>>12], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
		} else if r >= 0x10000 && harmful(r) {
			j.buf = appendPair(j.buf, r)
		} else {
			j.buf = append(j.buf, rest[:size]...)
		}
		rest = rest[size:]
	}
	if _, err := j.w.Write(j.buf); err != nil {
		return 0, err
	}
	return len(text), nil
}

// appendPair appends the two halves of a rune in UTF-16.
func appendPair(b []byte, r rune) []byte {
	r -= 0x10000
	for _, half := range []rune{0xd800 + r>>10, 0xdc00 + r&0x3ff} {
		b = append(b, '\\', 'u', hexDigits[half>>12], hexDigits[half>>8&15], hexDigits[half>>4&15], hexDigits[half&15])
	}
	return b
}

// needs reports whether text may have something to replace: DEL, or a character beyond
// ASCII.
func needs(text []byte) bool {
	for _, b := range text {
		if b >= 0x7f {
			return true
		}
	}
	return false
}
