package redact

import (
	"context"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// work is the cleaning of one record.
type work struct {
	c        *Cleaner
	around   *work    // that of resource and scope
	lasting  int      // how many of replaced are the resource's
	keep     []string // e-mail addresses that are the actor's id or name
	replaced []change // values of fields that are not to be read elsewhere either
	keepBuf  [2]string

	subjects [2]string // id and name of the actor
	escapes  int       // how many escapes are around what is looked at

	sentences int // how many maps of sentences are around what is looked at

	// The keys of the record before, with their classes: records of one request
	// mostly have the same keys in the same order.
	keys  []knownKey
	depth int

	ctx     context.Context // until when there is time
	err     error           // of ctx
	scanned int             // bytes, since the last look at it
	isCut   bool            // something was cut since cut was last looked at
	cut     []string        // what was cut of the record, as [columnOf] names it
}

type knownKey struct {
	key   string
	class *keyClass
}

// begin makes the work one on another record.
func (w *work) begin() {
	w.keep, w.replaced, w.sentences, w.depth = w.keepBuf[:0], w.replaced[:0], 0, 0
	w.subjects, w.escapes = [2]string{}, 0
	w.isCut, w.cut = false, w.cut[:0]
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

// free is the class of text without a key.
var free = &keyClass{names: true, numbers: true, sentence: true}

// attributes cleans the values of a map, and its keys.
func (w *work) attributes(attrs pcommon.Map) {
	i, beside, renamed := 0, false, false
	w.depth++
	for key, v := range attrs.All() {
		k := w.class(i, key)
		i++
		w.member(k, v)
		if w.isCut && w.depth == 1 {
			w.cutIn(columnOf(key))
		}
		beside = beside || k.naming && v.Type() == pcommon.ValueTypeStr && w.c.secrets.has(v.Str())
		if k.name != key {
			renamed = true
		}
	}
	w.depth--
	if beside {
		w.maskBeside(attrs)
	}
	if renamed {
		w.rename(attrs)
	}
}

// rename gives entries whose keys tell a secret the rest of their keys. Of several
// that have the same name then the last one stays.
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

// maskValue masks all of a value. One that says nothing stays.
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

// text returns what is left of a text.
func (w *work) text(text string, k *keyClass) string {
	if text == "" {
		return text
	}
	tells := k.sentence || w.sentences > 0
	if len(text) < minText {
		return w.untold(text, tells)
	}
	s := look(text)
	if s.has(isPair) && (text[0] == '{' || text[0] == '[') {
		if cleaned, ok := w.json(text, tells); ok {
			return cleaned
		}
	}
	if changed := w.untold(text, tells); changed != text {
		text, s = changed, look(changed)
	}
	if s.has(isEscape) {
		text = w.unescaped(text, k)
	}
	if s.has(isPair) || s.option {
		text = w.pairs(text, s, tells)
	}
	return w.c.patterns.mask(text, s, k.names, k.numbers, w.keep)
}

// pairs masks what stands behind the keys of secrets.
func (w *work) pairs(text string, s signs, tells bool) string {
	cleaned := w.c.secrets.pairs(text, s)
	if !tells || cleaned == text {
		return cleaned
	}
	if who := w.subject(text); who != "" {
		return who + w.c.secrets.pairs(text[len(who):], s)
	}
	return cleaned
}

// minText is how long a text is at least that may hold a secret with its name, or
// an e-mail address: "a@b.de".
const minText = 5
