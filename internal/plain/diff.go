package plain

import (
	"reflect"
	"slices"

	"github.com/otelactivity/activitylog/activity"
)

// Limits of the changes between two values. A collector keeps 1,000 members of the data
// of an activity.
const (
	maxChanges  = 200     // how many are listed
	maxMembers  = 800     // of what is listed
	maxMember   = 200     // of one value
	maxText     = 4 << 10 // bytes of one text
	maxSize     = 128 << 10
	maxCompared = 1 << 18
)

// wholeValue is the path of a value that is no field.
const wholeValue = "(value)"

// Diff returns what differs between two values, by path, with both plain forms.
func Diff(before, after any) map[string][2]any {
	d := differ{opener: opener{byFields: true}, changes: map[string][2]any{}, members: maxMembers, size: maxSize}
	d.root(reflect.ValueOf(before), reflect.ValueOf(after))
	if d.more > 0 {
		d.changes[activity.MoreChangesKey] = [2]any{nil, int64(d.more)}
	}
	if d.unseen != "" {
		d.changes[activity.NotComparedKey] = [2]any{nil, d.unseen}
	}
	return d.changes
}

// differ compares two values.
type differ struct {
	opener
	changes map[string][2]any
	path    []byte
	on      [][2]origin // what is being compared

	compared int
	members  int // how many more may be listed
	size     int // how many more bytes
	more     int
	unseen   string
}

// root compares the values themselves. What did not exist differs in each of its fields.
func (d *differ) root(before, after reflect.Value) {
	b, a := d.open(before), d.open(after)
	switch {
	case b.kind == object && a.kind == leaf && a.value == nil:
		a = form{kind: object, v: reflect.Value{}, info: b.info}
		d.fields(b, a, maxDepth)
	case a.kind == object && b.kind == leaf && b.value == nil:
		b = form{kind: object, v: reflect.Value{}, info: a.info}
		d.fields(b, a, maxDepth)
	case b.isEmpty() && a.kind == mapping || a.isEmpty() && b.kind == mapping:
		d.entries(b, a, maxDepth)
	default:
		d.compare(before, after, maxDepth)
	}
}

// done counts a value, and reports whether there were too many.
func (d *differ) done() bool {
	d.compared++
	if d.compared > maxCompared {
		d.skip()
		return true
	}
	return false
}

// skip notes that the values at the path are not compared.
func (d *differ) skip() {
	if d.unseen == "" {
		d.unseen = d.pathText()
	}
}

func (d *differ) compare(before, after reflect.Value, depth int) {
	if d.done() || isSameBasic(before, after) {
		return
	}
	b, a := d.open(before), d.open(after)
	if !isDeep(&b) && !isDeep(&a) {
		if !equalLeaves(&b, &a) {
			d.change(before, after)
		}
		return
	}
	if b.from.t != nil && b.from == a.from {
		return // one and the same
	}
	if b.isEmpty() && a.isEmpty() {
		return
	}
	if b.isEmpty() || a.isEmpty() || !isDeep(&b) || !isDeep(&a) || (b.kind == list) != (a.kind == list) {
		d.change(before, after)
		return
	}
	if depth <= 1 {
		d.skip()
		return
	}
	pair := [2]origin{b.from, a.from}
	if pair != [2]origin{} {
		if slices.Contains(d.on, pair) {
			return
		}
		d.on = append(d.on, pair)
		defer func() { d.on = d.on[:len(d.on)-1] }()
	}
	switch {
	case b.kind == list:
		d.lists(b.v, a.v, depth-1)
	case b.kind == object && a.kind == object && b.v.Type() == a.v.Type():
		d.fields(b, a, depth-1)
	default:
		d.entries(b, a, depth-1)
	}
}

func isDeep(f *form) bool { return f.kind != leaf && f.kind != hidden }

// isSameBasic reports whether two numbers or texts of one type are equal: mostly they are.
func isSameBasic(b, a reflect.Value) bool {
	if !b.IsValid() || !a.IsValid() || b.Type() != a.Type() || !isBasic(b.Kind()) {
		return false
	}
	switch {
	case b.Kind() == reflect.String:
		return b.String() == a.String()
	case b.CanInt():
		return b.Int() == a.Int()
	case b.CanUint():
		return b.Uint() == a.Uint()
	case b.CanFloat():
		return b.Float() == a.Float()
	}
	return b.Bool() == a.Bool()
}

func equalLeaves(b, a *form) bool {
	if b.kind == hidden || a.kind == hidden {
		return Equal(b.compared(), a.compared())
	}
	if !b.at.IsZero() && !a.at.IsZero() {
		return b.at.Equal(a.at)
	}
	return Equal(b.value, a.value)
}

// compared returns what a leaf or a secret is compared by.
func (f *form) compared() any {
	if f.kind == hidden {
		return f.s.raw()
	}
	return f.value
}

