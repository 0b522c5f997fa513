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
