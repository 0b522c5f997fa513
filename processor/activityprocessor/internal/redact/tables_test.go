package redact

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readLines returns the lines of a table in testdata, of which there are so many. Its
// cells are separated by tabs. One that begins with a quotation mark is written as
// a string of Go is. Lines that begin with # are comments.
func readLines(t testing.TB, name string, cells, least int) (lines [][]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "# ") {
			continue
		}
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		require.Len(t, c, cells, "%s: %q", name, line)
		for i := range c {
			if strings.HasPrefix(c[i], `"`) {
				c[i], err = strconv.Unquote(c[i])
				require.NoError(t, err, "%s: %q", name, line)
			}
		}
		lines = append(lines, c)
	}
	require.GreaterOrEqual(t, len(lines), least, name)
	return lines
}

// TestShapeTable: a token is masked whole, wherever it stands, and what is one
// character shorter, or goes on from another word, is not a token.
func TestShapeTable(t *testing.T) {
	c := newCleaner(t, nil)
	text := func(s string) string { return (&work{c: c}).text(s, free) }
	for _, line := range readLines(t, "shapes.tsv", 3, 60) {
		token := line[0] + line[1]
		for in, want := range map[string]string{
			token:                   Masked,
			"a " + token + " b":     "a " + Masked + " b",
			"(" + token + ")":       "(" + Masked + ")",
			"[" + token + "]":       "[" + Masked + "]",
			token + "\n" + token:    Masked + "\n" + Masked,
			"id is " + token + ", ": "id is " + Masked + ", ",
		} {
			assert.Equal(t, want, text(in), "%s of %s", in, line[2])
		}
		less := []string{token[:len(token)-1], "x" + token, line[0], line[1]}
		if line[2] != "Telegram" { // whose tokens begin with any number
			less = append(less, token[1:])
		}
		for _, in := range less {
			assert.Equal(t, in, text(in), "%s is not a token of %s", in, line[2])
		}
	}
}
