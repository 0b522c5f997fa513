package activityecho_test

import (
	"testing"

	"github.com/otelactivity/activitylog/instrument/activitytest"
	activityecho "github.com/otelactivity/activitylog/instrument/echov5"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// TestCoverRoutes is about the routes that Echo 5 lists.
func TestCoverRoutes(t *testing.T) {
	rec := activitytest.NewRecorder()
	blog := adaptertest.NewBlog()
	e := newBlog(blog, activityecho.Middleware(rec.Option()))
	var routes []activitytest.Route
	for _, r := range e.Router().Routes() {
		routes = append(routes, activitytest.Route{Method: r.Method, Pattern: r.Path})
	}
	adaptertest.Cover(t, rec, blog, e, routes, "/nowhere/:id")
}
