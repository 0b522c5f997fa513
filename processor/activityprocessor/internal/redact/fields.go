package redact

import (
	"encoding/json"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity/valuetext"
)

func (w *work) hasFields() bool { return len(w.c.fields)+len(w.c.members) > 0 }

// fields applies the configured actions to the attributes of a record, or of its events,
// links, scope or resource.
func (w *work) fields(attrs pcommon.Map) {
	if !w.hasFields() {
		return
	}
	start := len(w.replaced)
	attrs.RemoveIf(func(key string, v pcommon.Value) bool {
		f := w.c.class(key).field
		return f != nil && w.act(f, v)
	})
	if changes := w.replaced[start:]; len(changes) > 0 {
		attrs.RemoveIf(func(key string, v pcommon.Value) bool { return w.c.related[key] && applySame(changes, v) })
	}
	if len(w.c.members) == 0 {
		return
	}
	if data, ok := attrs.Get(activity.DataKey); ok {
		w.members(data)
	}
}

// applySame applies to an attribute the action of another one that had the same value.
func applySame(changes []change, v pcommon.Value) (remove bool) {
	if v.Type() != pcommon.ValueTypeStr {
		return false
	}
	for _, ch := range changes {
		if ch.action != nil && v.Str() == ch.before {
			return ch.action.value(v)
		}
	}
	return false
}

// act applies the action of a field, and remembers its value.
func (w *work) act(f *fieldAction, v pcommon.Value) (remove bool) {
	all := texts(nil, v)
	remove = f.value(v)
	for _, before := range all {
		after := pcommon.NewValueStr(before)
		if f.value(after); f.action == drop {
			after.SetStr(Masked)
		}
		if before != "" && before != after.Str() {
			w.remember(change{before, after.Str(), f})
		}
	}
	return remove
}

// texts appends the text of v, or of each element if it is a list.
func texts(all []string, v pcommon.Value) []string {
	if v.Type() != pcommon.ValueTypeSlice {
		return append(all, valuetext.Of(v))
	}
	for _, element := range v.Slice().All() {
		all = texts(all, element)
	}
	return all
}

// members applies the configured actions to members of activity.data.
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

// jsonMembers converts data that is a text of JSON to a map. Other data is not changed.
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

// numbers converts numbers of JSON to numbers of pdata if that is exact, and to text if
// not.
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

// addresses remembers the addresses to shorten, so that they are also shortened in
// sentences.
func (w *work) addresses(attrs pcommon.Map) {
	for key, v := range attrs.All() {
		if !addressKeys[key] {
			continue
		}
		for _, list := range texts(nil, v) {
			for part := range strings.FieldsFuncSeq(list, betweenAddresses) {
				if len(w.replaced) >= maxChanges {
					return
				}
				before := hostOf(part)
				if after := w.c.address.one(before); after != before {
					w.remember(change{before: before, after: after})
				}
			}
		}
	}
}
