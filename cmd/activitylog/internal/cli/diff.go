package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
	"github.com/otelactivity/activitylog/reader"
)

const (
	// oneLine is the longest change that is on one line.
	oneLine = 100
	// around is how many lines around a change of a long text are shown.
	around = 2
)

// diff returns changes for people, each on a line or more that begin with two spaces: old
// in red and new in green.
func (a *app) diff(changes []reader.Change) string {
	var b strings.Builder
	for _, c := range changes {
		name := "  " + escape.Line(c.Field) + ":"
		before, after := newValue(c.Before), newValue(c.After)
		switch {
		case strings.Contains(before.raw, "\n") || strings.Contains(after.raw, "\n"):
			b.WriteString(name + "\n" + a.lines(before.raw, after.raw))
		case len(before.shown)+len(after.shown) <= oneLine:
			b.WriteString(name + " " + a.styled(red, before.shown) + " → " + a.styled(green, after.shown) + "\n")
		default:
			b.WriteString(name + "\n    " + a.styled(red, "- "+before.shown) + "\n    " + a.styled(green, "+ "+after.shown) + "\n")
		}
	}
	return b.String()
}

// value is a value of a change.
type value struct {
	raw   string // a text as it is, or JSON
	shown string // JSON for a line, safe for a terminal
}

// newValue reads a value of JSON.
func newValue(text json.RawMessage) value {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		b.Reset()
		b.Write(text)
	}
	var safe bytes.Buffer
	_, _ = escape.JSON(&safe).Write(b.Bytes())
	v := value{raw: b.String(), shown: safe.String()}
	if v.raw == "null" {
		return value{shown: "(none)"}
	}
	_ = json.Unmarshal(text, &v.raw) // what is no text stays JSON
	return v
}

// lines returns the lines that differ, and some around them.
func (a *app) lines(before, after string) string {
	unified, err := udiff.ToUnifiedDiff("", "", ended(before), udiff.Lines(ended(before), ended(after)), around)
	if err != nil {
		return fmt.Sprintf("    (cannot be compared: %v)\n", err)
	}
	var b strings.Builder
	for i, hunk := range unified.Hunks {
		if i > 0 {
			b.WriteString("    …\n")
		}
		for _, line := range hunk.Lines {
			content := escape.Line(strings.TrimSuffix(line.Content, "\n"))
			switch line.Kind {
			case udiff.Delete:
				b.WriteString("    " + a.styled(red, "- "+content) + "\n")
			case udiff.Insert:
				b.WriteString("    " + a.styled(green, "+ "+content) + "\n")
			default:
				b.WriteString("      " + content + "\n")
			}
		}
	}
	return b.String()
}

// ended returns a text whose last line has an end.
func ended(text string) string {
	if text == "" || strings.HasSuffix(text, "\n") {
		return text
	}
	return text + "\n"
}
