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
//   - After 404 and 405, the record must have the pattern of the route. Otherwise no route may
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
	before := len(rec.since(0))
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
	switch r.ErrorType {
	case "404", "405":
		if !r.isOf(route) {
			return fmt.Sprintf("the answer was %s, and its activity (%s) does not have this route: no route matched, or its pattern is not known",
				r.ErrorType, r.ActionName)
		}
	case "401":
		if r.Actor.ID == "" && r.ActionType != activity.ActionLoginFailed && r.ActionType != activity.ActionLoginAttempt {
			return "the answer was 401, so the request was not authenticated"
		}
	}
	return ""
}

// isOf reports whether the record has the pattern of a route. A name that is guessed from the path
// can look like one.
func (r *recorded) isOf(route Route) bool {
	if r.Data[activity.GuessedKey] == true {
		return false
	}
	known := r.route
	if known == "" {
		_, known, _ = strings.Cut(r.ActionName, " ")
	}
	return known != "" && trimmed(known) == trimmed(route.Pattern)
}

// trimmed returns a pattern without host and end: routers write these in more than one way.
func trimmed(pattern string) string {
	if i := strings.IndexByte(pattern, '/'); i > 0 {
		pattern = pattern[i:]
	}
	return strings.TrimRight(strings.TrimSuffix(pattern, "{$}"), "/")
}
