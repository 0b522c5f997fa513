package instrument

import (
	"fmt"
	"sync"
	"testing"
)

func TestParseRoute(t *testing.T) {
	for _, tt := range []struct {
		pattern    string
		name       string
		objectType string
		wildcard   string
	}{
		{"/api/articles/{id}", "GET /api/articles/{id}", "article", "id"},
		{"GET /api/articles/{id}", "GET /api/articles/{id}", "article", "id"},
		{"GET example.com/articles/{id}", "GET /articles/{id}", "article", "id"},
		{"/api/articles", "GET /api/articles", "article", ""},
		{"/api/articles/{$}", "GET /api/articles/{$}", "article", ""},
		{"/blogs/{blog}/articles/{id}", "GET /blogs/{blog}/articles/{id}", "article", "id"},
		{"/articles/{id}/publish", "GET /articles/{id}/publish", "article", "id"},
		{"/categories/{slug}/", "GET /categories/{slug}/", "category", "slug"},
		{"/static/{path...}", "GET /static/{path...}", "static", "path"},
		{"/{tenant}/articles", "GET /{tenant}/articles", "article", ""},
		{"/{slug}", "GET /{slug}", "", ""},
		{"/api/", "GET /api/", "", ""},
		{"/{$}", "GET /{$}", "", ""},
		{"/", "GET /", "", ""},
	} {
		rt := parseRoute("GET", tt.pattern)
		if rt.actionName != tt.name || rt.objectType != tt.objectType || rt.wildcard != tt.wildcard {
			t.Errorf("%q: %+v", tt.pattern, *rt)
		}
	}
}

func TestSingular(t *testing.T) {
	for plural, want := range map[string]string{
		"articles": "article", "categories": "category", "addresses": "address",
		"boxes": "box", "branches": "branch", "dishes": "dish", "houses": "house",
		"status": "status", "analysis": "analysis", "access": "access",
		"data": "data", "me": "me", "s": "s", "": "",
	} {
		if got := singular(plural); got != want {
			t.Errorf("singular(%q) = %q, want %q", plural, got, want)
		}
	}
}

// The cache stays bounded and right, whatever methods clients send.
func TestRouteCache(t *testing.T) {
	var c routeCache
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range maxRoutes {
				method := fmt.Sprintf("M%d-%d", g, i)
				if got := c.get(method, "/x").actionName; got != method+" /x" {
					t.Errorf("action name %q", got)
				}
			}
		})
	}
	wg.Wait()
	if n := len(*c.routes.Load()); n != maxRoutes {
		t.Errorf("%d routes cached, want %d", n, maxRoutes)
	}
}
