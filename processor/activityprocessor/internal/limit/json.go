package limit

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

// exceeds reports whether a text of JSON may have more than so many members. It has at
// most as many as commas and opening brackets.
func exceeds(text string, members int) bool {
	n := strings.Count(text, ",")
	return n >= members || n+strings.Count(text, "[")+strings.Count(text, "{") > members
}

// reader converts JSON to a value, and drops and counts the members above the limit.
type reader struct {
	decoder *json.Decoder
	members int // how many more are allowed
	dropped int
	err     error
}

// value reads one value into v.
func (r *reader) value(v pcommon.Value) {
	token, err := r.decoder.Token()
	if err != nil {
		r.err = err
		return
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			r.object(v.SetEmptyMap())
		} else {
			r.list(v.SetEmptySlice())
		}
	case string:
		v.SetStr(token)
	case bool:
		v.SetBool(token)
	case json.Number:
		number(v, token)
	}
}

func (r *reader) object(m pcommon.Map) {
	for r.err == nil && r.decoder.More() {
		token, err := r.decoder.Token()
		if err != nil {
			r.err = err
			return
		}
		if key, _ := token.(string); r.takes() {
			r.value(m.PutEmpty(key))
		} else {
			r.skip()
		}
	}
	r.end()
}

func (r *reader) list(l pcommon.Slice) {
	for r.err == nil && r.decoder.More() {
		if r.takes() {
			r.value(l.AppendEmpty())
		} else {
			r.skip()
		}
	}
	r.end()
}

// takes reports whether one more member is allowed.
func (r *reader) takes() bool {
	if r.members == 0 {
		r.dropped++
		return false
	}
	r.members--
	return true
}

// skip reads a value that is dropped.
func (r *reader) skip() {
	for depth := 0; ; {
		token, err := r.decoder.Token()
		if err != nil {
			r.err = err
			return
		}
		if d, ok := token.(json.Delim); ok && (d == '{' || d == '[') {
			depth++
		} else if ok {
			depth--
		}
		if depth == 0 {
			return
		}
	}
}

// end reads the bracket at the end of an object or a list.
func (r *reader) end() {
	if r.err == nil {
		_, r.err = r.decoder.Token()
	}
	if errors.Is(r.err, io.EOF) {
		r.err = io.ErrUnexpectedEOF
	}
}

// number converts a JSON number to a number if that is exact, and to text if not.
func number(v pcommon.Value, n json.Number) {
	switch n := activity.JSONNumber(n).(type) {
	case int64:
		v.SetInt(n)
	case float64:
		v.SetDouble(n)
	case string:
		v.SetStr(n)
	}
}
