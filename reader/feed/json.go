package feed

import (
	"bytes"
	"encoding/json"

	"github.com/otelactivity/activitylog/activity"
)

// writeJSON writes a page, or one activity. It writes itself what encoding/json would write
// of maps, whose members have no order: a request takes a third of the time.
func (h *handler) writeJSON(b *bytes.Buffer, v *view) error {
	if v.one {
		text, err := h.shown.appendEntry(b.AvailableBuffer(), &v.Entries[0], v)
		b.Write(append(text, '\n'))
		return err
	}
	b.WriteString(`{"activities":[`)
	for i := range v.Entries {
		if i > 0 {
			b.WriteByte(',')
		}
		text, err := h.shown.appendEntry(b.AvailableBuffer(), &v.Entries[i], v)
		if err != nil {
			return err
		}
		b.Write(text)
	}
	text := append(b.AvailableBuffer(), ']')
	if v.next != "" {
		text = appendMember(text, "next", string(v.next))
	}
	if v.previous != "" {
		text = appendMember(text, "previous", string(v.previous))
	}
	b.Write(append(text, "}\n"...))
	return nil
}

// appendEntry appends an entry: its columns, without those that are NULL, the summary, and
// what is shown of data.
func (s shown) appendEntry(b []byte, e *Entry, v *view) ([]byte, error) {
	b = append(b, '{')
	for _, name := range s.columns {
		if value := e.value(name, v.zone); value != "" {
			b = appendMember(b, name, value)
		}
	}
	b = appendMember(b, "summary", v.words.Summary(e))
	if len(e.Changes) > 0 {
		text, err := json.Marshal(e.Changes)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"`+activity.ChangesKey+`":`...), text...)
	}
	if e.Data != nil {
		b = append(append(b, `,"data":`...), e.Data...) // members has written it
	}
	return append(b, '}'), nil
}

// appendMember appends a member of an object, with a comma unless it is the first.
func appendMember(b []byte, name, value string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return appendText(append(appendText(b, name), ':'), value)
}

// appendText appends a text as JSON. Most texts need no escaping.
func appendText(b []byte, text string) []byte {
	for _, c := range []byte(text) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			escaped, _ := json.Marshal(text) // a string has no error
			return append(b, escaped...)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}
