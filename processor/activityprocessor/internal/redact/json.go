package redact

import (
	"bytes"
	"encoding/json"
	"strings"
)

// json cleans a text that is JSON as what it says, not as what it looks like:
// escapes hide much. ok is false if it is none. One with nothing to clean stays
// byte for byte. tells says that it may say what fields said.
func (w *work) json(text string, tells bool) (cleaned string, ok bool) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil || decoder.More() {
		return "", false
	}
	if tells {
		w.sentences++
		defer func() { w.sentences-- }()
	}
	v, changed := w.anyValue("", v)
	if !changed {
		return text, true
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(v) != nil {
		return "", false
	}
	return strings.TrimSuffix(out.String(), "\n"), true
}

// anyValue cleans a value that stands behind a key, "" for none.
func (w *work) anyValue(key string, v any) (cleaned any, changed bool) {
	switch v := v.(type) {
	case nil, bool:
		return v, false
	case string:
		if w.c.secrets.has(key) && !isEmptyValue(v) {
			return Masked, true
		}
		cleaned := w.text(v, w.c.class(key))
		return cleaned, cleaned != v
	case json.Number:
		if w.c.secrets.has(key) || w.c.patterns.cards && maskCards(v.String()) != v.String() {
			return Masked, true
		}
		return v, false
	}
	if w.c.secrets.has(key) {
		return Masked, true
	}
	switch v := v.(type) {
	case []any:
		changed = w.list(v)
	case map[string]any:
		changed = w.object(v)
	}
	return v, changed
}

func (w *work) object(m map[string]any) (changed bool) {
	for key, element := range m {
		if name, isText := element.(string); isText && names[strings.ToLower(key)] && w.c.secrets.has(name) {
			changed = objectBeside(m) || changed
		}
	}
	for key, element := range m {
		cleaned, c := w.anyValue(key, element)
		name := w.c.class(key).name
		if name != key {
			delete(m, key)
		}
		if c || name != key {
			m[name], changed = cleaned, true
		}
	}
	return changed
}
