package escape

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "",
		"größer 😀 日本語 \\n":              "größer 😀 日本語 \\n",
		"a\tb\r\nc":                     `a\tb\r\nc`,
		"\x1b[2J\a\x00\x7f":             `\x1b[2J\x07\x00\x7f`,
		"\u009b31m\u0085":               `\u009b31m\u0085`,
		"\u202egnp.exe\u2066\u200f":     `\u202egnp.exe\u2066\u200f`,
		"a\u2028b\u2029":                `a\u2028b\u2029`,
		"\ufeff\u00ad\u200b":            `\ufeff\u00ad\u200b`,
		"\U000e0041tag":                 `\U000e0041tag`,
		"a\xffb\xc3":                    `a\xffb\xc3`,
		"👩\u200d🚀 می\u200cخواهم":        "👩\u200d🚀 می\u200cخواهم", // what joins emoji, and what Persian needs
		"a\ufffdb":                      "a\ufffdb",
		"admin\u200c ad\u200dmin\u200d": `admin\u200c ad\u200dmin\u200d`, // nobody would see them
		"\u200dalice":                   `\u200dalice`,
		"admin\u3164\u115f\u2800":       `admin\u3164\u115f\u2800`,
		"admin\ufe00\ufe0f\u034f":       `admin\ufe00\ufe0f\u034f`,
		"admin\U000e0100":               `admin\U000e0100`,
		"❤\ufe0f\u200d🔥 क्\u200dष":      "❤\ufe0f\u200d🔥 क्\u200dष",
	} {
		if got := Line(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestBlock(t *testing.T) {
	if got, want := Block("a\n\tb\x1b\r\u202e"), "a\n\tb\\x1b\\r\\u202e"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzLine: whatever the text is, nothing is left that a terminal acts on, and JSON means
// the same as before.
func FuzzLine(f *testing.F) {
	f.Add("a\x1b]0;x\a\u202e\U000e0041\xff\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, shown := range []string{Line(text), Block(text)} {
			if !utf8.ValidString(shown) || strings.ContainsFunc(strings.NewReplacer("\n", "", "\t", "").Replace(shown), acts) {
				t.Errorf("%q is shown as %q", text, shown)
			}
		}
		if strings.ContainsAny(Line(text), "\n\t") {
			t.Errorf("%q is more than a line", text)
		}
		encoded, err := json.Marshal(map[string]string{text: text})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if n, err := JSON(&b).Write(encoded); err != nil || n != len(encoded) {
			t.Fatalf("wrote %d, %v", n, err)
		}
		if strings.ContainsFunc(b.String(), acts) {
			t.Errorf("%s is shown as %s", encoded, b.Bytes())
		}
		var before, after map[string]string
		if json.Unmarshal(encoded, &before) != nil || json.Unmarshal(b.Bytes(), &after) != nil {
			t.Fatalf("%s is no JSON", b.Bytes())
		}
		for name, value := range before {
			if after[name] != value {
				t.Errorf("%q became %q", before, after)
			}
		}
	})
}

// acts reports whether a terminal acts on a rune. It is written in another way than
// harmful.
func acts(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r < 0xa0: // C0, DEL, C1
		return true
	case r == 0x061c, r >= 0x200e && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // order of letters and lines
		return true
	}
	return unicode.Is(unicode.Cf, r) && r != 0x200c && r != 0x200d
}

func TestJSONFails(t *testing.T) {
	for _, text := range []string{"plain", "\u202e"} {
		if _, err := JSON(broken{}).Write([]byte(text)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

// broken is a writer that fails.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, bytes.ErrTooLarge }
