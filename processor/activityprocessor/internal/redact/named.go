package redact

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// maskNamed masks the value next to the name of a secret in a map:
// {"name": "password", "value": "x"}, {"field": "password", "old": "x", "new": "y"}.
func (w *work) maskNamed(m pcommon.Map) {
	for key, v := range m.All() {
		if values[strings.ToLower(key)] {
			maskValue(v)
		}
	}
}

// maskValue masks a whole value. An empty value is not changed.
func maskValue(v pcommon.Value) {
	switch v.Type() {
	case pcommon.ValueTypeEmpty, pcommon.ValueTypeBool:
		return
	case pcommon.ValueTypeStr:
		if isEmptyValue(v.Str()) {
			return
		}
	}
	v.SetStr(Masked)
}

// maskNamedJSON is maskNamed for JSON. It reports whether it masked anything.
func maskNamedJSON(m map[string]any) (changed bool) {
	for key, v := range m {
		if !values[strings.ToLower(key)] {
			continue
		}
		if v, isText := v.(string); isText && isEmptyValue(v) {
			continue
		}
		if _, isBool := v.(bool); v == nil || isBool {
			continue
		}
		m[key], changed = Masked, true
	}
	return changed
}

// isBeforeSecret reports whether the next element of a list is a secret.
func (s *secretKeys) isBeforeSecret(text string) bool {
	if strings.HasPrefix(text, "-") && strings.IndexByte(text, '=') < 0 {
		return s.has(strings.TrimLeft(text, "-"))
	}
	return s.isHeader(text)
}
