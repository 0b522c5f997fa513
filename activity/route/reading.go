package route

import "strings"

// maxLevels bounds how many objects are read from one path: the object, what it belongs
// to, and so on. Outer ones are dropped.
const maxLevels = 6

// level is one object that a route names.
type level struct {
	kind    string // its type, "" if that is not known
	value   int    // which token holds its id, -1 if none does
	guessed bool
}

// reading is what the words of a route say. The last level is the object, and those
// before are what it belongs to.
type reading struct {
	list   []token
	tail   int // where the literals after the last parameter begin
	levels [maxLevels]level
	n      int

	verb  string // a verb before the id: "delete" of "/articles/delete/{id}"
	sense sense  // of the verb
}

// read reads a route up to the literals at its end, whose meaning depends on the method.
func read(list []token) reading {
	r := reading{list: list}
	for r.tail < len(list) {
		values := r.tail
		for values < len(list) && list[values].isLiteral() {
			values++
		}
		if values == len(list) {
			break
		}
		end := values
		for end < len(list) && !list[end].isLiteral() {
			end++
		}
		kind, guessed := r.literals(list[r.tail:values])
		r.values(kind, guessed, values, end)
		r.tail = end
	}
	return r
}

func (r *reading) push(kind string, value int, guessed bool) {
	if value >= 0 {
		t := &r.list[value]
		guessed = guessed || t.guessed
		if t.segment != nil && isSecret(t.segment.name) {
			value = -1
		}
	}
	if r.n == maxLevels {
		copy(r.levels[:], r.levels[1:])
		r.n--
	}
	r.levels[r.n] = level{kind, value, guessed}
	r.n++
}

// object returns the innermost level, the zero level if there is none.
func (r *reading) object() level {
	if r.n == 0 {
		return level{value: -1}
	}
	return r.levels[r.n-1]
}

// literals returns the type that the literals before a parameter name. A verb among them
// is kept: "/articles/delete/{id}", "/delete/articles/{id}".
func (r *reading) literals(list []token) (kind string, guessed bool) {
	if len(list) > 1 && r.n == 0 {
		if m := list[0].meaning(); m.object == "" && (m.sense == updates || m.sense == deletes) {
			r.verb, r.sense = list[0].text, m.sense
			list = list[1:]
		}
	}
	if n := len(list); n > 0 {
		m := list[n-1].meaning()
		if m.isAct() && m.object == "" && (m.sense < acts && n > 1 || m.sense == updates || m.sense == deletes || n > 1 && isPlural(list[n-2].text)) {
			r.verb, r.sense = list[n-1].text, m.sense
			list = list[:n-1]
		}
	}
	if len(list) == 0 {
		return "", false
	}
	last := &list[len(list)-1]
	if last.guessed && !isWord(last.text) {
		return "", true
	}
	return typeOf(last.text), last.guessed
}

// values reads the parameters from start to end, which follow a literal that names a
// type, or which no such literal precedes.
func (r *reading) values(kind string, guessed bool, start, end int) {
	if kind == "" {
		r.named(start, end)
		return
	}
	id := r.idAmong(kind, start, end)
	if id < 0 {
		r.push(kind, -1, guessed)
		return
	}
	r.before(start, id)
	r.push(kind, id, guessed)
	for i := id + 1; i < end; i++ {
		r.after(i)
	}
}

// named reads parameters that only their names describe: "/{owner}/{repo}".
func (r *reading) named(start, end int) {
	before := r.n
	for i := start; i < end; i++ {
		s := r.list[i].segment
		switch {
		case s == nil:
			if r.n > 0 {
				r.push("", i, false)
			}
		case s.isView(), s.isNarrow() && i+1 < end, s.optional && r.n > before:
		case objectOf(s.name) != "":
			r.push(objectOf(s.name), i, false)
		case r.n > 0:
			r.push("", i, false)
		}
	}
}

// before reads the parameters before the id of an object: what the object belongs to, if
// their names say it.
func (r *reading) before(start, id int) {
	for i := start; i < id; i++ {
		if s := r.list[i].segment; s != nil && !s.optional && !s.isNarrow() && objectOf(s.name) != "" {
			r.push(objectOf(s.name), i, false)
		}
	}
}

// after reads a value that follows the id of an object.
func (r *reading) after(i int) {
	s := r.list[i].segment
	switch {
	case s == nil, s.rest:
		r.push("", i, false)
	case s.optional, s.isView(), s.isNarrow():
	case objectOf(s.name) != "":
		r.push(objectOf(s.name), i, false)
	}
}

// idAmong returns which of the values from start to end holds the id of an object of that
// type, -1 if none does.
func (r *reading) idAmong(kind string, start, end int) int {
	id := -1
	for i := start; i < end; i++ {
		s := r.list[i].segment
		switch {
		case s == nil:
			if id < 0 {
				id = i
			}
			continue
		case s.namesID(kind):
			return r.lastNamed(kind, i, end)
		case s.isView():
			continue
		}
		if id < 0 || !s.optional && r.list[id].segment != nil {
			if s.rest && id >= 0 {
				continue
			}
			id = i
		}
	}
	if id >= 0 && isDate(r.list[start:end]) {
		return -1
	}
	return id
}

func (r *reading) lastNamed(kind string, first, end int) int {
	id := first
	for i := first + 1; i < end; i++ {
		if s := r.list[i].segment; s != nil && s.namesID(kind) {
			id = i
		}
	}
	return id
}

// isDate reports whether the values begin with a year and a month, as in a blog.
func isDate(values []token) bool {
	return len(values) > 1 && values[0].id && len(values[0].text) == 4 && values[1].id && len(values[1].text) <= 2 &&
		(strings.HasPrefix(values[0].text, "19") || strings.HasPrefix(values[0].text, "20"))
}
