package activitychi_test

import (
	"net/http"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/otelactivity/activitylog/instrument/activitytest"
	activitychi "github.com/otelactivity/activitylog/instrument/chi"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// TestCoverRoutes is about the routes that chi lists.
func TestCoverRoutes(t *testing.T) {
	rec := activitytest.NewRecorder()
	blog := adaptertest.NewBlog()
	router := chi.NewRouter()
	router.Use(activitychi.Middleware(rec.Option()))
	register(blog, router, true)
	router.Group(func(r chi.Router) {
		r.Use(authenticate(blog), activitychi.Capture)
		register(blog, r, false)
	})
	var routes []activitytest.Route
	err := chi.Walk(router, func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		routes = append(routes, activitytest.Route{Method: method, Pattern: pattern})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	adaptertest.Cover(t, rec, blog, router, routes, "/nowhere/{id}")
}
