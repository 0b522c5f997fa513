package route

import (
	"net/http"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// maxLevels bounds how many objects are read from one path: the object, what it belongs
// to, and so on. Outer ones are dropped.
const maxLevels = 6

// level is one object that a route names.
type level struct {
	kind       string // its type, "" if that is not known
	value      int    // which token holds its id, -1 if none does
	identified bool   // it has an id, which may be a secret
	guessed    bool
}

// reading is what the words of a route say. The last level is the object, and those
// before are what it belongs to.
type reading struct {
	list   []token
	method string
	tail   int // where the literals after the last parameter begin
	levels [maxLevels]level
	n      int

	verb  string // a verb before the id: "delete" of "/articles/delete/{id}"
	sense sense  // of the verb
}

// read reads a route up to the literals at its end.
func read(list []token, method string) reading {
	r := reading{list: list, method: method, tail: beginning(list)}
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
		if verb := &list[r.tail]; values == r.tail+1 && r.isArgument(verb, values) {
			r.verb, r.sense = verb.text, acts // the act is on the object before
			if verb.meaning().sense == reads {
				r.sense = reads
			}
		} else if i := relationIn(list[r.tail:values]); i >= 0 && r.n > 0 {
			relation := &list[r.tail+i]
			r.push(typeOf(relation.text), -1, relation.guessed) // "/users/{id}/role-mappings/clients/{client}"
		} else if r.isHeld(list[r.tail:values], values) {
			holder, verb := &list[values-2], &list[values-1]
			r.push(typeOf(holder.text), -1, holder.guessed)
			r.verb, r.sense = verb.text, acts
		} else {
			kind, guessed := r.literals(list[r.tail:values], values)
			r.values(kind, guessed, values, end)
		}
		r.tail = end
	}
	return r
}

// relationIn returns the index of a word for what ties two objects, before the literal
// that names the other one: "/articles/{id}/relationships/tags". It is -1 if there is none.
// The other object stays as it is.
func relationIn(list []token) int {
	for i := range max(len(list)-1, 0) {
		word := strings.ToLower(list[i].text)
		if list[i].isLiteral() && hasAnySuffix(word, "relationship", "relationships", "mappings", "associations", "bindings") {
			return i
		}
	}
	return -1
}

// holders are types of objects of which a user has one, so that their ids are in no route.
var holders = set("basket cart watchlist wishlist")

// isHeld reports whether the value after some literals is that of what comes into a holder
// or leaves it, and not the holder's: "/cart/remove/{id}".
func (r *reading) isHeld(list []token, value int) bool {
	n := len(list)
	if n < 2 || !holders[strings.ToLower(typeOf(list[n-2].text))] {
		return false
	}
	m := list[n-1].meaning()
	return (m.sense == creates || m.sense == acts || m.sense == deletes && strings.EqualFold(list[n-1].text, "remove")) && m.object == "" &&
		!strings.EqualFold(r.ownType(value), typeOf(list[n-2].text))
}

// isArgument reports whether the value after a verb is no object, but what the act needs:
// the user of "/tickets/{id}/assign/{user}". One reads and deletes things, so the verb may
// be a noun then.
func (r *reading) isArgument(verb *token, value int) bool {
	if r.n == 0 || !verb.meaning().isAct() {
		return false
	}
	own := r.ownType(value)
	if strings.EqualFold(own, typeOf(verb.text)) {
		return false
	}
	return own != "" || !r.reads() && r.method != http.MethodDelete
}

// reads reports whether the method changes nothing.
func (r *reading) reads() bool {
	action, _ := activity.ActionTypeFromMethod(r.method)
	return action == activity.ActionRead
}

// interfaces are words for an API as a whole.
var interfaces = set("ajax apis jsonrpc odata rest restapi rpc scim services soap trpc webapi wp-json xmlrpc")

// beginning returns where the words begin that are not about the API as a whole:
// "/rest/2/issues".
func beginning(list []token) int {
	if len(list) < 2 || !list[0].isLiteral() || !interfaces[strings.ToLower(list[0].text)] {
		return 0
	}
	switch {
	case list[1].isLiteral():
		return 1
	case list[1].id && len(list) > 2:
		return 2
	}
	return 0
}

