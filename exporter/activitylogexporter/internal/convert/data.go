package convert

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

const (
	// RepairedKey is the key in data that lists the columns whose text was
	// changed because no database could have stored it as it came: each NUL
	// and each byte that is not UTF-8 is U+FFFD there.
	RepairedKey = "activity.repaired"

	// valueKey holds the value of activity.data if that is not an object.
	valueKey = "value"
)

// notes are what was done to the columns of a row.
type notes struct {
	repaired []string // names of columns
	cut      []cutText
}

// data writes the JSON object of the column data: the id of the batch, what came as activity.data,
// the configured further attributes, the identifier and the status that it
// came with if they had to be replaced, and the lists of repaired and of cut
// columns. Without any of these it is {}.
func (c *Converter) data(o *object, m *maker, n notes) {
	o.reset()
	o.open()
	o.ofCollector(m)
	cut := namesOfCut(m, n.cut)
	if len(cut) > 0 {
		o.first(activity.CutKey) // it is written last, and by nobody else
	}
	if m.batch != (pcommon.Value{}) {
		o.value(activity.BatchIDName, m.batch)
	}
	if m.data != (pcommon.Value{}) {
		o.reserve(m, n.cut)
		o.declared(m.data)
	}
	for _, key := range c.DataAttributes {
		if v, ok := m.lookup(key); ok && key != RepairedKey { // that is ours
			o.value(key, v)
		}
	}
	for _, original := range m.originals() {
		if original[1] != "" && o.first(original[0]) {
			o.key(original[0])
			o.string(original[1])
		}
	}
	for _, c := range n.cut {
		o.whole(c)
	}
	if o.repaired {
		n.repaired = append(n.repaired, row.Names[row.Data])
	}
	o.list(RepairedKey, n.repaired)
	o.list(activity.CutKey, cut)
	o.buf = append(o.buf, '}')
}

// originals returns what a record came with and was replaced, "" where nothing was.
func (m *maker) originals() [3][2]string {
	return [...][2]string{{activity.OriginalIDKey, m.id}, {activity.ClaimedTimeKey, m.claimed}, {activity.OriginalStatusKey, m.status}}
}

// reserve keeps the keys of what the exporter itself says of this row, before the
// members that the record brings. See [object.ownName].
func (o *object) reserve(m *maker, cut []cutText) {
	o.noted = append(o.noted, RepairedKey)
	if m.batch != (pcommon.Value{}) {
		o.noted = append(o.noted, activity.BatchIDName)
	}
	for _, original := range m.originals() {
		if original[1] != "" {
			o.noted = append(o.noted, original[0])
		}
	}
	for _, c := range cut {
		o.noted = append(o.noted, keys[c.column])
	}
}

// list writes a list of names of columns, unless it is empty.
func (o *object) list(key string, names []string) {
	if len(names) == 0 {
		return
	}
	o.key(key)
	text, _ := json.Marshal(names) // strings: cannot fail
	o.buf = append(o.buf, text...)
}

// object writes JSON objects, one after the other.
type object struct {
	buf      []byte
	keys     []string        // of the outermost object: a key is written once
	many     map[string]bool // the same, once there are too many for a list
	sorted   []entry         // a stack: of each open map, the entries in their order
	noted    []string        // keys of what the exporter itself says of this row
	repaired bool
}

// entry is one of a map.
type entry struct {
	key   string // repaired
	value pcommon.Value
	index int // in the map, higher for a key that was repaired
}

// reset makes it ready for the next object.
func (o *object) reset() {
	*o = object{buf: o.buf, keys: o.keys[:0], sorted: o.sorted[:0], noted: o.noted[:0]}
}

func (o *object) open() { o.buf = append(o.buf, '{') }

// declared writes the entries of activity.data, which is a map or a string that
// holds a JSON object; anything else is kept under "value".
func (o *object) declared(v pcommon.Value) {
	switch v.Type() {
	case pcommon.ValueTypeMap:
		o.expect(v.Map().Len())
		o.each(v.Map(), func(key string, v pcommon.Value) { o.value(o.ownName(key), v) })
		return
	case pcommon.ValueTypeStr:
		if o.text(v.Str()) {
			return
		}
	}
	o.value(valueKey, v)
}

// text writes the entries of s if it holds a JSON object. It is parsed and
// rewritten, since not all that JSON allows (\u0000, half of a surrogate pair)
// is allowed in every database; numbers stay as they are written.
func (o *object) text(s string) bool {
	if !strings.HasPrefix(strings.TrimLeft(s, " \t\r\n"), "{") {
		return false
	}
	decoder := json.NewDecoder(strings.NewReader(s))
	decoder.UseNumber()
	var parsed map[string]any
	if decoder.Decode(&parsed) != nil || decoder.More() {
		return false
	}
	o.repairKeys(parsed)
	o.expect(len(parsed))
	for _, key := range slices.Sorted(maps.Keys(parsed)) {
		if own := o.ownName(key); o.first(own) {
			o.key(own)
			o.raw(parsed[key])
		}
	}
	return true
}

