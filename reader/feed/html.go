package feed

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

//go:embed fragment.html
var fragmentText string

var fragment = template.Must(template.New("fragment").Parse(fragmentText))

// fragmentData is what the template shows. All of it is text, and the template escapes it.
type fragmentData struct {
	Language, Heading, Empty     string
	Field, Before, After         string // headings of the table of changes
	Pages, Newer, Older          string
	NewerLink, OlderLink         string
	NewerRelation, OlderRelation string
	Items                        []item
}

type item struct {
	Failed        bool
	Machine, Time string // in RFC 3339, and for people
	Summary       string
	Details       []detail
	Changes       []change
}

type detail struct{ Name, Value string }

type change struct{ Field, Before, After string }

// writeHTML writes a fragment.
func (h *handler) writeHTML(b *bytes.Buffer, v *view) error {
	word := v.words.Word
	d := fragmentData{
		Language: v.words.Language(), Heading: word("heading"), Empty: word("empty"),
		Field: word("field"), Before: word("before"), After: word("after"),
		Pages: word("pages"), Newer: word("newer"), Older: word("older"),
	}
	newer, older := v.previous, v.next
	d.NewerRelation, d.OlderRelation = "prev", "next"
	if v.parameters.paging.Order == reader.OldestFirst {
		newer, older = older, newer
		d.NewerRelation, d.OlderRelation = "next", "prev"
	}
	if newer != "" {
		d.NewerLink = h.link(v, newer)
	}
	if older != "" {
		d.OlderLink = h.link(v, older)
	}
	for i := range v.Entries {
		d.Items = append(d.Items, h.item(&v.Entries[i], v))
	}
	return fragment.Execute(b, d)
}

func (h *handler) item(e *Entry, v *view) item {
	at := v.zoned(e.ActionTime)
	it := item{
		Failed: e.Status == activity.StatusFailed, Machine: at.Format(time.RFC3339), Time: v.words.Time(at), Summary: v.words.Summary(e),
	}
	for _, name := range h.shown.columns {
		if slices.Contains(DefaultColumns(), name) {
			continue // which the summary has
		}
		if value := e.value(name, v.zone); value != "" {
			if name == "recorded_at" {
				value = v.words.Time(v.zoned(e.RecordedAt))
			}
			it.Details = append(it.Details, detail{v.words.Word(name), activity.OneLine(value)})
		}
	}
	for i, value := range h.shown.details(e) {
		if key := h.shown.data[i]; value != "" && key != activity.ChangesKey {
			it.Details = append(it.Details, detail{v.words.Word("data." + key), plain(json.RawMessage(value))})
		}
	}
	for _, c := range e.Changes {
		it.Changes = append(it.Changes, change{activity.OneLine(c.Field), plain(c.Before), plain(c.After)})
	}
	return it
}

// plain is a value of JSON for people: text without quotes, and nothing for null.
func plain(value json.RawMessage) string {
	var text *string
	if json.Unmarshal(value, &text) == nil {
		if text == nil {
			return ""
		}
		return activity.OneLine(*text)
	}
	return activity.OneLine(strings.ToValidUTF8(string(value), "\ufffd"))
}
