package instrument

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// objectRules are the patterns of WithObject. A separate ServeMux matches them, so
// that they work even if the service's router is not a ServeMux or gets a copy of the
// request.
type objectRules struct{ mux *http.ServeMux }

func newObjectRules() *objectRules { return &objectRules{http.NewServeMux()} }

// add adds one rule. Like ServeMux, it panics if the pattern conflicts with an earlier
// one.
func (rules *objectRules) add(pattern, objectType, wildcard string) {
	rules.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		m, ok := w.(*objectMatch)
		if !ok {
			return
		}
		m.object.Type = objectType
		if wildcard != "" {
			m.object.ID = r.PathValue(wildcard)
		}
	})
}

// match returns the object of a request to url, the zero Object if no rule matches.
func (rules *objectRules) match(r *http.Request, url url.URL) activity.Object {
	m := &objectMatch{}
	matched := r.WithContext(r.Context()) // the mux writes its match into the request
	matched.URL = &url
	rules.mux.ServeHTTP(m, matched)
	return m.object
}

// objectMatch is the ResponseWriter for the rules: it gets the result of the rule that
// matches, and discards the mux's response if none does.
type objectMatch struct{ object activity.Object }

func (m *objectMatch) Header() http.Header         { return http.Header{} }
func (m *objectMatch) Write(b []byte) (int, error) { return len(b), nil }
func (m *objectMatch) WriteHeader(int)             {}

// checkObjectRule panics with the pattern if the rule is invalid.
func checkObjectRule(pattern, wildcard string) {
	newObjectRules().add(pattern, "", "") // panics on an invalid pattern
	if wildcard == "" || strings.Contains(pattern, "{"+wildcard+"}") ||
		strings.Contains(pattern, "{"+wildcard+"...}") {
		return
	}
	panic(fmt.Sprintf("instrument: object pattern %q has no wildcard %q", pattern, wildcard))
}

// overlay returns the object with the fields of a later call, where they are set.
func overlay(object, later activity.Object) activity.Object {
	return activity.Object{
		Type: cmp.Or(later.Type, object.Type), ID: cmp.Or(later.ID, object.ID), Name: cmp.Or(later.Name, object.Name),
	}
}

// mergeObjects returns the object of the route, overridden by that of the handler. If
// the handler sets another type, the id of the route is dropped.
func mergeObjects(fromRoute, declared activity.Object) activity.Object {
	merged := fromRoute
	if declared.Type != "" && declared.Type != fromRoute.Type {
		merged = activity.Object{Type: declared.Type}
	}
	if declared.ID != "" {
		merged.ID = declared.ID
	}
	if declared.Name != "" {
		merged.Name = declared.Name
	}
	return merged
}

// createdID returns the last path segment of a Location header: the id of what a
// request with the answer 201 (Created) has created.
func createdID(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	id, err := url.PathUnescape(path[strings.LastIndexByte(path, '/')+1:])
	if err != nil {
		return ""
	}
	return id
}
