package activitytest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
)

// mutating are the methods of requests that change something.
var mutating = []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// lateTime is how long [CoverRoutes] waits for the activity of a request. Usually it is there
// when the request returns, and a route without one must not take long.
const lateTime = 200 * time.Millisecond

// CoverRoutes fails the test if a route that changes something leaves no activity in rec. These
// are the routes with the methods POST, PUT, PATCH and DELETE, and each of these for a route for
// any method. Other routes are ignored.
//
// request makes one request as somebody who is logged in, and returns when it is answered.
// [Route.Path] gives it a path. What the answer is does not matter, as long as it comes from the
// route: a failed request leaves an activity, too.
//
//   - An activity that is known to be of another route does not count, such as that of a login
//     before the request.
//   - After 404 and 405, the activity must be known to be of the route. Otherwise no route may
//     have matched the path.
//   - After 401, the activity must have an actor or be a login. Otherwise the request was not
//     authenticated, and nobody knows what an authenticated one would leave.
//
// exempt are routes that are to leave none, as [Route.String] has them: "POST /webhooks". Each
// must be one of the routes that would be checked, so that the list does not grow old.
//
// Routes that the test does not pass are not checked. See the package's examples for routers that
// list theirs, and [Mux] for http.ServeMux.
func CoverRoutes(tb testing.TB, rec *Recorder, routes []Route, request func(Route), exempt ...string) {
	tb.Helper()
	checked := mutatingOf(routes)
	if len(checked) == 0 {
		tb.Errorf("none of %d routes has a method that changes something (%s)", len(routes), strings.Join(mutating, ", "))
	}
	used := map[string]bool{}
	var faults []string
	for _, route := range checked {
		if name := exemption(route, exempt); name != "" {
			used[name] = true
			continue
		}
		if fault := cover(rec, route.Route, request); fault != "" {
			faults = append(faults, fmt.Sprintf("\t%s: %s", route.Route, fault))
		}
	}
	if len(faults) > 0 {
		tb.Errorf("%d of %d routes that change something are not covered:\n%s", len(faults), len(checked), strings.Join(faults, "\n"))
	}
	for _, name := range exempt {
		if !used[name] {
			tb.Errorf("exempt route %q: no route that changes something is called that", name)
		}
	}
}

// target is a route with one method, and the route of the caller that it is from.
type target struct {
	Route

	from Route
}

// mutatingOf returns the routes that change something, each once.
func mutatingOf(routes []Route) (targets []target) {
	add := func(method string, from Route) {
		one := target{Route{method, from.Pattern}, from}
		if slices.Contains(mutating, method) && !slices.ContainsFunc(targets, func(t target) bool { return t.Route == one.Route }) {
			targets = append(targets, one)
		}
	}
	for _, route := range routes {
		if route.Method != "" {
			add(route.Method, route)
			continue
		}
		for _, method := range mutating {
			add(method, route)
		}
	}
	return targets
}

// exemption returns the entry of the list that exempts a route, "" if none does.
func exemption(t target, exempt []string) string {
	for _, name := range exempt {
		if name == t.String() || name == t.from.String() {
			return name
		}
	}
	return ""
}

// cover makes a request to a route, and says what is wrong with what it left.
func cover(rec *Recorder, route Route, request func(Route)) (fault string) {
	before := rec.count()
	request(route)
	rec.waitFor(before+1, lateTime)
	fault = "it leaves no activity"
	for _, r := range rec.since(before) {
		if fault = faultOf(&r, route); fault == "" {
			return ""
		}
	}
	return fault
}

// faultOf says why an activity does not show that a route is covered, "" if it does.
func faultOf(r *recorded, route Route) string {
	known := r.known()
	switch {
	case known != "" && !same(known, route.Pattern):
		return "it leaves an activity of another route only: " + known
	case known == "" && (r.ErrorType == "404" || r.ErrorType == "405"):
		return fmt.Sprintf("the answer was %s, and the route of its activity (%s) is not known: no route matched, or CaptureRoute is missing",
			r.ErrorType, r.ActionName)
	case r.ErrorType == "401" && r.Actor.ID == "" && r.ActionType != activity.ActionLoginFailed && r.ActionType != activity.ActionLoginAttempt:
		return "the answer was 401, so the request was not authenticated"
	}
	return ""
}

// known returns the pattern of the activity's request, "" if it is not known: a name that is
// guessed from the path can look like one.
func (r *recorded) known() string {
	if r.route != "" || r.Data[activity.GuessedKey] == true {
		return r.route
	}
	if _, pattern, ok := strings.Cut(r.ActionName, " "); ok && strings.HasPrefix(pattern, "/") {
		return pattern
	}
	return ""
}

// same reports whether two patterns are of one route. A router below another one knows no more
// than the end of the pattern. That begins with a word: "/*" is the end of many.
func same(a, b string) bool {
	a, b = shape(a), shape(b)
	if len(a) > len(b) {
		a, b = b, a
	}
	return a == b || strings.HasSuffix(b, a) && !strings.HasPrefix(a, "/{")
}

// shape returns a pattern with nothing that routers write in different ways: names of parameters,
// a host, and a slash at the end.
func shape(pattern string) string {
	path := Route{Pattern: pattern}.fill(func(string) string { return "{}" })
	return "/" + strings.Trim(path, "/")
}
