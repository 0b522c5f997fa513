package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/reader"
)

func TestDiff(t *testing.T) {
	a := testApp(t, "")
	for name, c := range map[string]struct{ before, after, want string }{
		"values":      {`1`, `"1"`, `  f: 1 → "1"`},
		"added":       {`null`, `{"a": [1, 2]}`, `  f: (none) → {"a":[1,2]}`},
		"removed":     {`false`, `null`, `  f: false → (none)`},
		"long values": {`"` + strings.Repeat("a", 90) + `"`, `"` + strings.Repeat("b", 90) + `"`, "  f:\n    - \"" + strings.Repeat("a", 90) + "\"\n    + \"" + strings.Repeat("b", 90) + `"`},
		"hostile":     {`"\u001b[2J"`, "\"\u202e\"", `  f: "\u001b[2J" → "\u202e"`},
		"lines": {`"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12"`, `"1\n2\n3\nfour\n5\n6\n7\n8\n9\n10\n11\n12\n13"`,
			"  f:\n      2\n      3\n    - 4\n    + four\n      5\n      6\n    …\n      11\n      12\n    + 13"},
		"hostile lines": {`"a\nb"`, `"a\n\u001b[2J\r"`, "  f:\n      a\n    - b\n    + \\x1b[2J\\r"},
		"a new text":    {`null`, `"a\nb\n"`, "  f:\n    + a\n    + b"},
	} {
		got := a.diff([]reader.Change{{Field: "f", Before: json.RawMessage(c.before), After: json.RawMessage(c.after)}})
		if strings.TrimSuffix(got, "\n") != c.want {
			t.Errorf("%s: got\n%s, want\n%s", name, got, c.want)
		}
	}
	if got := a.diff([]reader.Change{{Field: "\x1b[2J", Before: json.RawMessage(`1`), After: json.RawMessage(`2`)}}); strings.Contains(got, "\x1b") {
		t.Errorf("the name of a field: got %q", got)
	}
}
