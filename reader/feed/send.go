package feed

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// senders are the formats of a response: a media type, and what writes one.
var senders = map[string]struct {
	media string
	write func(h *handler, b *bytes.Buffer, v *view) error
}{
	"csv":  {"text/csv; charset=utf-8; header=present", (*handler).writeCSV},
	"html": {"text/html; charset=utf-8", (*handler).writeHTML},
	"json": {"application/json", (*handler).writeJSON},
}

// send sends what was found.
func (h *handler) send(w http.ResponseWriter, r *http.Request, v *view) error {
	sender := senders[v.parameters.format]
	var body bytes.Buffer
	if err := sender.write(h, &body, v); err != nil {
		return err
	}
	for _, link := range []struct {
		rel string
		to  reader.Cursor
	}{{"next", v.next}, {"prev", v.previous}} {
		if link.to != "" {
			w.Header().Add("Link", "<"+h.link(v, link.to)+`>; rel="`+link.rel+`"`)
		}
	}
	w.Header().Set("Content-Type", sender.media)
	w.Header().Set("Content-Language", v.words.Language())
	if r.Method == http.MethodGet {
		_, _ = body.WriteTo(w) // an error is a client that has left
	}
	return nil
}

// link is the address of another page, with the same parameters.
func (h *handler) link(v *view, to reader.Cursor) string {
	values := url.Values{}
	maps.Copy(values, v.parameters.values)
	values.Set("cursor", string(to))
	return h.path + "?" + values.Encode()
}

// writeCSV writes a page: the columns, the summary, and a column for each key of data.
func (h *handler) writeCSV(b *bytes.Buffer, v *view) error {
	w := csv.NewWriter(b)
	w.UseCRLF = true
	line := append(append([]string{}, h.shown.columns...), "summary")
	for _, key := range h.shown.data {
		line = append(line, "data."+key)
	}
	_ = w.Write(line) // a buffer takes everything
	for i := range v.Entries {
		e := &v.Entries[i]
		line = line[:0]
		for _, name := range h.shown.columns {
			line = append(line, cell(e.value(name, v.zone)))
		}
		line = append(line, cell(v.words.Summary(e)))
		for _, d := range h.shown.details(e) {
			line = append(line, cell(d))
		}
		_ = w.Write(line)
	}
	w.Flush()
	return w.Error()
}

// details are the values of the keys of data that are shown, as JSON, or "".
func (s shown) details(e *Entry) []string {
	var all map[string]json.RawMessage
	_ = json.Unmarshal(e.Data, &all) // nil has none
	texts := make([]string, len(s.data))
	for i, key := range s.data {
		texts[i] = string(all[key])
		if key == activity.ChangesKey && len(e.Changes) > 0 {
			text, _ := json.Marshal(e.Changes)
			texts[i] = string(text)
		}
	}
	return texts
}

// cell returns a text that a spreadsheet does not take for a formula. Names are what others
// chose, and a formula can send the other cells somewhere.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(text)[0]) {
		return "'" + text
	}
	return text
}

// zoned returns a time in the zone of a request.
func (v *view) zoned(at time.Time) time.Time { return at.In(v.zone) }
