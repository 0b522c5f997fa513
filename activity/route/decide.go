package route

import (
	"net/http"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// meaning returns what a literal means.
func (t *token) meaning() meaning {
	m := meaningOf(t.text)
	if t.file && m.isAct() {
		return meaning{} // "report.pdf"
	}
	if t.custom && !m.isAct() {
		return meaning{sense: acts}
	}
	return m
}

// isKnown reports whether the literal is a word of the vocabulary, and not only of a form
// that things have.
func (t *token) isKnown() bool {
	word := strings.ToLower(bare(t.text))
	return senses[word] != unknown || senses[Singular(word)] != unknown
}

// typeOf returns the type of object that a literal names.
func typeOf(literal string) string {
	literal = bare(literal)
	for {
		word, rest, ok := strings.Cut(literal, "_")
		if !ok || rest == "" || !batches[strings.ToLower(word)] {
			return Singular(literal)
		}
		literal = rest
	}
}

// isPlural reports whether a literal names a collection.
func isPlural(literal string) bool {
	return typeOf(literal) != bare(literal) && !senses[strings.ToLower(bare(literal))].isAct()
}

// decision is what a request does, by its route and its method.
type decision struct {
	action activity.ActionType
	verb   string // the act, where method and route do not name it well
	acted  bool   // a verb says what is done
}

// decide returns what a request with that method does. created is set for one that has
// created what its path names.
func (r *reading) decide(method string, created bool) decision {
	base, _ := activity.ActionTypeFromMethod(method)
	if created {
		base = activity.ActionCreate
	}
	d := r.ending(base, method, created)
	if r.n == 0 && method == http.MethodPost && d.action == activity.ActionCreate && !d.acted {
		d.action = activity.ActionUpdate // nothing says that there is a new object
	}
	return d
}

// ending decides by the literals at the end of the route.
func (r *reading) ending(base activity.ActionType, method string, created bool) decision {
	words := r.list[r.tail:]
	n, existing := len(words), false
	if i := relationIn(words); i >= 0 && r.n > 0 {
		n = i + 1 // "/articles/{id}/relationships/tags"
	}
	for n > 0 && (n > 1 || r.n > 0) && words[n-1].meaning().sense == qualifier {
		n--
		existing = existing || !batches[strings.ToLower(words[n].text)] // "/users/me"
	}
	if n == 0 {
		return r.bare(base, created)
	}
	last, m := &words[n-1], words[n-1].meaning()
	if m.sense == qualifier || n == 1 && r.n == 0 && endpoints[strings.ToLower(bare(last.text))] ||
		r.n == 0 && method == http.MethodPost && isService(last.text) {
		return decision{action: base}
	}
	switch {
	case !last.guessed || r.n == 0 && areNamespaces(words[:n-1]):
	case r.n == 0 && m.isThing() && !last.isKnown(): // "/posts/cats" may be a post
		m = meaning{}
	case m.object != "" && strings.ContainsAny(last.text, "-_"): // "/cities/new-york" may be a city
		m = meaning{}
	}
	if isOfWebDAV(method) || last.guessed && base == activity.ActionDelete && (m.sense == creates || m.sense == updates) {
		m = meaning{} // "MOVE /files/delete" moves what has that name
	}
	if m.sense == reads && strings.EqualFold(last.text, "read") && (r.object().value >= 0 || n > 1 && strings.EqualFold(words[n-2].text, "mark")) {
		m.sense = acts // "/notifications/{id}/read", "/notifications/mark/read"
	}
	if m.sense == reads && method != http.MethodPost && base != activity.ActionRead {
		m = meaning{} // "DELETE /articles/{id}/preview"
	}
	if n > 1 && r.n > 0 && m.sense == unknown && isActions(words[n-2].text) && base != activity.ActionRead && base != activity.ActionDelete {
		m.sense = acts // "/servers/{id}/actions/poweroff"
	}
	if n > 1 && r.isVerbFor(base, words[:n], m) {
		return r.actedOn(base, words[:n], m)
	}
	switch {
	case m.isAct():
		return r.acted(base, words[:n], m)
	case m.isThing() && base == activity.ActionRead && passwords[strings.ToLower(last.text)]:
		return decision{action: base}
	case m.isThing():
		r.push(typeOf(last.text), -1, last.guessed)
		if base == activity.ActionCreate && !created && (m.sense == attribute || existing) {
			base = activity.ActionUpdate
		}
		return decision{action: base}
	case last.guessed:
		return r.guessed(base, words[:n])
	}
	return r.unclear(base, created, words[:n])
}

// isOfWebDAV reports whether a method is one of WebDAV: its path is that of a file or a
// folder, whose name may be any word.
func isOfWebDAV(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, "QUERY", "SEARCH":
		return false
	}
	return true
}

