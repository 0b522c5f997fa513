package plain

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
)

// Limits of one value, for those that are recorded by mistake.
const (
	maxDepth = 16
	maxNodes = 4096
)

// What stands in the place of a value that ends here.
const (
	tooLarge = "(too large to be recorded)"
	endless  = "(contains itself)"
)

// MoreKey is the member of a map that was cut: how many more members it had.
const MoreKey = "(more)"

// Of returns a deep copy of value that is plain, without secrets. It has at most 4,096
// members, 16 deep; a map that was cut has [MoreKey], and a list ends with "(7 more)".
// What has no plain form, or panics, is a text that says so.
func Of(value any) any {
	switch v := value.(type) { // mostly
	case nil, bool, int64, string:
		return v
	case int:
		return int64(v)
	}
	c := copier{nodes: maxNodes}
	return c.copy(reflect.ValueOf(value), maxDepth)
}

// copier copies one value and stops when it gets too deep or too large.
type copier struct {
	raw      bool // secrets as they are
	byFields bool
	nodes    int
	text     int // how many bytes of a text, 0 for all

	secrets int // how many there were
	on      []origin
}

func (c *copier) copy(v reflect.Value, depth int) any {
	if c.nodes--; c.nodes < 0 {
		return tooLarge
	}
	o := opener{c.raw, c.byFields}
	f := o.open(v)
	switch f.kind {
	case leaf:
		return c.cut(f.value)
	case hidden:
		c.secrets++
		return f.s.reveal()
	}
	if depth <= 1 {
		return tooLarge
	}
	if f.from.t != nil {
		if slices.Contains(c.on, f.from) {
			return endless
		}
		c.on = append(c.on, f.from)
		defer func() { c.on = c.on[:len(c.on)-1] }()
	}
	switch f.kind {
	case object:
		return c.copyFields(f, depth-1)
	case mapping:
		return c.copyMap(f.v, depth-1)
	}
	return c.copyList(f.v, depth-1)
}

func (c *copier) copyFields(f form, depth int) any {
	copied := make(map[string]any, len(f.info.fields))
	for i := range f.info.fields {
		field := &f.info.fields[i]
		if field.isOmitted(field.raw(f.v)) {
			continue
		}
		if c.nodes <= 0 {
			copied[MoreKey] = int64(len(f.info.fields) - i)
			break
		}
		copied[field.name] = c.copy(field.of(f.v), depth)
	}
	return copied
}

func (c *copier) copyMap(m reflect.Value, depth int) any {
	entries, ok := entriesOf(m)
	if !ok {
		return fmt.Sprintf("(%s cannot be recorded: it has no JSON form)", m.Type())
	}
	copied := make(map[string]any, min(len(entries), c.nodes+1))
	for i, e := range entries { // a map that is too large keeps the same keys each time
		if c.nodes <= 0 {
			copied[MoreKey] = int64(len(entries) - i)
			break
		}
		copied[e.key] = c.copy(e.value, depth)
	}
	return copied
}

// entry is an entry of a map.
type entry struct {
	key   string
	value reflect.Value
}

// entriesOf returns the entries of a map in the order of their keys. Without a text for
// a key, or with the same one for two, it is not ok.
func entriesOf(m reflect.Value) (entries []entry, ok bool) {
	entries = make([]entry, 0, m.Len())
	for it := m.MapRange(); it.Next(); {
		key, ok := keyText(it.Key())
		if !ok {
			return nil, false
		}
		entries = append(entries, entry{key, it.Value()})
	}
	sortEntries(entries)
	for i := 1; i < len(entries); i++ {
		if entries[i].key == entries[i-1].key {
			return nil, false
		}
	}
	return entries, true
}

func sortEntries(entries []entry) {
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
}

func (c *copier) copyList(v reflect.Value, depth int) any {
	n := v.Len()
	copied := make([]any, 0, min(n, c.nodes+1))
	for i := range n {
		if c.nodes <= 0 {
			return append(copied, fmt.Sprintf("(%d more)", n-i))
		}
		copied = append(copied, c.copy(v.Index(i), depth))
	}
	return copied
}

// cut cuts a text or bytes that are too long, and says how long they were.
func (c *copier) cut(value any) any {
	if c.text == 0 {
		return value
	}
	switch v := value.(type) {
	case string:
		if len(v) > c.text {
			end := c.text
			for end > 0 && v[end]&0xC0 == 0x80 { // not within a letter
				end--
			}
			return fmt.Sprintf("%s… (cut: %d bytes, %s)", v[:end], len(v), digest(v))
		}
	case []byte:
		if len(v) > c.text {
			return fmt.Sprintf("(%d bytes, %s)", len(v), digest(v))
		}
	}
	return value
}
