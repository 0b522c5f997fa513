package redact

import (
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity/valuetext"
)

// attributes cleans the values of a map, and its keys.
func (w *work) attributes(attrs pcommon.Map) {
	i, named, renamed := 0, false, false
	known := w.keys[:w.classified]
	w.classified = 0
	w.depth++
	for key, v := range attrs.All() {
		var k *keyClass
		if i < len(known) {
			k = known[i].class
		} else {
			k = w.class(i, key)
		}
		i++
		if k.opaque {
			continue
		}
		if w.depth == inData && key == activity.ChangesKey {
			w.changes(v)
		}
		w.member(k, v)
		if w.isCut && w.depth == 1 {
			w.cutIn(columnOf(key))
		}
		named = named || k.naming && v.Type() == pcommon.ValueTypeStr && w.c.secrets.has(v.Str())
		renamed = renamed || k.renamed
	}
	w.depth--
	if named {
		w.maskNamed(attrs)
	}
	if renamed {
		w.rename(attrs)
	}
}

// inData is the depth of the members of activity.data.
const inData = 2

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
	if text := v.Str(); text != "" { // nearly always
		if cleaned := w.whole(text, k); cleaned != text {
			v.SetStr(cleaned)
		}
		return
	}
	switch v.Type() {
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
	if s := valuetext.Of(v); k.numbers && w.c.patterns.cards && maskCards(s, w.keep) != s {
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

// class returns the class of the key at index i of a map.
func (w *work) class(i int, key string) *keyClass {
	if w.depth > 1 {
		w.innerKeys++
		return w.inner.class(w.c, w.innerKeys-1, key)
	}
	return w.keys.class(w.c, i, key)
}

// knownKeys are the keys of the record before, in their order, with their classes:
// records of one request mostly have the same keys in the same order.
type knownKeys []knownKey

type knownKey struct {
	key   string
	class *keyClass
}

// class returns the class of a key that mostly is the one at index i.
func (known *knownKeys) class(c *Cleaner, i int, key string) *keyClass {
	if i < len(*known) && (*known)[i].key == key {
		return (*known)[i].class
	}
	return known.learn(c, i, key)
}

func (known *knownKeys) learn(c *Cleaner, i int, key string) *keyClass {
	k := knownKey{key, c.class(key)}
	switch {
	case i < len(*known):
		(*known)[i] = k
	case i == len(*known) && i < maxKeys:
		*known = append(*known, k)
	}
	return k.class
}

// maxKeys is how many keys of a record are remembered for the next.
const maxKeys = 64
