package web

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/otelactivity/activitylog/reader"
)

func TestShow(t *testing.T) {
	for text, want := range map[string]string{
		"alice":                           "alice",
		" alice ":                         "␣alice␣",
		" ":                               "␣",
		"a b":                             "a b",
		"a\nb\tc\rd":                      "a␊b␉c␍d",
		"\x00\x1b[31m\x7f":                "␀␛[31m␡",
		"a\u0085b":                        "a⟨U+0085⟩b",
		"gpj.\u202eexe":                   "gpj.⟨U+202E⟩exe",
		"\u2066a\u2069\u200e\u061c":       "⟨U+2066⟩a⟨U+2069⟩⟨U+200E⟩⟨U+061C⟩",
		"al\u200bice\ufeff\u00ad":         "al⟨U+200B⟩ice⟨U+FEFF⟩⟨U+00AD⟩",
		"al\u200dice":                     "al⟨U+200D⟩ice",
		"ива\u200dн":                      "ива⟨U+200D⟩н",
		"می\u200cخواهم":                   "می\u200cخواهم",
		"👩\u200d👧":                        "👩\u200d👧",
		"❤\ufe0f\u200d🔥":                  "❤\ufe0f\u200d🔥",
		"a\ufe0f":                         "a⟨U+FE0F⟩",
		"\u3164\u2800\u115f":              "⟨U+3164⟩⟨U+2800⟩⟨U+115F⟩",
		"a\u00a0b\u2003c":                 "a⟨U+00A0⟩b⟨U+2003⟩c",
		"a\u2028b\u2029":                  "a⟨U+2028⟩b⟨U+2029⟩",
		"\U000e0041":                      "⟨U+E0041⟩",
		"\xff\xfe":                        "\uFFFD",
		"größer 😀 𝔘":                      "größer 😀 𝔘",
		"שלום":                            "שלום",
		"e" + strings.Repeat("\u0301", 6): "e" + strings.Repeat("\u0301", 4) + "⟨U+0301⟩⟨U+0301⟩",
		"<b>&amp;":                        "<b>&amp;", // html/template escapes
	} {
		if got := showLine(text, 100); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := showBlock("a\n\tb\r\n"); got != "a\n\tb␍\n" {
		t.Errorf("a block: got %q", got)
	}
	if got := showLine(strings.Repeat("😀", 20), 10); got != strings.Repeat("😀", 10)+"…" {
		t.Errorf("a long text: got %q", got)
	}
}

func FuzzShow(f *testing.F) {
	f.Add("a\u202e\x00 ")
	f.Fuzz(func(t *testing.T, text string) {
		got := showLine(text, 1000)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool {
			return r < ' ' || r == 0x7f || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 || r == 0x200b
		}) {
			t.Errorf("%q: got %q", text, got)
		}
	})
}

// marked returns a value with [ ] around what is marked.
func marked(v valueView) string {
	text := v.Note
	for _, p := range v.Parts {
		if p.Marked {
			text += "[" + p.Text + "]"
		} else {
			text += p.Text
		}
	}
	return text
}

func TestChangeView(t *testing.T) {
	for _, c := range []struct{ before, after, wantBefore, wantAfter string }{
		{`"Old title"`, `"New title"`, "[Old] title", "[New] title"},
		{`"a b c d"`, `"a c x d"`, "a [b ]c d", "a c[ x] d"},
		{`"same"`, `"same"`, "same", "same"},
		{`null`, `"x"`, "not set", "x"},
		{`"x"`, `null`, "x", "not set"},
		{`""`, `" "`, "empty", "␣"},
		{`1`, `"1"`, "1", `["]1["]`},
		{`1`, `2`, "[1]", "[2]"},
		{`true`, `false`, "[true]", "[false]"},
		{`[1]`, `[1,2]`, "[\n  1\n]", "[\n  1[,\n  2]\n]"},
		{`"null"`, `"x"`, "[null]", "[x]"},
		{`"a\u202eb"`, `"ab"`, "[a⟨U+202E⟩b]", "[ab]"},
		{`"größe"`, `"größer"`, "[größe]", "[größer]"},
	} {
		v := newChangeView(reader.Change{Field: "f", Before: json.RawMessage(c.before), After: json.RawMessage(c.after)})
		before, after := marked(v.Before), marked(v.After)
		if before != c.wantBefore || after != c.wantAfter {
			t.Errorf("%s, %s: got %q and %q, want %q and %q", c.before, c.after, before, after, c.wantBefore, c.wantAfter)
		}
	}
}

