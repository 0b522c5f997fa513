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

// TestCardTable: numbers of all networks at the limits of their ranges, and numbers
// next to them. Their check digits were computed by another program.
func TestCardTable(t *testing.T) {
	for _, c := range readLines(t, "cards.tsv", 3, 150) {
		got := maskCards(c[0], nil)
		assert.Equal(t, c[1], got, "%s (%s)", c[0], c[2])
		assert.Equal(t, got, maskCards(got, nil), "masking %q twice", c[0])
	}
}

func TestEmailTable(t *testing.T) {
	own := []string{"own@example.com"}
	for _, c := range readLines(t, "emails.tsv", 3, 60) {
		got := maskEmails(c[0], own)
		assert.Equal(t, c[1], got, "%q (%s)", c[0], c[2])
		assert.Equal(t, got, maskEmails(got, own), "masking %q twice", c[0])
	}
}

// TestAddressTable: the networks were computed by another program.
func TestAddressTable(t *testing.T) {
	for _, c := range readLines(t, "addresses.tsv", 4, 80) {
		v4, err := strconv.Atoi(c[0])
		require.NoError(t, err)
		v6, err := strconv.Atoi(c[1])
		require.NoError(t, err)
		g := generaliser{v4, v6}
		got := g.generalise(c[2])
		assert.Equal(t, c[3], got, "%q with %d and %d bits", c[2], v4, v6)
		assert.Equal(t, got, g.generalise(got), "shortening %q twice", c[2])
	}
}

// TestKeyTable: which names are those of secrets, in each spelling that people use.
func TestKeyTable(t *testing.T) {
	s := newSecretKeys(&SecretKeysConfig{Enabled: true})
	for range 2 { // found, and remembered
		for _, c := range readLines(t, "keys.tsv", 3, 300) {
			assert.Equal(t, c[1] == "secret", s.has(c[0]), "%q (%s)", c[0], c[2])
		}
	}
}

// TestTextTable: what is left of a text, to the byte. A mask that takes more than
// the secret takes the activity's meaning with it.
func TestTextTable(t *testing.T) {
	c := newCleaner(t, nil)
	for _, line := range readLines(t, "texts.tsv", 3, 220) {
		w := work{c: c}
		got := w.text(line[0], free)
		assert.Equal(t, line[1], got, "%q (%s)", line[0], line[2])
		assert.Equal(t, got, w.text(got, free), "cleaning %q twice", line[0])
	}
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
