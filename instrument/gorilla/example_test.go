package activitymux_test

import (
	"net/http"

	"github.com/gorilla/mux"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activitymux "github.com/otelactivity/activitylog/instrument/gorilla"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// The routes of a subrouter are behind authentication. Capture is inside it, because it passes
// on a new request.
func ExampleMiddleware() {
	defer adaptertest.Print()()
	authenticate := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user := activity.Actor{ID: "1", Name: "alice"} // from the session
			next.ServeHTTP(w, r.WithContext(activity.ContextWithActor(r.Context(), user)))
		})
	}
	rename := func(_ http.ResponseWriter, r *http.Request) {
		instrument.FromContext(r.Context()).SetChange("title", "Down", "Up")
	}

	router := mux.NewRouter()
	router.Use(otelhttp.NewMiddleware("shop"), activitymux.Middleware())
	private := router.NewRoute().Subrouter()
	private.Use(authenticate, activitymux.Capture)
	private.HandleFunc("/articles/{id}", rename).Methods("PUT")

	adaptertest.Put(router)
	// Output:
	// PUT /articles/{id} | alice updated article 17
}
