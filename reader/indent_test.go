package reader_test

import (
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/reader"
)

// A few brackets in a row must not become hundreds of megabytes of spaces.
func TestIndentJSON(t *testing.T) {
	nested := func(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }
	objects := strings.Repeat(`{"a":`, 101) + "1" + strings.Repeat("}", 101)
	for text, want := range map[string]string{
		`{"a":[1]}`:                     "{\n  \"a\": [\n    1\n  ]\n}",
		"[1]\n":                         "[\n  1\n]\n",
		nested(101):                     nested(101),
		nested(9000):                    nested(9000),
		objects:                         objects,
		`no { "json"`:                   `no { "json"`,
		"":                              "",
		`["` + nested(9000) + `\"[",1]`: "[\n  \"" + nested(9000) + "\\\"[\",\n  1\n]", // they are text here
	} {
		if got := string(reader.IndentJSON([]byte(text))); got != want {
			t.Errorf("%.60s: got %d bytes: %.60q", text, len(got), got)
		}
	}
	if got := reader.IndentJSON([]byte(nested(100))); len(got) < 5000 {
		t.Errorf("100 levels are not indented: %d bytes", len(got))
	}
	wide := "[" + strings.Repeat("[],", 9000) + "1]" // many, but not within each other
	if got := reader.IndentJSON([]byte(wide)); strings.Count(string(got), "\n") != 9002 {
		t.Errorf("%d lines", strings.Count(string(got), "\n"))
	}
}