// isVerbFor reports whether the word before the last one is a verb, and the last one, which
// means m, what it is done to: "POST /users/{id}/remove/role", "POST /approve/orders". With
// PUT and PATCH that matters only if something goes.
func (r *reading) isVerbFor(base activity.ActionType, words []token, m meaning) bool {
	n := len(words)
	verb := words[n-2].meaning()
	noun := !m.isAct() || m.sense == acts && modifiers[strings.ToLower(words[n-1].text)] // "/generate/report"
	if base != activity.ActionCreate && (base != activity.ActionUpdate || verb.sense != deletes) {
		return false
	}
	return verb.isAct() && verb.object == "" && noun && !words[n-1].custom
}

// actedOn decides for a verb and what it is done to, at the end. The thing need not
// be new. Of a known object, it is that object which changes, as in "/users/{id}/remove-role".
func (r *reading) actedOn(base activity.ActionType, words []token, m meaning) decision {
	n := len(words)
	verb, last := &words[n-2], &words[n-1]
	s, word := verb.meaning().sense, strings.ToLower(verb.text)
	noun := modifiers[word] || listings[word]
	if r.n > 0 {
		if s != reads || noun {
			s = acts
		}
		return r.do(base, s, verb.text+"-"+bare(last.text))
	}
	switch {
	case noun: // "/test/results", "/list/items"
		return decision{action: activity.ActionUpdate}
	case s == creates && m.sense == attribute: // "/sign-up/email"
	case m.sense != unknown, people[Singular(strings.ToLower(last.text))]:
		r.push(typeOf(last.text), -1, last.guessed)
	}
	return r.do(base, s, verb.text)
}

// listings are verbs of reading that also are nouns which things belong to.
var listings = set("check filter list query view")

// passwords are properties that nobody reads: a GET is for the form that changes them.
var passwords = set("credentials passphrase passwd password passwords")

// bare decides for a route that ends with a parameter.
func (r *reading) bare(base activity.ActionType, created bool) decision {
	if r.verb != "" {
		return r.do(base, r.sense, r.verb)
	}
	if base == activity.ActionCreate && !created && r.object().identified {
		base = activity.ActionUpdate // what has an id is there already
	}
	return decision{action: base}
}

// acted decides for a verb at the end.
func (r *reading) acted(base activity.ActionType, words []token, m meaning) decision {
	n, fixed := len(words), r.n == 0
	last := &words[n-1]
	before := n - 2
	for before >= 0 && (words[before].meaning().sense == qualifier || strings.EqualFold(words[before].text, "mark") ||
		before > 0 && m.sense == reads && words[before].meaning().sense == reads) {
		before-- // "/users/me/deactivate", "/users/search/findByName"
	}
	if before >= 0 {
		if before > 0 && words[before].meaning().sense == unknown && isPlural(words[before-1].text) {
			before-- // "/articles/hello-world/publish"
		}
		if (r.n == 0 || !isPureVerb(words[before])) && !r.mayBeNoType(words[:before+1]) && r.isOwner(base, &words[before], m) {
			r.push(typeOf(words[before].text), -1, words[before].guessed)
		}
	}
	switch {
	case m.object == "":
	case r.n == 0 && m.sense == acts: // "forgot-password" does not say what is done to a password
	case r.n == 0: // "createArticle"
		r.push(Singular(m.object), -1, last.guessed)
	case m.sense < acts && m.sense > reads && !strings.EqualFold(Singular(m.object), r.object().kind):
		m.sense = acts // "/users/{id}/add-role"
	}
	if r.n == 0 && m.sense == acts && base != activity.ActionCreate && base != activity.ActionUpdate {
		r.push(typeOf(last.text), -1, last.guessed) // "GET /report"
	}
	verb := last.text
	if !fixed && n > 1 && isPureVerb(words[n-2]) && m.sense != reads {
		verb = words[n-2].text + "-" + bare(verb) // "/users/{id}/delete/confirm"
		m.sense = acts
	}
	d := r.do(base, m.sense, verb)
	if fixed && n > 1 && m.object != "" {
		d.verb = "" // "/cities/new-york"
	}
	return d
}

