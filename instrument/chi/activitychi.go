// Package activitychi records the requests of a service with chi as activities, as package
// instrument does for net/http. Its middleware belongs behind that of otelhttp, so that the
// activity is on the span of the request too, and behind one that recovers from panics. It
// belongs before all others:
//
//	router := chi.NewRouter()
//	router.Use(middleware.Recoverer, otelhttp.NewMiddleware("blog"), activitychi.Middleware())
//	router.Group(func(r chi.Router) {
//		r.Use(authenticate, activitychi.Capture)
//		r.Get("/articles/{id}", article)
//	})
//
// What a request does to which object follows from the pattern of its route and its
// parameters. Handlers add to the activity of their request:
//
//	instrument.FromContext(r.Context()).SetChange("title", old, title)
//
// [Capture] belongs behind authentication that passes on a new request, as
// middlewares do that put the user into its context. It is not needed if authentication calls
// SetActor of the request's activity instead.
//
// A request without a route, answered with 404, is recorded if it has an actor.
package activitychi

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/otelactivity/activitylog/instrument"
)

// Middleware returns a middleware that records each tracked request as one activity. It takes
// the options of [instrument.NewMiddleware].
func Middleware(opts ...instrument.Option) func(http.Handler) http.Handler {
	record := instrument.NewMiddleware(opts...)
	return func(next http.Handler) http.Handler {
		return record(instrument.CaptureRoute(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer name(r)
			next.ServeHTTP(w, r)
		})))
	}
}

// Capture is a middleware that makes the activity use the request that it gets: its context,
// which [instrument.WithActor] and activity.ContextWithActor read.
func Capture(next http.Handler) http.Handler { return instrument.CaptureRoute(next) }

// name gives r the route that chi has found. Routers below a mount add to it until the handlers
// have returned.
func name(r *http.Request) {
	found := chi.RouteContext(r.Context())
	if found == nil {
		return
	}
	r.Pattern = found.RoutePattern()
	for i, key := range found.URLParams.Keys {
		if i < len(found.URLParams.Values) {
			r.SetPathValue(key, found.URLParams.Values[i])
		}
	}
}
