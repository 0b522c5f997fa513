package redact

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// maskBeside masks what stands beside the name of a secret in a map:
// {"name": "password", "value": "x"}, {"field": "password", "old": "x", "new": "y"}.
func (w *work) maskBeside(m pcommon.Map) {
	for key, v := range m.All() {
		if values[strings.ToLower(key)] {
			maskValue(v)
		}
	}
}

// objectBeside does so in JSON.
func objectBeside(m map[string]any) (changed bool) {
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

// slice cleans a list. In a command line what follows --password is a secret, in a
// list of headers what follows Cookie.
func (w *work) slice(list pcommon.Slice, k *keyClass) {
	secret := false
	for _, v := range list.All() {
		if secret {
			maskValue(v)
			secret = false
			continue
		}
		secret = v.Type() == pcommon.ValueTypeStr && w.c.secrets.isBeforeSecret(v.Str())
		w.value(v, k)
	}
}

// list does so in JSON.
func (w *work) list(v []any) (changed bool) {
	secret := false
	for i, element := range v {
		text, isText := element.(string)
		if secret && isText && !isEmptyValue(text) {
			v[i], changed, secret = Masked, true, false
			continue
		}
		secret = isText && w.c.secrets.isBeforeSecret(text)
		cleaned, c := w.anyValue("", element)
		v[i], changed = cleaned, changed || c
	}
	return changed
}

// isBeforeSecret reports whether an element of a list says that the next is a secret.
func (s *secretKeys) isBeforeSecret(text string) bool {
	if strings.HasPrefix(text, "-") && strings.IndexByte(text, '=') < 0 {
		return s.has(strings.TrimLeft(text, "-"))
	}
	return s.isHeader(text)
}