// mayBeNoType reports whether the last word, before a verb, may be something else than the
// type of an object: an id in "/blog/my-first-post/edit", where no route names it, or a way
// to sign up in "/auth/local/register".
func (r *reading) mayBeNoType(words []token) bool {
	n := len(words)
	if n < 2 {
		return false
	}
	last := &words[n-1]
	if ways[word(last)] && word(&words[n-2]) == "auth" {
		return true
	}
	return r.n == 0 && last.guessed && !areNamespaces(words[:n-1]) && !last.isKnown() && (strings.ContainsAny(last.text, "-_") || !isPlural(last.text))
}

// isPureVerb reports whether a word is a verb and no noun.
func isPureVerb(t token) bool {
	m, word := t.meaning(), strings.ToLower(t.text)
	return m.sense >= deletes && m.object == "" && !modifiers[word]
}

// isOwner reports whether the literal before a verb is what the act is about.
func (r *reading) isOwner(base activity.ActionType, before *token, m meaning) bool {
	word := strings.ToLower(before.text)
	switch {
	case namespaces[word], interfaces[word], isActions(word):
		return false
	case base == activity.ActionRead && passwords[word]:
		return false
	case r.n == 0 && strings.Contains(word, "."): // "/blog.v1.ArticleService/GetArticle"
		return false
	case r.n == 0 && m.object != "":
		return isPlural(before.text) || before.meaning().isThing()
	}
	return true
}

// isActions reports whether a literal stands before the verbs of an object.
func isActions(literal string) bool {
	return strings.EqualFold(literal, "action") || strings.EqualFold(literal, "actions")
}

// do returns what a verb does to the object.
func (r *reading) do(base activity.ActionType, s sense, verb string) decision {
	switch base {
	case activity.ActionRead, "":
		return decision{action: base}
	case activity.ActionDelete:
		if s != deletes {
			base = activity.ActionUpdate // "DELETE /articles/{id}/lock"
		}
		return decision{action: base, acted: true}
	}
	switch s {
	case reads:
		return decision{action: activity.ActionRead, acted: true}
	case updates:
		return decision{action: activity.ActionUpdate, acted: true}
	case deletes:
		return decision{action: activity.ActionDelete, acted: true}
	case creates:
		if known := r.object().value >= 0; !known || verb == "create" || verb == "new" {
			return decision{action: activity.ActionCreate, acted: true}
		}
	}
	return decision{activity.ActionUpdate, verb, true}
}

// unclear decides for a word of the route that may be a thing or an act. One reads and
// deletes things. Anything else changes what the word belongs to, in both readings. In a
// route without parameters, which may be the path of one request, it may also be an id.
func (r *reading) unclear(base activity.ActionType, created bool, words []token) decision {
	n := len(words)
	last := &words[n-1]
	collection := n > 1 && isPlural(words[n-2].text)
	owned := collection || n > 1 && words[n-2].meaning().isThing()
	fixed := r.n == 0
	switch {
	case base == activity.ActionCreate && fixed && n > 1 && logins[word(&words[n-2])]:
		return decision{action: activity.ActionUpdate} // "/login/begin"
	case (base == activity.ActionDelete || created) && collection && fixed:
		return decision{action: base}
	case base == activity.ActionRead && collection:
		r.push(typeOf(words[n-2].text), -1, words[n-2].guessed)
		return decision{action: base}
	case base == activity.ActionRead, base == activity.ActionDelete, created, !owned && (n > 1 || fixed):
		r.push(typeOf(last.text), -1, last.guessed)
		return decision{action: base}
	case owned:
		r.push(typeOf(words[n-2].text), -1, words[n-2].guessed)
	}
	d := r.do(base, acts, last.text)
	if fixed {
		d.verb = ""
	}
	return d
}

// areNamespaces reports whether all the words only divide a site.
func areNamespaces(words []token) bool {
	for i := range words {
		if !namespaces[strings.ToLower(words[i].text)] {
			return false
		}
	}
	return true
}

// guessed decides for a word of a path that no route names. It may also be an id.
func (r *reading) guessed(base activity.ActionType, words []token) decision {
	n := len(words)
	last := &words[n-1]
	switch {
	case r.n == 0 && areNamespaces(words[:n-1]):
		if isWord(last.text) && !strings.ContainsAny(last.text, "0123456789.") { // else an id, or the name of a file
			r.push(typeOf(last.text), -1, true)
		}
	case r.n == 0: // "/articles/hello-world"
	case base == activity.ActionDelete:
		r.push("", -1, true)
	default:
		if n > 1 && (isPlural(words[n-2].text) || words[n-2].meaning().isThing()) {
			r.push(typeOf(words[n-2].text), -1, true)
		}
		if base == activity.ActionCreate {
			base = activity.ActionUpdate
		}
	}
	return decision{action: base}
}
