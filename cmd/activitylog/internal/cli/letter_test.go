package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

// A few brackets in a row must not become hundreds of megabytes of spaces: neither of a row nor
// of a dead letter, which has what a service sent.
func TestDeepJSON(t *testing.T) {
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	var out bytes.Buffer
	a := &app{out: &out, zone: time.UTC}
	a.flags.format = formatTable
	if err := a.printLetter(shownLetter{Record: json.RawMessage(deep), Present: json.RawMessage(`{"b":"<"}`)}); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "\nrecord:\n"+deep+"\n") || !strings.Contains(text, "\n{\n  \"b\": \"<\"\n}\n") {
		t.Errorf("a dead letter has %d bytes: %.500q", len(text), text)
	}
	if text := restOfData(&reader.Row{Data: json.RawMessage(`{"a":` + deep + `}`)}); !strings.Contains(text, deep) {
		t.Errorf("a row has %d bytes: %.500q", len(text), text)
	}
}