// fields compares two structs of one type. One of them may not exist.
func (d *differ) fields(b, a form, depth int) {
	for i := range b.info.fields {
		f := &b.info.fields[i]
		var before, after reflect.Value
		if b.v.IsValid() {
			before = f.of(b.v)
		}
		if a.v.IsValid() {
			after = f.of(a.v)
		}
		end := d.enterName(f.name)
		d.compare(before, after, depth)
		d.path = d.path[:end]
		if d.compared > maxCompared {
			return
		}
	}
}

// entries compares maps, or structs of two types, by their names.
func (d *differ) entries(b, a form, depth int) {
	if b.size()+a.size() > 2*maxCompared-d.compared {
		d.skip()
		return
	}
	before, okBefore := b.entries()
	after, okAfter := a.entries()
	if !okBefore || !okAfter {
		d.skip()
		return
	}
	for len(before)+len(after) > 0 && d.compared <= maxCompared {
		var key string
		var vb, va reflect.Value
		first := len(after) == 0 || len(before) > 0 && before[0].key <= after[0].key
		if first {
			key, vb = before[0].key, before[0].value
		} else {
			key = after[0].key
		}
		if len(after) > 0 && after[0].key == key {
			va, after = after[0].value, after[1:]
		}
		if first {
			before = before[1:]
		}
		end := d.enterName(key)
		d.compare(vb, va, depth)
		d.path = d.path[:end]
	}
}

// size returns how many members a form has.
func (f *form) size() int {
	switch f.kind {
	case mapping, list:
		return f.v.Len()
	case object:
		return len(f.info.fields)
	}
	return 0
}

// entries returns the members of a struct or map in the order of their names.
func (f *form) entries() (entries []entry, ok bool) {
	if f.kind == mapping {
		return entriesOf(f.v)
	}
	if f.kind != object {
		return nil, true
	}
	for i := range f.info.fields {
		field := &f.info.fields[i]
		entries = append(entries, entry{field.name, field.of(f.v)})
	}
	sortEntries(entries)
	return entries, true
}

// lists compares two lists, by the ids of their elements or else by index.
func (d *differ) lists(b, a reflect.Value, depth int) {
	if before, after, places, ok := keysOf(b, a); ok {
		d.keyed(before, after, places, depth)
		return
	}
	for i := range max(b.Len(), a.Len()) {
		var before, after reflect.Value
		if i < b.Len() {
			before = b.Index(i)
		}
		if i < a.Len() {
			after = a.Index(i)
		}
		end := d.enterIndex(i)
		d.compare(before, after, depth)
		d.path = d.path[:end]
		if d.compared > maxCompared {
			return
		}
	}
}

// keyed compares the elements of lists with the same id: those there were, then new ones.
func (d *differ) keyed(before, after []element, places map[string]int, depth int) {
	for _, e := range before {
		var value reflect.Value
		if i, ok := places[e.key]; ok {
			value = after[i].value
			delete(places, e.key)
		}
		if !d.element(e, e.value, value, depth) {
			return
		}
	}
	for _, e := range after {
		if _, isNew := places[e.key]; isNew && !d.element(e, reflect.Value{}, e.value, depth) {
			return
		}
	}
}

// element compares an element of two lists, and reports whether to go on.
func (d *differ) element(e element, before, after reflect.Value, depth int) bool {
	end := d.enterKey(e.name, e.key)
	d.compare(before, after, depth)
	d.path = d.path[:end]
	return d.compared <= maxCompared
}

// change lists a change at the path, or counts it if there is no room.
func (d *differ) change(before, after reflect.Value) {
	if len(d.changes) >= maxChanges {
		d.more++
		return
	}
	b, a := d.copier(), d.copier()
	change := [2]any{b.copy(before, maxDepth), a.copy(after, maxDepth)}
	if b.secrets+a.secrets == 0 && Equal(change[0], change[1]) {
		return // one is empty, and the other has only members that are nil
	}
	members, size := 3, len(d.path)
	for _, value := range change {
		m, s := measure(value)
		members, size = members+m, size+s
	}
	if members > d.members || size > d.size {
		d.more++
		return
	}
	d.members -= members
	d.size -= size
	d.changes[d.pathText()] = change
}

func (d *differ) copier() copier {
	return copier{byFields: true, nodes: maxMember, text: maxText}
}

// measure returns how many members and how many bytes of text a plain value has.
func measure(value any) (members, size int) {
	switch v := value.(type) {
	case string:
		return 0, len(v)
	case []byte:
		return 0, len(v)
	case []any:
		for _, element := range v {
			m, s := measure(element)
			members, size = members+m+1, size+s
		}
	case map[string]any:
		for key, element := range v {
			m, s := measure(element)
			members, size = members+m+1, size+s+len(key)
		}
	}
	return members, size + 8
}
