package redact

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/internal/identity/valuetext"
)

// fieldAction is the configured action for a field.
type fieldAction struct {
	action Action
	length int
	hasher *hasher
}

// value applies the action, and reports whether the field must be removed. A field
// without a value is not changed.
func (f *fieldAction) value(v pcommon.Value) (remove bool) {
	if v.Type() == pcommon.ValueTypeEmpty || valuetext.Of(v) == "" {
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
		v.SetStr(f.hasher.hash(valuetext.Of(v)))
	case truncate:
		if text := valuetext.Of(v); len(text) > f.length {
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
