package record

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otelactivity/activitylog/activity"
)

func TestObjectOf(t *testing.T) {
	const uuid = "0f8fad5b-d9cb-469f-a165-70867728950e"
	for _, tt := range []struct{ route, path, typ, id string }{
		// one parameter, as the frameworks write it
		{"/api/articles/{id}", "/api/articles/17", "article", "17"},
		{"/api/articles/:id", "/api/articles/17", "article", "17"},
		{"articles/<int:pk>/", "/articles/17/", "article", "17"},
		{"^articles/(?P<pk>[^/.]+)/$", "/articles/17/", "article", "17"},
		{"/articles/{id:[0-9]+}", "/articles/17", "article", "17"},
		{"/articles/{id:int?}", "/articles/17", "article", "17"},
		{"/articles/[id]", "/articles/17", "article", "17"},
		{"/articles/:id(.:format)", "/articles/17", "article", "17"},
		{"GET /articles/{id}", "/articles/17", "article", "17"},
		{"/articles/{id}.json", "/articles/17.json", "article", "17"},
		{"/Articles/{id}", "/articles/17", "Article", "17"},
		{"/users/{uid}/articles/{id}", "/users/3/articles/17", "article", "17"},
		{"/articles/{id}/publish", "/articles/17/publish", "article", "17"},
		{"/articles/{$}", "/articles/", "article", ""},

		// the rest of the path
		{"/files/*", "/files/a/b.txt", "file", "a/b.txt"},
		{"/files/{path...}", "/files/a/b.txt", "file", "a/b.txt"},
		{"/files/{*path}", "/files/a/b.txt", "file", "a/b.txt"},
		{"/files/<path:p>", "/files/a/b.txt", "file", "a/b.txt"},
		{"/files/{p:path}", "/files/a/b.txt", "file", "a/b.txt"},
		{"/*", "/articles/17", "", ""},
		{"*", "/articles/17", "", ""},

		// no parameter, nothing that names a type
		{"/api/articles", "/api/articles", "article", ""},
		{"/api/v1/articles/", "/api/v1/articles/", "article", ""},
		{"/api/v2.1/articles/{id}", "/api/v2.1/articles/17", "article", "17"},
		{"/api/v1/{id}", "/api/v1/17", "", ""},
		{"/{slug}", "/hello-world", "", ""},
		{"/", "/", "", ""},
		{"/api/", "/api/", "", ""},
		{"", "", "", ""},

		// ids as they come
		{"/articles/{slug}", "/articles/hello%20world%2F2", "article", "hello world/2"},
		{"/articles/{slug}", "/articles/100%", "article", "100%"},
		{"/articles/{slug}", "/articles/a%00b", "article", "a%00b"},
		{"/articles/{slug}", "/articles/a%ffb", "article", "a%ffb"},
		{"/articles/{slug}", "/articles/äöü", "article", "äöü"},

		// route and path that do not fit, or fit further on
		{"/articles/{id}", "/app/articles/17", "article", "17"},
		{"/articles/{id}", "/posts/17", "article", ""},
		{"/articles/{id}", "/articles", "article", ""},
		{"/articles/{id}", "", "article", ""},
		{"/articles/{id}/publish", "/articles/17", "article", ""},

		// routes that Django joins
		{"api/^articles/(?P<pk>[^/.]+)/$", "/api/articles/hello-world/", "article", "hello-world"},
		{"^api/^articles/$", "/api/articles/", "article", ""},

		// the name of a route in its place
		{"article_update", "/articles/17", "article", "17"},
		{"article_update", "/articles/hello-world", "", ""},
		{"article_update", "", "article_update", ""},
		{"default", "/api/articles/17", "article", "17"},
		{"articles", "/articles", "article", ""},
		{"articles", "/app/articles", "article", ""},

		// no route
		{"", "/api/articles/17", "article", "17"},
		{"", "/api/articles/17/publish", "article", "17"},
		{"", "/articles/" + uuid, "article", uuid},
		{"", "/api/articles", "article", ""},
		{"", "/articles", "article", ""},
		{"", "/articles/hello-world", "", ""},
		{"", "/17", "", ""},
	} {
		want := activity.Object{Type: tt.typ, ID: tt.id}
		assert.Equal(t, want, ObjectOf(templates.of(tt.route), tt.path), "route %q, path %q", tt.route, tt.path)
	}
}
