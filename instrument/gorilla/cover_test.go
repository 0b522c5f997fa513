package activitymux_test

import (
	"testing"

	"github.com/gorilla/mux"

	"github.com/otelactivity/activitylog/instrument/activitytest"
	activitymux "github.com/otelactivity/activitylog/instrument/gorilla"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// TestCoverRoutes is about the routes that gorilla/mux lists.
func TestCoverRoutes(t *testing.T) {
	rec := activitytest.NewRecorder()
	blog := adaptertest.NewBlog()
	router := mux.NewRouter()
	router.Use(activitymux.Middleware(rec.Option()))
	register(blog, router, true)
	private := router.NewRoute().Subrouter()
	private.Use(authenticate(blog), activitymux.Capture)
	register(blog, private, false)
	var routes []activitytest.Route
	err := router.Walk(func(r *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		methods, _ := r.GetMethods() // an error: it is a subrouter, or for any method
		for _, method := range methods {
			pattern, err := r.GetPathTemplate()
			if err != nil {
				return err
			}
			routes = append(routes, activitytest.Route{Method: method, Pattern: pattern})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	adaptertest.Cover(t, rec, blog, router, routes, "/nowhere/{id}")
}
