package instrument

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
)

// Route says what requests do that match a pattern of [WithRoute]. An empty field keeps
// what follows from method, route and path. With Object, nothing of the object is kept.
type Route struct {
	Action activity.ActionType // "Delete"; also makes a method tracked that has no type
	Name   string              // action name: "feed.remove"
	Object string              // type of the object: "feed"
	ID     string              // wildcard of the pattern that holds the object's id: "id"
	Parent *Route              // what the object belongs to: its Object, ID and Parent are used
}

// routeRules are the patterns of WithRoute. A separate ServeMux matches them, so
// that they work even if the service's router is not a ServeMux or gets a copy of the
// request.
type routeRules struct{ mux *http.ServeMux }

func newRouteRules() *routeRules { return &routeRules{http.NewServeMux()} }

// add adds one rule. Like ServeMux, it panics if the pattern conflicts with an earlier
// one.
func (rules *routeRules) add(pattern string, rt Route) {
	rules.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if m, ok := w.(*routeMatch); ok {
			m.found = true
			rt.override(m.act, r)
		}
	})
}

// override applies the rule that matches the request as it was received, and reports
// whether one does.
func (rules *routeRules) override(act *route.Act, c *Current, end *ending) bool {
	matched := c.received(c.end.incoming.Context()) // the mux writes its match into the request
	matched.URL = end.url.url()
	match := routeMatch{act: act}
	rules.mux.ServeHTTP(&match, matched)
	return match.found
}

// override sets what the rule says.
func (rt *Route) override(act *route.Act, r *http.Request) {
	if rt.Action != "" {
		act.Type, act.Session = rt.Action, route.NoSession
	}
	if rt.Name != "" {
		act.Name = rt.Name
	}
	switch {
	case rt.Object != "":
		act.Object, act.Guessed = rt.object(r), false
		return
	case rt.ID != "":
		act.Object.ID = r.PathValue(rt.ID)
	}
	if rt.Parent != nil {
		parent := rt.Parent.object(r)
		act.Object.Parent = &parent
	}
}

// object returns the object that a rule names.
func (rt *Route) object(r *http.Request) activity.Object {
	o := activity.Object{Type: rt.Object}
	if rt.ID != "" {
		o.ID = r.PathValue(rt.ID)
	}
	if rt.Parent != nil {
		parent := rt.Parent.object(r)
		o.Parent = &parent
	}
	return o
}

// routeMatch is the ResponseWriter for the rules: it takes the result of the rule that
// matches, and discards the mux's response if none does.
type routeMatch struct {
	act   *route.Act
	found bool
}

func (*routeMatch) Header() http.Header         { return http.Header{} }
func (*routeMatch) Write(b []byte) (int, error) { return len(b), nil }
func (*routeMatch) WriteHeader(int)             {}

// checkRoute panics with the pattern if the rule is invalid.
func checkRoute(pattern string, rt Route) {
	newRouteRules().add(pattern, Route{}) // panics on an invalid pattern
	for r := &rt; r != nil; r = r.Parent {
		if r.ID != "" && !strings.Contains(pattern, "{"+r.ID+"}") && !strings.Contains(pattern, "{"+r.ID+"...}") {
			panic(fmt.Sprintf("instrument: route pattern %q has no wildcard %q", pattern, r.ID))
		}
	}
}
