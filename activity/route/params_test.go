package route_test

import (
	"testing"

	"github.com/otelactivity/activitylog/activity/route"
)

func TestParam(t *testing.T) {
	for _, tt := range []struct{ pattern, name, path, want string }{
		{"/projects/:p/features/:featureName", "featureName", "/projects/default/features/a%20b", "a b"},
		{"/projects/:p/features/:featureName", "p", "/projects/default/features/x", "default"},
		{"/projects/:p/features/:featureName", "q", "/projects/default/features/x", ""},
		{"/projects/:p/features/:featureName", "p", "/projects/default", ""},
		{"/files/{path...}", "path", "/files/a/b.txt", "a/b.txt"},
		{"articles/<int:pk>/", "pk", "/app/articles/17/", "17"},
		{"/articles/[id]", "id", "/articles/17", "17"},
		{"/articles", "id", "/articles", ""},
		{"", "id", "/articles/17", ""},
	} {
		if got := route.Parse(tt.pattern).Param(tt.name, tt.path); got != tt.want {
			t.Errorf("Parse(%q).Param(%q, %q) = %q, want %q", tt.pattern, tt.name, tt.path, got, tt.want)
		}
	}
}

// A rule for one thing is not for all of them.
func TestCovers(t *testing.T) {
	for _, tt := range []struct {
		route, path string
		want        bool
	}{
		{"/items/{collection}/{id}", "/items/articles/5", true},
		{"/items/{collection}/{id}", "/items/articles", false},
		{"/items/{collection}/{id}", "/app/items/articles/5", true},
		{"/items/{collection}/{id}", "/app/items/articles", false},
		{"/items/{id?}", "/items", true},
		{"/items(/:id)", "/items", true},
		{"/files/{path...}", "/files", true},
		{"/static/*", "/static/a/b", true},
		{"/a/:id,/b/:id", "/b/5", true},
		{"/a/:id,/b/:id", "/b", false},
	} {
		if got := route.Parse(tt.route).Covers(tt.path); got != tt.want {
			t.Errorf("%s covers %s: %v, want %v", tt.route, tt.path, got, tt.want)
		}
	}
}
