package plain

import (
	"iter"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a path, in bytes. A collector does not look for the names of secrets in keys
// of more than 200 bytes.
const (
	maxName = 64
	maxPath = 190
)

// enterName appends the name of a member to the path, and returns how long the path was.
func (d *differ) enterName(name string) (end int) {
	end = len(d.path)
	name = shortName(name)
	if isWord(name) {
		if end > 0 {
			d.path = append(d.path, '.')
		}
		d.path = append(d.path, name...)
		return end
	}
	d.path = append(d.path, '[')
	d.path = strconv.AppendQuote(d.path, name)
	d.path = append(d.path, ']')
	return end
}

// enterIndex appends the index of an element.
func (d *differ) enterIndex(i int) (end int) {
	end = len(d.path)
	d.path = append(d.path, '[')
	d.path = strconv.AppendInt(d.path, int64(i), 10)
	d.path = append(d.path, ']')
	return end
}

// enterKey appends the id of an element: [id=7].
func (d *differ) enterKey(name, key string) (end int) {
	end = len(d.path)
	d.path = append(d.path, '[')
	d.path = append(d.path, name...)
	d.path = append(d.path, '=')
	if key = shortName(key); isWord(key) {
		d.path = append(d.path, key...)
	} else {
		d.path = strconv.AppendQuote(d.path, key)
	}
	d.path = append(d.path, ']')
	return end
}

// pathText returns the path. Of one that is too long, the beginning is its digest.
func (d *differ) pathText() string {
	path := string(d.path)
	switch {
	case path == "":
		return wholeValue
	case len(path) <= maxPath:
		return path
	}
	rest := path[len(path)-maxPath/2:]
	if i := strings.IndexAny(rest, ".["); i >= 0 {
		rest = rest[i:]
	} else {
		rest = strings.ToValidUTF8(rest, "")
	}
	return "(" + digest(path) + ")" + rest
}

// shortName returns a name, or its beginning and its digest if it is long.
func shortName(name string) string {
	if len(name) <= maxName {
		return name
	}
	return strings.ToValidUTF8(name[:maxName/2], "") + "… " + digest(name)
}

// isWord reports whether a name needs no quotation marks in a path.
func isWord(name string) bool {
	for _, r := range name {
		if r == utf8.RuneError || r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return name != ""
}

// element is an element of a list that has an id.
type element struct {
	name, key string
	value     reflect.Value
}

// keysOf returns the elements of two lists with their ids, and the places of those after
// by id. It is not ok if one has no id, or two of a list have the same one.
func keysOf(b, a reflect.Value) (before, after []element, places map[string]int, ok bool) {
	if before, _, ok = elementsOf(b); !ok {
		return nil, nil, nil, false
	}
	after, places, ok = elementsOf(a)
	return before, after, places, ok
}

func elementsOf(v reflect.Value) (all []element, places map[string]int, ok bool) {
	n := v.Len()
	if n == 0 || n > maxCompared || !mayHaveID(v.Type().Elem()) {
		return nil, nil, false
	}
	if _, ok := elementOf(v.Index(0)); !ok {
		return nil, nil, false
	}
	all, places = make([]element, n), make(map[string]int, n)
	for i := range n {
		if all[i], ok = elementOf(v.Index(i)); !ok {
			return nil, nil, false
		}
		places[all[i].key] = i
	}
	return all, places, len(places) == n
}

// mayHaveID reports whether elements of a type may have an id.
func mayHaveID(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Interface || t.Kind() == reflect.Struct && (infoOf(t).id != nil || t == keyedType)
}

func elementOf(v reflect.Value) (e element, ok bool) {
	if k, is := keyedOf(v); is {
		return element{k.Name, k.Key, v}, true
	}
	f := (&opener{byFields: true}).open(v)
	if f.kind != object || f.info.id == nil {
		return e, false
	}
	id := f.info.id
	inner := (&opener{}).open(id.of(f.v))
	value := inner.value
	if inner.kind == hidden {
		value = inner.s.reveal()
	}
	key, ok := scalarText(value)
	return element{id.name, key, v}, ok && key != ""
}

// Keyed is an element of a list with an id of its own.
type Keyed struct {
	Name, Key string // [Name=Key]
	Value     any
}

var keyedType = reflect.TypeFor[Keyed]()

func keyedOf(v reflect.Value) (k Keyed, ok bool) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.IsValid() && v.Type() == keyedType {
		k, ok = v.Interface().(Keyed)
	}
	return k, ok
}

// Names returns the names of members in the path of a change: "items" and "price" of
// "items[id=7].price". It takes any text for a path.
func Names(path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for path != "" {
			name := ""
			if path[0] == '[' {
				name, path = bracket(path[1:])
			} else {
				path = strings.TrimPrefix(path, ".")
				end := strings.IndexAny(path, ".[")
				if end < 0 {
					end = len(path)
				}
				name, path = path[:end], path[end:]
			}
			if name != "" && !yield(name) {
				return
			}
		}
	}
}

// bracket reads what follows a bracket up to its end: a name in quotation marks, or else
// the index or id of an element, which is no name.
func bracket(path string) (name, rest string) {
	id := ""
	if path != "" && path[0] != '"' {
		end := strings.IndexAny(path, "=]")
		id, path = path[:max(end, 0)], path[max(end, 0):]
		path = strings.TrimPrefix(path, "=")
	}
	if quoted, err := strconv.QuotedPrefix(path); err == nil {
		path = path[len(quoted):]
		if id == "" {
			name, _ = strconv.Unquote(quoted)
		}
	}
	_, rest, _ = strings.Cut(path, "]")
	return name, rest
}
