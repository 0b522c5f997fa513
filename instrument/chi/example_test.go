package activitychi_test

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activitychi "github.com/otelactivity/activitylog/instrument/chi"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// The routes of a group are behind authentication. Capture is inside it, because it passes on a
// new request.
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

	router := chi.NewRouter()
	router.Use(middleware.Recoverer, otelhttp.NewMiddleware("shop"), activitychi.Middleware())
	router.Group(func(r chi.Router) {
		r.Use(authenticate, activitychi.Capture)
		r.Put("/articles/{id}", rename)
	})

	adaptertest.Put(router)
	// Output:
	// PUT /articles/{id} | alice updated article 17
}