// A change of much text is cut and compared in bounded time, and nothing is lost of what is
// shown.
func TestLargeChange(t *testing.T) {
	before, _ := json.Marshal(strings.Repeat("a b ", 50_000))
	after, _ := json.Marshal(strings.Repeat("c d ", 50_000))
	begin := time.Now()
	v := newChangeView(reader.Change{Before: before, After: after})
	if took := time.Since(begin); took > time.Second {
		t.Errorf("it took %s", took)
	}
	if v.Before.More != 195_000 || v.After.More != 195_000 {
		t.Errorf("got %d and %d more characters, want 195000", v.Before.More, v.After.More)
	}
	if got := marked(v.Before); !strings.HasPrefix(got, "[a b a b") {
		t.Errorf("got %.40q", got)
	}
}

// What diff returns are the words that it got, in both texts, and unmarked ones are the same.
func FuzzDiff(f *testing.F) {
	f.Add("a b c", "a c d")
	f.Fuzz(func(t *testing.T, a, b string) {
		before, after := diff(words(a), words(b))
		join := func(parts []part, all bool) (text string) {
			for _, p := range parts {
				if all || !p.Marked {
					text += p.Text
				}
			}
			return text
		}
		if join(before, true) != a || join(after, true) != b || join(before, false) != join(after, false) {
			t.Errorf("%q, %q: got %v and %v", a, b, before, after)
		}
	})
}

func TestChart(t *testing.T) {
	from, to := noon.Add(-36*time.Hour), noon
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	c := newChart([]reader.Group{{Time: day(25), Values: []string{"Success"}, Rows: 9}, {Time: day(25), Values: []string{"Failed"}, Rows: 3},
		{Time: day(26), Values: []string{"Failed"}, Rows: 1}}, reader.Day, from, to, func(from, to time.Time) string { return from.Format("2") + "-" + to.Format("2") })
	want := []bar{
		{X: 0, Wide: 10, OK: span{0 + 30, 90}, Failed: span{0, 30}, Label: "25 Nov", Rows: 12, Bad: 3, Link: "25-26"},
		{X: 12, Wide: 10, OK: span{120, 0}, Failed: span{110, 10}, Label: "26 Nov", Rows: 1, Bad: 1, Link: "26-27"},
	}
	if !slices.Equal(c.Bars, want) || c.Most != 12 || c.Width != 22 || c.Summary != "13 activities, of which 4 failed" {
		t.Errorf("got %+v, want the bars %+v", c, want)
	}
	for interval, want := range map[reader.Interval]string{reader.Hour: "2026-11-26 12:00", reader.Day: "2026-11-26 00:00", reader.Week: "2026-11-23 00:00", reader.Month: "2026-11-01 00:00"} {
		got := begin(noon.Add(59*time.Minute), interval)
		if got.Format("2006-01-02 15:04") != want || !next(got, interval).After(noon) || begin(next(got, interval), interval) != next(got, interval) {
			t.Errorf("interval %d begins at %s, want %s", interval, got, want)
		}
	}
	if got := begin(time.Date(2026, 11, 29, 23, 0, 0, 0, time.UTC), reader.Week).Day(); got != 23 {
		t.Errorf("the week of a Sunday begins on %d, want 23", got)
	}
	if number(1234567) != "1,234,567" || number(999) != "999" || scaled(1, 1_000_000) != 2 {
		t.Error("numbers or small bars are wrong")
	}
}

func TestMatches(t *testing.T) {
	for header, want := range map[string]bool{`"a"`: true, `W/"a"`: true, `"b", "a"`: true, "*": true, `"b"`: false, "a": false, "": false} {
		if got := matches([]string{header}, `"a"`); got != want {
			t.Errorf("%s: got %v, want %v", header, got, want)
		}
	}
}
