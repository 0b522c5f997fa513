package redact

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"
)

// text returns a text with its secrets masked.
func (w *work) text(text string, k *keyClass) string {
	if text == "" {
		return text
	}
	sentence := k.sentence || w.sentences > 0
	if len(w.location.secrets) > 0 {
		text = w.location.mask(text)
	}
	if len(text) < minText {
		return w.replacePrivate(text, sentence)
	}
	t := traitsOf(text)
	if t.has(isPair) && (text[0] == '{' || text[0] == '[') {
		if cleaned, ok := w.json(text, sentence); ok {
			return cleaned
		}
	}
	if changed := w.replacePrivate(text, sentence); changed != text {
		text, t = changed, traitsOf(changed)
	}
	if !t.has(suspect) && len(w.c.patterns.custom) == 0 {
		return text
	}
	if t.has(isEscape) {
		if changed := w.unescaped(text, k); changed != text {
			if count(text, isDigit) >= minCard { // the new escapes have digits of their own
				t |= hasCard
			}
			text = changed
		}
	}
	if t.has(isPair) || t.has(hasOption) {
		text = w.pairs(text, t, sentence)
	}
	return w.c.patterns.mask(text, t, k.names, k.numbers, w.keep)
}

func (c *Cleaner) class(key string) *keyClass {
	if k, ok := c.classes.get(key); ok {
		return k
	}
	k := &keyClass{
		field:    c.fields[key],
		secret:   !opaque[key] && c.secrets.has(key),
		address:  c.address.isOn() && addressKeys[key],
		names:    !identities[key],
		numbers:  !identities[key],
		opaque:   opaque[key],
		naming:   isNaming(key),
		sentence: isSentence(key),
		part:     partOf(key),
	}
	if !isVocabulary(key) && (len(key) >= minCard || strings.ContainsAny(key, "@= ")) {
		w := work{c: c}
		k.name = w.text(key, free)
	} else {
		k.name = key
	}
	k.renamed = k.name != key
	c.classes.put(key, k)
	return k
}

// minText is how long a text is at least that may hold a secret with its name, or
// an e-mail address: "a@b.de".
const minText = 5

// pairs masks the values after keys of secrets.
func (w *work) pairs(text string, t traits, sentence bool) string {
	cleaned := w.c.secrets.pairs(text, t)
	if !sentence || cleaned == text {
		return cleaned
	}
	if who := w.subject(text); who != "" {
		return who + w.c.secrets.pairs(text[len(who):], t)
	}
	return cleaned
}

// json cleans a text of JSON by its values, because escapes can hide a secret from the
// patterns. ok is false if it is not JSON. JSON without secrets is returned unchanged.
// sentence means that it may quote fields.
func (w *work) json(text string, sentence bool) (cleaned string, ok bool) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil || decoder.More() {
		return "", false
	}
	if sentence {
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

// anyValue cleans the value of a key, "" for a value without one.
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
		if w.c.secrets.has(key) || w.c.patterns.cards && maskCards(v.String(), w.keep) != v.String() {
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
		if name, isText := element.(string); isText && isNaming(key) && w.c.secrets.has(name) {
			changed = maskNamedJSON(m) || changed
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

// list is [work.slice] for JSON.
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

// maxEscapes is how often a text may be escaped for a URL within another.
const maxEscapes = 3

// unescaped decodes and cleans the parts of text that are escaped for a URL:
// ?next=https%3A%2F%2Fexample.com%2F%3Ftoken%3Dx. Parts without secrets are unchanged.
func (w *work) unescaped(text string, k *keyClass) string {
	if w.escapes == maxEscapes {
		return text
	}
	w.escapes++
	defer func() { w.escapes-- }()
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); {
		n := strings.IndexAny(text[i:], escapeStops)
		if n < 0 {
			n = len(text) - i
		}
		if cleaned, ok := w.unescapedPart(text[i:i+n], k); ok {
			out.WriteString(text[done:i])
			out.WriteString(cleaned)
			done = i + n
		}
		i += n + 1
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// escapeStops are the bytes between the parts of a URL, and around it.
const escapeStops = "&?=;#<>\"' \t\r\n"

func (w *work) unescapedPart(part string, k *keyClass) (cleaned string, ok bool) {
	if strings.IndexByte(part, '%') < 0 {
		return "", false
	}
	plain, err := url.QueryUnescape(part)
	if err != nil || plain == part || !utf8.ValidString(plain) {
		return "", false
	}
	if cleaned = w.text(plain, k); cleaned == plain {
		return "", false
	}
	return strings.ReplaceAll(url.QueryEscape(cleaned), "%2A", "*"), true
}