// repairKeys repairs the keys of an object. Where that makes two of them alike, the
// one that needed no repair keeps its value.
func (o *object) repairKeys(m map[string]any) {
	var broken []string
	for key := range m {
		if _, changed := row.Repair(key); changed {
			broken = append(broken, key)
		}
	}
	slices.Sort(broken)
	for _, key := range broken {
		fixed := repaired(key)
		if _, known := m[fixed]; !known {
			m[fixed] = m[key]
		}
		delete(m, key)
	}
	o.repaired = o.repaired || len(broken) > 0
}

// raw writes what [json.Decoder] made.
func (o *object) raw(v any) {
	switch v := v.(type) {
	case string:
		o.string(v)
	case []any:
		o.buf = append(o.buf, '[')
		for i, element := range v {
			if i > 0 {
				o.buf = append(o.buf, ',')
			}
			o.raw(element)
		}
		o.buf = append(o.buf, ']')
	case map[string]any:
		o.repairKeys(v)
		o.open()
		for _, key := range slices.Sorted(maps.Keys(v)) {
			o.key(key)
			o.raw(v[key])
		}
		o.buf = append(o.buf, '}')
	case json.Number:
		o.number(v.String())
	default: // nil, bool
		text, _ := json.Marshal(v) // cannot fail
		o.buf = append(o.buf, text...)
	}
}

// longestNumber is how many characters a number may have to be written as one.
const longestNumber = 1000

// number writes a number as it came, or as a text if some database could not store
// it: MySQL takes none that is too large for a float64, and PostgreSQL none with tens
// of thousands of digits before or after the point, as 1e-20000 has.
func (o *object) number(text string) {
	f, err := strconv.ParseFloat(text, 64)
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	vanishes := f == 0 && strings.ContainsAny(mantissa, "123456789")
	if err != nil || vanishes || len(text) > longestNumber {
		o.string(text)
		return
	}
	o.buf = append(o.buf, text...)
}

// each calls do with the entries of m in the order of their keys, each once, so
// that one activity gives one text, whichever way its map came.
func (o *object) each(m pcommon.Map, do func(string, pcommon.Value)) {
	start := len(o.sorted)
	for key, value := range m.All() {
		fixed, changed := row.Repair(key)
		e := entry{fixed, value, len(o.sorted)}
		if changed {
			e.index += m.Len() // after the key that needed no repair
			o.repaired = true
		}
		o.sorted = append(o.sorted, e)
	}
	entries := o.sorted[start:]
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(strings.Compare(a.key, b.key), a.index-b.index)
	})
	for i := range entries {
		if i > 0 && entries[i].key == entries[i-1].key {
			continue
		}
		do(entries[i].key, entries[i].value)
	}
	clear(entries) // they point into the request
	o.sorted = o.sorted[:start]
}

// member writes an entry of an inner object.
func (o *object) member(key string, v pcommon.Value) {
	o.key(key)
	o.json(v)
}

func (o *object) value(key string, v pcommon.Value) {
	if o.first(key) {
		o.key(key)
		o.json(v)
	}
}

// first reports whether the outermost object has no such key yet, and notes it.
func (o *object) first(key string) bool {
	if o.many == nil && len(o.keys) < fewKeys {
		if slices.Contains(o.keys, key) {
			return false
		}
		o.keys = append(o.keys, key)
		return true
	}
	o.expect(len(o.keys))
	known := len(o.many)
	o.many[key] = true
	return len(o.many) > known
}

// expect makes room for so many keys more.
func (o *object) expect(n int) {
	if o.many != nil || len(o.keys)+n < fewKeys {
		return
	}
	o.many = make(map[string]bool, len(o.keys)+n)
	for _, known := range o.keys {
		o.many[known] = true
	}
}

// fewKeys is how many keys are quicker looked for in a list than in a map.
const fewKeys = 32

// key writes a key of the innermost open object and the comma before it.
func (o *object) key(key string) {
	if o.buf[len(o.buf)-1] != '{' {
		o.buf = append(o.buf, ',')
	}
	o.string(key)
	o.buf = append(o.buf, ':')
}

func (o *object) json(v pcommon.Value) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		o.string(v.Str())
	case pcommon.ValueTypeBool:
		o.buf = strconv.AppendBool(o.buf, v.Bool())
	case pcommon.ValueTypeInt:
		o.buf = strconv.AppendInt(o.buf, v.Int(), 10)
	case pcommon.ValueTypeDouble:
		o.double(v.Double())
	case pcommon.ValueTypeBytes:
		o.string(base64.StdEncoding.EncodeToString(v.Bytes().AsRaw()))
	case pcommon.ValueTypeSlice:
		o.buf = append(o.buf, '[')
		for i, element := range v.Slice().All() {
			if i > 0 {
				o.buf = append(o.buf, ',')
			}
			o.json(element)
		}
		o.buf = append(o.buf, ']')
	case pcommon.ValueTypeMap:
		o.open()
		o.each(v.Map(), o.member)
		o.buf = append(o.buf, '}')
	default:
		o.buf = append(o.buf, "null"...)
	}
}

// double writes a number; what JSON has no number for becomes a string.
func (o *object) double(f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		o.string(strconv.FormatFloat(f, 'g', -1, 64))
		return
	}
	o.buf = strconv.AppendFloat(o.buf, f, 'g', -1, 64)
}

func (o *object) string(s string) {
	s, changed := row.Repair(s)
	o.repaired = o.repaired || changed
	o.buf = row.AppendString(o.buf, s)
}
