package plain

import (
	"reflect"
	"slices"
	"strings"
)

// rule says how a value is recorded.
type rule uint8

const (
	show rule = iota
	hash
	mask
	leaveOut
)

// field is a member of a struct.
type field struct {
	name      string
	index     []int // through embedded structs
	rule      rule
	id        bool // it names the element of a list
	omitEmpty bool
	omitZero  bool

	depth int  // how many structs it is embedded in
	named bool // by a tag
}

// of returns the value of the field, as a secret if it is one. It is the zero Value behind
// an embedded nil pointer.
func (f *field) of(v reflect.Value) reflect.Value {
	v = f.raw(v)
	if f.rule != show && v.IsValid() {
		return reflect.ValueOf(secret{v, f.rule})
	}
	return v
}

// raw returns the value of the field as it is.
func (f *field) raw(v reflect.Value) reflect.Value {
	for i, at := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}
			}
			v = v.Elem()
		}
		v = v.Field(at)
	}
	return v
}

// isOmitted reports whether the JSON form of a struct lacks the field.
func (f *field) isOmitted(v reflect.Value) bool {
	if !v.IsValid() {
		return true
	}
	if f.omitZero {
		return isZero(v)
	}
	if !f.omitEmpty {
		return false
	}
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// isZero reports whether a value is zero, by its own word if it has one.
func isZero(v reflect.Value) bool {
	if v.IsZero() || !v.CanInterface() {
		return v.IsZero()
	}
	zero := false
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok {
		guard(v.Type(), func() any { zero = z.IsZero(); return nil })
	}
	return zero
}

// ruleOf returns what the tag "activity" of a field says. A word that is not known masks:
// a slip in a tag must not make a secret public.
func ruleOf(tag reflect.StructTag) (r rule, id bool) {
	for word := range strings.SplitSeq(tag.Get("activity"), ",") {
		switch strings.TrimSpace(word) {
		case "":
		case "id":
			id = true
		case "hash":
			r = max(r, hash)
		case "-":
			r = leaveOut
		default:
			r = max(r, mask)
		}
	}
	return r, id
}

// fieldsOf returns the members of a struct: those of encoding/json, by the same names, and
// those that only their tag "activity" brings in.
func fieldsOf(t reflect.Type) []field {
	all := embeddedFields(t)
	byName := map[string][]field{}
	for _, f := range all {
		byName[f.name] = append(byName[f.name], f)
	}
	fields := make([]field, 0, len(byName))
	for _, f := range all { // in their order
		if same := byName[f.name]; same != nil {
			if best, ok := dominant(same); ok {
				fields = append(fields, best)
			}
			delete(byName, f.name)
		}
	}
	return fields
}

// dominant returns the one of several fields of one name that encoding/json takes: the
// least embedded one, of those the one that a tag names. There may be none.
func dominant(fields []field) (f field, ok bool) {
	slices.SortStableFunc(fields, func(a, b field) int {
		if a.depth != b.depth {
			return a.depth - b.depth
		}
		if a.named != b.named && a.named {
			return -1
		}
		if a.named != b.named {
			return 1
		}
		return 0
	})
	if len(fields) > 1 && fields[0].depth == fields[1].depth && fields[0].named == fields[1].named {
		return field{}, false
	}
	return fields[0], true
}

// embedded is a struct within the one that is read.
type embedded struct {
	t     reflect.Type
	index []int
}

// embeddedFields returns all fields of a struct and of those embedded in it.
func embeddedFields(t reflect.Type) (all []field) {
	next := []embedded{{t: t}}
	seen := map[reflect.Type]bool{}
	for depth := 0; len(next) > 0; depth++ {
		level := next
		next = nil
		times := map[reflect.Type]int{}
		for _, e := range level {
			times[e.t]++
		}
		for _, e := range level {
			if seen[e.t] {
				continue
			}
			seen[e.t] = true
			for i := range e.t.NumField() {
				f, inner := readField(e, i, depth)
				if inner != nil {
					next = append(next, *inner)
				}
				if f == nil {
					continue
				}
				for range times[e.t] { // those of a struct embedded twice have no name of their own
					all = append(all, *f)
				}
			}
		}
	}
	return all
}

// readField returns the field i of e, or the embedded struct that it is, or neither.
func readField(e embedded, i, depth int) (*field, *embedded) {
	sf := e.t.Field(i)
	t := sf.Type
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	if !sf.IsExported() && (!sf.Anonymous || t.Kind() != reflect.Struct) {
		return nil, nil
	}
	r, id := ruleOf(sf.Tag)
	name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
	if r == leaveOut || sf.Tag.Get("json") == "-" && r == show && !id {
		return nil, nil
	}
	if sf.Tag.Get("json") == "-" {
		name = ""
	}
	index := append(slices.Clone(e.index), i)
	if sf.Anonymous && name == "" && r == show && t.Kind() == reflect.Struct {
		return nil, &embedded{t, index}
	}
	f := &field{name: name, index: index, rule: r, id: id && r != mask, depth: depth, named: name != ""}
	if name == "" {
		f.name = sf.Name
	}
	for option := range strings.SplitSeq(options, ",") {
		f.omitEmpty = f.omitEmpty || option == "omitempty"
		f.omitZero = f.omitZero || option == "omitzero"
	}
	return f, nil
}
