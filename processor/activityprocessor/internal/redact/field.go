package redact

import (
	"encoding/json"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

// fieldAction is what becomes of a field.
type fieldAction struct {
	action string
	length int
	hasher *hasher
}

// value does it, and reports whether the field is to be removed. A field that has
// no value stays as it is.
func (f *fieldAction) value(v pcommon.Value) (remove bool) {
	if v.Type() == pcommon.ValueTypeEmpty || v.AsString() == "" {
		return false
	}
	if v.Type() == pcommon.ValueTypeSlice && (f.action == keyed || f.action == truncate) {
		for _, element := range v.Slice().All() {
			f.value(element)
		}
		return false
	}
	switch f.action {
	case drop:
		v.SetStr("")
		return true
	case mask:
		v.SetStr(Masked)
	case keyed:
		v.SetStr(f.hasher.hash(v.AsString()))
	case truncate:
		if text := v.AsString(); len(text) > f.length {
			if cut := first(text, f.length); cut != text {
				v.SetStr(cut)
			}
		}
	}
	return false
}

// first returns the first n characters of a text.
func first(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// members does what is configured for members of activity.data.
func (w *work) members(data pcommon.Value) {
	if data.Type() == pcommon.ValueTypeStr && strings.HasPrefix(strings.TrimSpace(data.Str()), "{") {
		w.jsonMembers(data)
	}
	for path, action := range w.c.members {
		w.memberAt(data, path, action)
	}
}

// memberAt follows a path, of which each part may have dots itself, and which goes
// through all elements of a list.
func (w *work) memberAt(v pcommon.Value, path string, action *fieldAction) {
	switch v.Type() {
	case pcommon.ValueTypeSlice:
		for _, element := range v.Slice().All() {
			w.memberAt(element, path, action)
		}
		return
	case pcommon.ValueTypeMap:
	default:
		return
	}
	if member, ok := v.Map().Get(path); ok {
		if w.act(action, member) {
			v.Map().Remove(path)
		}
		return
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		if member, ok := v.Map().Get(path[:i]); ok {
			w.memberAt(member, path[i+1:], action)
		}
	}
}

// jsonMembers makes a map of data that came as JSON. What is none stays.
func (w *work) jsonMembers(data pcommon.Value) {
	decoder := json.NewDecoder(strings.NewReader(data.Str()))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil || decoder.More() {
		return
	}
	m := pcommon.NewValueMap()
	if m.Map().FromRaw(numbers(object).(map[string]any)) == nil {
		m.MoveTo(data)
	}
}

// numbers makes numbers of pdata of those of JSON, as far as they are exact, and
// text of the others.
func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		return activity.JSONNumber(v)
	case map[string]any:
		for key, element := range v {
			v[key] = numbers(element)
		}
	case []any:
		for i, element := range v {
			v[i] = numbers(element)
		}
	}
	return v
}
