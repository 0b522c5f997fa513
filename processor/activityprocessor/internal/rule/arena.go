package rule

import "strings"

// Arena allocates texts, many in one piece of memory, because those of one request are
// released together. It is not safe for concurrent use.
type Arena struct {
	piece strings.Builder
}

// pieceSize limits how much memory one long-lived text can retain.
const pieceSize = 4096

// text returns b as a text.
func (a *Arena) text(b []byte) string {
	start := a.piece.Len()
	if start+len(b) > a.piece.Cap() {
		a.piece = strings.Builder{}
		a.piece.Grow(max(pieceSize, len(b)))
		start = 0
	}
	a.piece.Write(b)
	return a.piece.String()[start:]
}
