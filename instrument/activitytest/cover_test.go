package activitytest_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/activitytest"
)

// shop has routes of each kind: those that leave an activity, and those that do not.
func shop(rec *activitytest.Recorder) (http.Handler, *activitytest.Mux) {
	mux := &activitytest.Mux{}
	code := func(code int) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	mux.HandleFunc("GET /articles", code(http.StatusOK))
	mux.HandleFunc("POST /articles", code(http.StatusCreated))
	mux.HandleFunc("PUT /articles/{id}", code(http.StatusNotFound)) // there is none, but the route is known
	mux.HandleFunc("POST /articles/{id}/publish", code(http.StatusForbidden))
	mux.HandleFunc("POST /login", code(http.StatusUnauthorized))
	mux.HandleFunc("POST /tokens", code(http.StatusUnauthorized))
	mux.HandleFunc("DELETE example.com/articles/{id}", func(_ http.ResponseWriter, r *http.Request) { instrument.FromContext(r.Context()).Skip() })
	mux.Handle("/legacy/{$}", http.HandlerFunc(code(http.StatusMethodNotAllowed)))
	return handler(rec, mux, instrument.WithAnonymousFailures()), mux
}

func TestCoverRoutes(t *testing.T) {
	rec := activitytest.NewRecorder()
	h, mux := shop(rec)
	request := func(route activitytest.Route) { serve(h, route.Method, "http://example.com"+route.Path()) }
	var f failures
	activitytest.CoverRoutes(&f, rec, append(mux.Routes(), activitytest.Patterns("PATCH /nowhere/{id}", "POST /articles")...), request)
	golden(t, &f, `
3 of 11 routes that change something are not covered:
	POST /tokens: the answer was 401, so the request was not authenticated
	DELETE example.com/articles/{id}: it leaves no activity
	PATCH /nowhere/{id}: the answer was 404, and the route of its activity (PATCH /nowhere/{id}) is not known: no route matched, or CaptureRoute is missing`)

	f = failures{}
	activitytest.CoverRoutes(&f, rec, mux.Routes(), request,
		"POST /tokens", "DELETE example.com/articles/{id}", "/legacy/{$}", "GET /articles", "POST /old")
	golden(t, &f, `
exempt route "GET /articles": no route that changes something is called that
exempt route "POST /old": no route that changes something is called that`)
}

// A request that is more than one must not cover a route by the activity of another one.
func TestLoginBeforeEachRequest(t *testing.T) {
	rec := activitytest.NewRecorder()
	h, _ := shop(rec)
	routes := activitytest.Patterns("PUT /articles/{slug}", "DELETE example.com/articles/{id}", "POST /articles")
	login := func() { serve(h, http.MethodPost, "/login") }
	for name, first := range map[string]func(){
		"counted": login, "forgotten": func() { login(); rec.Reset() },
	} {
		t.Run(name, func(t *testing.T) {
			var f failures
			activitytest.CoverRoutes(&f, rec, routes, func(route activitytest.Route) {
				first()
				serve(h, route.Method, "http://example.com"+route.Path())
			})
			want := map[string]string{"counted": "an activity of another route only: /login", "forgotten": "no activity"}[name]
			golden(t, &f, `
1 of 3 routes that change something are not covered:
	DELETE example.com/articles/{id}: it leaves `+want)
		})
	}
}

// Below another router, and without CaptureRoute, less of a pattern is known.
func TestRoutersBelowOthers(t *testing.T) {
	for name, capture := range map[string]func(http.Handler) http.Handler{
		"captured": instrument.CaptureRoute, "not captured": func(h http.Handler) http.Handler { return h },
	} {
		t.Run(name, func(t *testing.T) {
			rec := activitytest.NewRecorder()
			inner := http.NewServeMux()
			inner.HandleFunc("DELETE /articles/{id}", func(_ http.ResponseWriter, r *http.Request) {
				instrument.FromContext(r.Context()).SetObject(activity.Object{Type: "article", ID: r.PathValue("id")})
			})
			inner.HandleFunc("POST /articles", func(http.ResponseWriter, *http.Request) {})
			h := handler(rec, http.StripPrefix("/api", capture(inner)))
			for _, routes := range [][]activitytest.Route{
				activitytest.Patterns("DELETE /articles/{id}", "POST /articles"), activitytest.Patterns("DELETE /api/articles/{id}", "POST /api/articles"),
			} {
				activitytest.CoverRoutes(t, rec, routes, func(route activitytest.Route) {
					serve(h, route.Method, "/api"+strings.TrimPrefix(route.Path(), "/api"))
				})
			}
		})
	}
}

// What a router has for all that it does not know is not each of its routes.
func TestCatchAll(t *testing.T) {
	rec := activitytest.NewRecorder()
	mux := http.NewServeMux()
	mux.HandleFunc("/{path...}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	h := handler(rec, mux)
	var f failures
	activitytest.CoverRoutes(&f, rec, activitytest.Patterns("POST /articles/{id}", "POST /{path...}"), func(route activitytest.Route) {
		serve(h, route.Method, route.Path())
	})
	golden(t, &f, `
1 of 2 routes that change something are not covered:
	POST /articles/{id}: it leaves an activity of another route only: /{path...}`)
}

// A list of the wrong routes, or of none, is no coverage.
func TestNoRoutes(t *testing.T) {
	var f failures
	activitytest.CoverRoutes(&f, activitytest.NewRecorder(), activitytest.Patterns("GET /articles"), func(activitytest.Route) {})
	golden(t, &f, "none of 1 routes has a method that changes something (POST, PUT, PATCH, DELETE)")
}

func TestPatterns(t *testing.T) {
	got := activitytest.Patterns("PUT  /articles/{id}", "/legacy/")
	want := []activitytest.Route{{Method: "PUT", Pattern: "/articles/{id}"}, {Pattern: "/legacy/"}}
	if !reflect.DeepEqual(got, want) || got[0].String() != "PUT /articles/{id}" || got[1].String() != "/legacy/" {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPath(t *testing.T) {
	for pattern, want := range map[string]string{
		"/articles":                        "/articles",
		"/articles/{id}":                   "/articles/17",
		"/articles/{id}/comments/{n}":      "/articles/17/comments/1",
		"example.com/articles/{id}":        "/articles/17",
		"/files/{path...}":                 "/files/a/b",
		"/legacy/{$}":                      "/legacy/",
		"/articles/{year:[0-9]{4}}/{id:.}": "/articles/1/17",
		"/articles/{id}:publish":           "/articles/17:publish",
		"/{id}/*":                          "/17/rest",
		"/articles/:id/publish":            "/articles/17/publish",
		"/articles:publish":                "/articles:publish",
		"/static/*":                        "/static/rest",
		"/static/*path":                    "/static/a/b",
		"/":                                "/",
		"/broken/{id":                      "/broken/17",
	} {
		if got := (activitytest.Route{Pattern: pattern}).Path("id", "17", "path", "a/b", "*", "rest"); got != want {
			t.Errorf("%s: got %s, want %s", pattern, got, want)
		}
	}
}
