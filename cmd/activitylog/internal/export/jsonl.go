package export

import (
	"bytes"
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
	"github.com/otelactivity/activitylog/reader"
)

// jsonRows writes rows as package encoding/json does, each on a line, in a fraction of its
// time.
type jsonRows struct {
	columns []jsonColumn
	some    []string // names of columns, if not all; then NULL is written, too
	line    bytes.Buffer
}

// jsonColumn is a column with the text before its value.
type jsonColumn struct {
	name   string
	before string // `,"actor_id":`
	text   field.Func
	always bool // also if it is empty
}

func newJSONL(o Options) *jsonRows {
	j := &jsonRows{some: o.Columns}
	for i, c := range activity.Columns() {
		column := jsonColumn{name: c.Name, before: `,"` + c.Name + `":`, text: field.Of(c.Name)}
		if i == 0 {
			column.before = `{"` + c.Name + `":`
		}
		switch c.Name {
		case "action_type", "status", "source":
			column.always = true
		}
		j.columns = append(j.columns, column)
	}
	return j
}

func (j *jsonRows) head(b []byte) []byte { return b }

// row appends the line of a row.
func (j *jsonRows) row(b []byte, row *reader.Row) ([]byte, error) {
	begin := len(b)
	if len(j.some) > 0 {
		text, err := field.Object(row, j.some)
		if err != nil {
			return b, err
		}
		return j.safe(append(b, text...), begin)
	}
	for i := range j.columns {
		c := &j.columns[i]
		switch c.name {
		case "event_id":
			b = append(append(append(b, c.before...), '"'), row.EventID.String()...)
			b = append(b, '"')
		case "action_time":
			b = appendJSONTime(append(b, c.before...), row.ActionTime)
		case "recorded_at":
			b = appendJSONTime(append(b, c.before...), row.RecordedAt)
		case "data":
			b = appendData(append(b, c.before...), row)
		default:
			if text := c.text(row); text != "" || c.always {
				b = appendString(append(b, c.before...), text)
			}
		}
	}
	return j.safe(append(b, '}', '\n'), begin)
}

// safe replaces what a terminal would act on in what was appended since begin.
func (j *jsonRows) safe(b []byte, begin int) ([]byte, error) {
	for _, c := range b[begin:] {
		if c >= 0x7f {
			j.line.Reset()
			_, _ = escape.JSON(&j.line).Write(b[begin:])
			return append(b[:begin], j.line.Bytes()...), nil
		}
	}
	return b, nil
}

func appendJSONTime(b []byte, at time.Time) []byte {
	return append(at.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
}

// appendData appends the data on one line.
func appendData(b []byte, row *reader.Row) []byte {
	switch {
	case len(row.Data) == 0:
		return append(b, "null"...)
	case json.Valid(row.Data) && bytes.IndexByte(row.Data, '\n') < 0 && bytes.IndexByte(row.Data, '\r') < 0:
		return append(b, row.Data...)
	}
	field.Fit(row)
	var compact bytes.Buffer
	_ = json.Compact(&compact, row.Data) // it is JSON now
	return append(b, compact.Bytes()...)
}

// appendString appends a string of JSON.
func appendString(b []byte, text string) []byte {
	b = append(b, '"')
	begin := 0
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			b = appendEscape(append(b, text[begin:i]...), c)
			i++
			begin = i
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			b = append(append(b, text[begin:i]...), `\ufffd`...)
			begin = i + size
		}
		i += size
	}
	return append(append(b, text[begin:]...), '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	}
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}
