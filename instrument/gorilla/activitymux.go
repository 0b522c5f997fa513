// Package activitymux records the requests of a service with gorilla/mux as activities, as
// package instrument does for net/http. Its middleware belongs behind that of otelmux or
// otelhttp, so that the activity is on the span of the request too, and behind one that recovers
// from panics. It belongs before all others:
//
//	router := mux.NewRouter()
//	router.Use(otelmux.Middleware("blog"), activitymux.Middleware())
//	private := router.NewRoute().Subrouter()
//	private.Use(authenticate, activitymux.Capture)
//	private.HandleFunc("/articles/{id}", article).Methods("GET")
//
// What a request does to which object follows from the template of its route and its
// variables. Handlers add to the activity of their request:
//
//	instrument.FromContext(r.Context()).SetChange("title", old, title)
//
// [Capture] belongs behind authentication that passes on a new request, as
// middlewares do that put the user into its context. It is not needed if authentication calls
// SetActor of the request's activity instead.
//
// Middlewares of gorilla/mux run for routes that match. To record other requests as well, put
// the router into [instrument.NewHandler] and keep the middleware.
package activitymux

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/otelactivity/activitylog/instrument"
)

// Middleware returns a middleware that records each tracked request as one activity. It takes
// the options of [instrument.NewMiddleware].
func Middleware(opts ...instrument.Option) mux.MiddlewareFunc {
	record := instrument.NewMiddleware(opts...)
	return func(next http.Handler) http.Handler { return record(Capture(next)) }
}

// Capture is a middleware that makes the activity use the request that it gets: its context,
// which [instrument.WithActor] and activity.ContextWithActor read, and its route.
func Capture(next http.Handler) http.Handler {
	return instrument.CaptureRoute(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name(r)
		next.ServeHTTP(w, r)
	}))
}

// name gives r the route that gorilla/mux has found.
func name(r *http.Request) {
	found := mux.CurrentRoute(r)
	if found == nil {
		return
	}
	if template, err := found.GetPathTemplate(); err == nil {
		r.Pattern = template
	}
	for key, value := range mux.Vars(r) {
		r.SetPathValue(key, value)
	}
}
