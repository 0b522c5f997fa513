package web

import (
	"encoding/json"
	"strings"
	"testing"
)

// A few brackets in a row must not become hundreds of megabytes of spaces.
func TestDeepJSON(t *testing.T) {
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	for text, want := range map[string]string{
		`{"a":[1]}`:             "{\n  \"a\": [\n    1\n  ]\n}",
		deep:                    deep,
		`["` + deep + `\"[",1]`: "[\n  \"" + deep + "\\\"[\",\n  1\n]", // they are text here
	} {
		if got := indented(json.RawMessage(text)); got != want {
			t.Errorf("%.60s: got %d bytes: %.60q", text, len(got), got)
		}
	}
	if got := depth([]byte(deep)); got != 9000 {
		t.Errorf("got %d levels, want 9000", got)
	}
}
