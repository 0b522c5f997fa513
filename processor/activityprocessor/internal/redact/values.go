package redact

import (
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// attributes cleans the values of a map, and its keys.
func (w *work) attributes(attrs pcommon.Map) {
	i, named, renamed := 0, false, false
	w.depth++
	for key, v := range attrs.All() {
		k := w.class(i, key)
		i++
		w.member(k, v)
		if w.isCut && w.depth == 1 {
			w.cutIn(columnOf(key))
		}
		named = named || k.naming && v.Type() == pcommon.ValueTypeStr && w.c.secrets.has(v.Str())
		if k.name != key {
			renamed = true
		}
	}
	w.depth--
	if named {
		w.maskNamed(attrs)
	}
	if renamed {
		w.rename(attrs)
	}
}

// rename masks secrets in the keys of entries. If several entries then have the same key,
// the last one is kept.
func (w *work) rename(attrs pcommon.Map) {
	var order []string
	values := map[string]pcommon.Value{}
	attrs.RemoveIf(func(key string, v pcommon.Value) bool {
		name := w.c.class(key).name
		if name == key {
			return false
		}
		moved, known := values[name]
		if !known {
			moved = pcommon.NewValueEmpty()
			values[name] = moved
			order = append(order, name)
		}
		v.MoveTo(moved)
		return true
	})
	for _, name := range order {
		values[name].MoveTo(attrs.PutEmpty(name))
	}
}

func (w *work) member(k *keyClass, v pcommon.Value) {
	switch {
	case k.opaque:
	case k.secret:
		maskValue(v)
	case k.address && v.Type() == pcommon.ValueTypeStr:
		setText(v, w.c.address.generalise(w.cutAddress(v.Str())))
	case k.address && v.Type() == pcommon.ValueTypeSlice:
		for _, element := range v.Slice().All() {
			if element.Type() == pcommon.ValueTypeStr {
				setText(element, w.c.address.generalise(w.cutAddress(element.Str())))
			}
		}
	default:
		w.value(v, k)
	}
}

// setText writes a text that has changed.
func setText(v pcommon.Value, text string) {
	if v.Str() != text {
		v.SetStr(text)
	}
}

func (w *work) value(v pcommon.Value, k *keyClass) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		setText(v, w.whole(v.Str(), k))
	case pcommon.ValueTypeMap:
		if k.sentence {
			w.sentences++
			defer func() { w.sentences-- }()
		}
		w.attributes(v.Map())
	case pcommon.ValueTypeSlice:
		w.slice(v.Slice(), k)
	case pcommon.ValueTypeBytes:
		if raw := string(v.Bytes().AsRaw()); utf8.ValidString(raw) {
			if cleaned := w.whole(raw, k); cleaned != raw {
				v.Bytes().FromRaw([]byte(cleaned))
			}
		}
	case pcommon.ValueTypeInt:
		if v.Int() >= leastCard {
			w.number(v, k)
		}
	case pcommon.ValueTypeDouble:
		if v.Double() >= leastCard {
			w.number(v, k)
		}
	}
}

// leastCard is the least number of 13 digits.
const leastCard = 1_000_000_000_000

func (w *work) number(v pcommon.Value, k *keyClass) {
	if s := v.AsString(); k.numbers && w.c.patterns.cards && maskCards(s) != s {
		v.SetStr(Masked)
	}
}

// slice cleans a list. The element after --password in a command line is a secret,
// and so is the one after Cookie in a list of headers.
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

// class returns the class of the key at index i of a record.
func (w *work) class(i int, key string) *keyClass {
	if w.depth > 1 || i >= maxKeys {
		return w.c.class(key)
	}
	if i < len(w.keys) && w.keys[i].key == key {
		return w.keys[i].class
	}
	k := knownKey{key, w.c.class(key)}
	if i < len(w.keys) {
		w.keys[i] = k
	} else if i == len(w.keys) {
		w.keys = append(w.keys, k)
	}
	return k.class
}

// maxKeys is how many keys of a record are remembered for the next.
const maxKeys = 64
