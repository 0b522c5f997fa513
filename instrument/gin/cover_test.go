package activitygin_test

import (
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/otelactivity/activitylog/instrument/activitytest"
	activitygin "github.com/otelactivity/activitylog/instrument/gin"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// TestCoverRoutes is about the routes that Gin lists.
func TestCoverRoutes(t *testing.T) {
	rec := activitytest.NewRecorder()
	blog := adaptertest.NewBlog()
	engine := serve(t, blog, gin.Recovery(), activitygin.Middleware(rec.Option())).Config.Handler.(*gin.Engine)
	var routes []activitytest.Route
	for _, r := range engine.Routes() {
		routes = append(routes, activitytest.Route{Method: r.Method, Pattern: r.Path})
	}
	adaptertest.Cover(t, rec, blog, engine, routes, "/nowhere/:id")
}
