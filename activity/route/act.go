package route

import (
	"net/http"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// Act is what a request does, as far as its method, its route and its path tell.
type Act struct {
	// Type is "" if the method has none.
	Type activity.ActionType

	// Name is the action name: method and route, "PUT /articles/{id}", or for an act that
	// these do not name well "article.publish".
	Name string

	// Object is what is acted on, with what it belongs to.
	Object activity.Object

	// Session says that the request is for a session, which is then the object. Its
	// [Session.ActionType] follows from the answer.
	Session Session

	// Secret is set if the path holds secrets: [Template.Secrets]. Object and Name have
	// their digests, or none of them.
	Secret bool

	// Param is the name of the parameter that holds the object's id, "" if there is none,
	// it has no name, or it holds a secret.
	Param string

	// Guessed is set if the route is not known, or is no more than a prefix, and something
	// of the above is guessed from the path.
	Guessed bool
}

// Act returns what a request with that method for path does, which was answered with
// code, 0 if that is not known. The package comment has the rules.
//
// path is the path as the client sent it, percent-encoded and without a query
// string. It may be longer than the route at its beginning, where an
// application is mounted below a prefix. "" is a path that is not known.
func (t *Template) Act(method, path string, code int) Act {
	var room [16]string
	parts := appendParts(room[:0], path)
	if t.variants != nil {
		if v := t.variant(parts); v != nil {
			t = v
		}
	}
	if t.opaque {
		if len(parts) == 0 && !strings.ContainsAny(t.pattern, "^{<*") {
			parts = appendParts(parts, t.pattern)
		}
		m := match{}
		if t.secret {
			m = t.match(parts)
		}
		secret := t.mask(parts, m)
		act := t.guess(method, path, code, parts, match{})
		act.Secret = secret || hasMatrixSecret(path)
		return act
	}
	if t.formatted {
		trimFormat(parts)
	}
	m := t.match(parts)
	secret := t.mayHide(parts, m) && t.mask(parts, m)
	act := t.act(method, path, code, parts, m)
	if secret && strings.Contains(act.Object.ID, digestName) {
		act.Param = "" // the router would give the secret itself
	}
	act.Secret = secret || hasMatrixSecret(path)
	return act
}

// act is Act for a path that compares with the route as m says. Digests stand for secrets.
func (t *Template) act(method, path string, code int, parts []string, m match) Act {
	switch {
	case m.fit == differs && t.isName(parts):
		return t.guess(method, path, code, parts, match{})
	case m.fit == shorter && !t.names(m, parts):
		return t.guess(method, path, code, parts, match{})
	case m.fit == shorter, m.fit == fits && t.open && m.end < len(parts):
		return t.guess(method, path, code, parts, m)
	}
	p := t.plans.get(method, code, t.plan)
	if m.fit == fits && m.offset > 0 && (!p.complete() || hasID(parts[:m.offset])) {
		return t.guess(method, path, code, parts, m)
	}
	act := Act{Type: p.action, Name: p.name}
	if act.begin(p, method, code) {
		return act
	}
	act.Object = t.object(p, m, parts)
	if n := len(p.levels); n > 0 && p.levels[n-1].value >= 0 {
		if name := t.segments[p.levels[n-1].value].name; !isSecret(name) {
			act.Param = name
		}
	}
	return act
}

// begin makes the act one about a session, if the plan is for one, and reports whether it
// is. A link that ends one has done so if the answer leads somewhere else; else it may be a
// page that asks.
func (a *Act) begin(p *plan, method string, code int) bool {
	if p.session == NoSession || method == http.MethodGet && (code < 300 || code >= 400) {
		return false
	}
	a.Session, a.Object = p.session, activity.Object{Type: sessionType}
	a.Type = activity.ActionLogin
	if p.session == Logout {
		a.Type = activity.ActionLogout
	}
	return true
}

// sessionType is the type of the object of a login.
const sessionType = "session"

// names reports whether the parameters of a route that ends before the path stand for ids.
// If one of them does not, routers were nested whose routes are not all known.
func (t *Template) names(m match, parts []string) bool {
	for i := range t.segments {
		if s := &t.segments[i]; s.param && m.offset+i < len(parts) && !looksLikeID(parts[m.offset+i]) && isPlural(parts[m.offset+i]) {
			return false
		}
	}
	return true
}

// complete reports whether the route alone names the object.
func (p *plan) complete() bool {
	return len(p.levels) > 0 && p.levels[len(p.levels)-1].kind != ""
}

func hasID(parts []string) bool {
	for _, part := range parts {
		if looksLikeID(part) {
			return true
		}
	}
	return false
}

// isName reports whether the pattern is the name of a route instead, as
// Symfony's "article_update": one word that is not in the path.
func (t *Template) isName(parts []string) bool {
	return len(t.segments) == 1 && !t.segments[0].param && len(parts) > 0
}

// plan returns what requests with that method do by the route alone.
func (t *Template) plan(method string, created bool) *plan {
	list := t.tokens(nil)
	session := sessionOf(list, method)
	r := read(list, method)
	d := r.decide(method, created)
	if method == http.MethodPost && d.action == activity.ActionCreate && t.isAdminList() {
		d.action = activity.ActionUpdate
	}
	p := r.plan(d)
	p.name, p.session = actionName(method, t.pattern), session
	if d.verb != "" && session == NoSession {
		p.name = verbName(r.object().kind, d.verb)
	}
	return p
}

// isAdminList reports whether the route is that of a list in Django's admin, whose forms
// change the objects in it.
func (t *Template) isAdminList() bool {
	n := len(t.segments)
	return n == 3 && t.segments[0].prefix == "admin" && strings.HasPrefix(t.pattern, "admin/") && strings.HasSuffix(t.pattern, "/")
}

// object returns the object of a request that the plan is for.
func (t *Template) object(p *plan, m match, parts []string) activity.Object {
	var ids [maxLevels]string
	for i, l := range p.levels {
		if l.value >= 0 && m.fit == fits {
			ids[i] = t.value(l.value, m, parts)
		}
	}
	return build(p.levels, ids[:len(p.levels)])
}

// build returns the object of some levels with these ids.
func build(levels []place, ids []string) activity.Object {
	n := len(levels)
	if n > 1 && levels[n-1].kind == "" && levels[n-1].value >= 0 && ids[n-1] == "" {
		n-- // the path ends before
	}
	if n == 0 {
		return activity.Object{}
	}
	parents := 0
	for i := range n - 1 {
		if ids[i] != "" {
			parents++
		}
	}
	object := activity.Object{Type: levels[n-1].kind, ID: ids[n-1]}
	if parents == 0 {
		if object.Type == "" {
			return activity.Object{}
		}
		return object
	}
	list := make([]activity.Object, 0, parents)
	for i := range n - 1 {
		if ids[i] == "" {
			continue
		}
		list = append(list, activity.Object{Type: levels[i].kind, ID: ids[i]})
		if k := len(list) - 1; k > 0 {
			list[k].Parent = &list[k-1]
		}
	}
	object.Parent = &list[parents-1]
	return object
}

func actionName(method, target string) string {
	if target == "" {
		return method
	}
	return method + " " + target
}

// verbName returns the name of an act: "order.cancel".
func verbName(kind, verb string) string {
	verb = bare(verb)
	if kind == "" {
		return verb
	}
	return kind + "." + verb
}