func (r *reading) push(kind string, value int, guessed bool) {
	identified := value >= 0
	if identified {
		t := &r.list[value]
		guessed = guessed || t.guessed
		if r.isSecret(value) && value > 0 && !r.list[value-1].isLiteral() {
			value = -1 // "/articles/{a}/{token}": a secret of what is named before
		}
	}
	if r.n == maxLevels {
		copy(r.levels[:], r.levels[1:])
		r.n--
	}
	r.levels[r.n] = level{kind, value, identified, guessed}
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
// is kept: "/articles/delete/{id}", "/delete/articles/{id}", "/deleteArticle/{id}". value is
// the parameter.
func (r *reading) literals(list []token, value int) (kind string, guessed bool) {
	own := r.ownType(value)
	for n := len(list); n > 1 && isSelector(list[n-1].text); n = len(list) {
		list = list[:n-1] // "/users/by-name/{name}"
	}
	if len(list) > 1 && r.n == 0 {
		if m := list[0].meaning(); m.object == "" && (m.sense == updates || m.sense == deletes) {
			r.verb, r.sense = list[0].text, m.sense
			list = list[1:]
		}
	}
	if n := len(list); n > 0 {
		last, m := &list[n-1], list[n-1].meaning()
		switch {
		case r.isPlace(list, m):
		case isVerbBefore(list, m, own), m.isAct() && r.isSecret(value):
			r.verb, r.sense = last.text, max(m.sense, reads)
			if !m.isAct() {
				r.sense = acts // "/entry/bookmark/{entryID}"
			}
			list = list[:n-1]
		case m.object != "" && m.isAct() && (n == 1 || namespaces[strings.ToLower(list[n-2].text)]):
			r.verb, r.sense = last.text, m.sense
			if m.sense == acts || senses[m.object] == attribute {
				return "", last.guessed
			}
			return Singular(m.object), last.guessed
		}
	}
	if len(list) == 0 {
		return "", false
	}
	if r.verb != "" && own != "" && areNamespaces(list) {
		return own, false // "POST /admin/archive/{featureName}"
	}
	last := &list[len(list)-1]
	switch {
	case last.guessed && !isWord(last.text):
		return "", true
	case r.verb != "" && own != "" && last.meaning().isAct():
		return own, last.guessed // "/archive/revive/{featureName}"
	}
	return typeOf(last.text), last.guessed
}

// isSelector reports whether a literal says by which of its properties an object is named.
func isSelector(literal string) bool {
	switch word := strings.ToLower(literal); word {
	case "by", "code", "email", "id", "key", "name", "number", "slug", "uid", "username", "uuid":
		return true
	default:
		return strings.HasPrefix(word, "by-") || strings.HasPrefix(word, "by_")
	}
}

// isSecret reports whether the value is a parameter that holds a secret.
func (r *reading) isSecret(value int) bool {
	s := r.list[value].segment
	return s != nil && isSecret(s.name)
}

// isPlace reports whether the last of the literals before a parameter, which means m, is
// where the object is, and no verb. One reads and deletes what is in an archive:
// "DELETE /admin/archive/{featureName}".
func (r *reading) isPlace(list []token, m meaning) bool {
	return m.sense == acts && m.object == "" && (r.reads() || r.method == http.MethodDelete) && areNamespaces(list[:len(list)-1])
}

// isVerbBefore reports whether the last of the literals before a parameter is a verb,
// which means m.
func isVerbBefore(list []token, m meaning, own string) bool {
	n := len(list)
	before := ""
	if n > 1 {
		before = list[n-2].text
	}
	switch {
	case own != "" && strings.EqualFold(own, typeOf(before)) && !strings.EqualFold(own, typeOf(list[n-1].text)):
		return true // "/entry/bookmark/{entryID}"
	case m.sense == unknown && own != "" && n > 1 && !isPlural(list[n-1].text) && !strings.EqualFold(own, typeOf(list[n-1].text)):
		return true // "/archive/revive/{featureName}"
	case !m.isAct() || m.object != "":
		return false
	case m.sense == updates, m.sense == deletes, own != "" && !strings.EqualFold(own, typeOf(list[n-1].text)):
		return true
	case m.sense < acts:
		return n > 1
	}
	return isPlural(before)
}

// values reads the parameters from start to end, which follow a literal that names a
// type, or which no such literal precedes.
func (r *reading) values(kind string, guessed bool, start, end int) {
	own := r.ownType(start)
	switch {
	case kind == "", len(kind) == 1 && r.namesAny(start, end),
		own != "" && end-start > 1 && divides(kind) && !strings.EqualFold(own, kind): // "/admin/{table}/{id}"
		r.named(start, end)
		return
	case end-start == 1 && containers[strings.ToLower(own)] && !strings.EqualFold(own, kind):
		r.push(own, start, guessed) // "/items/{collection}"
		r.push(kind, -1, guessed)
		return
	}
	if r.verb != "" && r.nameAll(kind, start, end) {
		r.named(start, end) // "/user/starred/{username}/{reponame}"
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
		if i+1 < end && r.list[i].id && r.list[i+1].id {
			continue // what each of several ids is for is not known
		}
		r.after(i)
	}
}

// nameAll reports whether several parameters after a verb say by their names what they
// identify, and the last one is of another type than the literal before the verb.
func (r *reading) nameAll(kind string, start, end int) bool {
	for i := start; i < end; i++ {
		s := r.list[i].segment
		if s == nil || s.optional || r.isView(s) || s.isNarrow() || s.namesID(kind) || objectOf(s.name) == "" {
			return false
		}
	}
	return end-start > 1 && !strings.EqualFold(r.ownType(end-1), kind)
}

// divides reports whether a type is a word for a part of a site, or for an API as a whole.
func divides(kind string) bool {
	kind = strings.ToLower(kind)
	return namespaces[kind] || interfaces[kind]
}

// ownType returns the type of object that a parameter names, "" if it does not.
func (r *reading) ownType(i int) string {
	if s := r.list[i].segment; s != nil {
		return objectOf(s.name)
	}
	return ""
}

// namesAny reports whether one of the parameters names a type.
func (r *reading) namesAny(start, end int) bool {
	for i := start; i < end; i++ {
		if r.ownType(i) != "" {
			return true
		}
	}
	return false
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
		case r.isView(s), s.isNarrow() && (r.n == 0 || i+1 < end), s.optional && r.n > before:
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
	case s.optional, r.isView(s), s.isNarrow():
	case objectOf(s.name) != "":
		r.push(objectOf(s.name), i, false)
	}
}

// isView reports whether a parameter chooses a view of the object. Nobody changes a page
// of a list, so that is then a page of text.
func (r *reading) isView(s *segment) bool {
	name := strings.ToLower(s.name)
	return viewing[name] && (name != "page" || r.reads())
}
