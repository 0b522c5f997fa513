package route_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
)

// The table is also run through the middleware and through the collector, by
// e2e/routes.
func TestAct(t *testing.T) {
	frameworks := map[string]bool{}
	for _, c := range readLines(t, "routes.tsv", 12, 400) {
		frameworks[c[0]] = true
		t.Run(strings.Join(c[:5], " "), func(t *testing.T) {
			code, err := strconv.Atoi(c[4])
			if err != nil {
				t.Fatal(err)
			}
			act := route.Parse(c[2]).Act(c[1], c[3], code)
			guessed := map[bool]string{true: "yes"}[act.Guessed]
			got := []string{string(act.Type), act.Name, act.Object.Type, act.Object.ID, parents(act.Object), guessed}
			if !slices.Equal(got, c[5:11]) {
				t.Errorf("got  %q\nwant %q (%s)", got, c[5:11], c[11])
			}
		})
	}
	if len(frameworks) < 20 {
		t.Errorf("the routes are of %d frameworks, want 20 or more", len(frameworks))
	}
}

// parents returns what an object belongs to, as in the table: "post 17 of user 3".
func parents(o activity.Object) string {
	var list []string
	for p := o.Parent; p != nil; p = p.Parent {
		list = append(list, p.String())
	}
	return strings.Join(list, " of ")
}

// readLines returns the lines of a table in testdata, of which there are so many. Its
// cells are separated by tabs. Lines that begin with # are comments.
func readLines(t *testing.T, name string, cells, least int) (all [][]string) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		c := strings.Split(lines.Text(), "\t")
		if len(c) != cells {
			t.Fatalf("%s: %q has %d cells, want %d", name, lines.Text(), len(c), cells)
		}
		all = append(all, c)
	}
	if len(all) < least {
		t.Fatalf("%s has %d lines, want %d at least", name, len(all), least)
	}
	return all
}

const uuid = "0f8fad5b-d9cb-469f-a165-70867728950e"

// Requests whose route or path is not known, and names in the place of a route.
func TestObjectOfLess(t *testing.T) {
	for _, tt := range []struct{ route, path, typ, id string }{
		{"", "/api/articles/17", "article", "17"},
		{"", "/api/articles/17/publish", "article", "17"},
		{"", "/articles/" + uuid, "article", uuid},
		{"", "/users/3/articles/17", "article", "17"},
		{"", "/api/articles", "article", ""},
		{"", "/articles", "article", ""},
		{"", "/articles/hello-world", "", ""},
		{"", "/api/v1/17", "", ""},
		{"", "/17", "", ""},
		{"", "/", "", ""},
		{"", "", "", ""},
		{"/", "/articles/17", "article", "17"},
		{"article_update", "/articles/17", "article", "17"},
		{"article_update", "/articles/hello-world", "", ""},
		{"article_update", "", "article", ""},
		{"default", "/api/articles/17", "article", "17"},
		{"articles", "/articles", "article", ""},
		{"articles", "/app/articles", "article", ""},
		{"/articles/{id}", "", "article", ""},
		{"/articles/{id}", "/articles", "article", ""},
		{"/articles/{id}", "/posts/17", "article", ""},
		{"/articles/{slug}", "/articles/100%", "article", "100%"},
	} {
		if got, want := without(route.Parse(tt.route).Act("PUT", tt.path, 200).Object), (activity.Object{Type: tt.typ, ID: tt.id}); got != want {
			t.Errorf("route %q, path %q: got %+v, want %+v", tt.route, tt.path, got, want)
		}
	}
}

func TestID(t *testing.T) {
	for value, want := range map[string]string{
		"17": "17", "a/b": "a/b", "17;jsessionid=1": "17", "": "", ";a": "", "a\x00b": "", "a\xffb": "",
	} {
		if got := route.ID(value); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}

func TestIDParam(t *testing.T) {
	for pattern, want := range map[string]string{
		"/articles/{id}": "id", "/articles/:article_id": "article_id", "articles/<int:pk>/": "pk", "^articles/(?P<pk>[^/.]+)/$": "pk",
		"/articles/(?<slug>[a-z]+)": "slug", "/files/{path...}": "path", "/docs/[[...slug]]": "slug", "/files/{**path}": "path",
		"/articles/{id:[0-9]+}": "id", "/articles/{id:int?}": "id", "/files/*rest": "rest", "/articles/[0-9]+": "", "/articles/*": "",
		"/articles/([0-9]+)": "", "/articles": "", "/resets/{token}": "", "/{slug}": "", "": "",
	} {
		if got := route.Parse(pattern).Act("PUT", "", 200).Param; got != want {
			t.Errorf("%s: got %q, want %q", pattern, got, want)
		}
	}
}

func TestString(t *testing.T) {
	for pattern, want := range map[string]string{
		"GET /articles/{id}":               "/articles/{id}",
		"GET example.com/articles/{id}":    "/articles/{id}",
		"PURGE \t/articles":                "/articles",
		"/articles?sort=title":             "/articles",
		"/articles/:id?":                   "/articles/:id?",
		"/articles/:id(.:format)":          "/articles/:id",
		"^articles/(?P<pk>\\d+)/?$":        "^articles/(?P<pk>\\d+)/?$",
		"/api/articles/{$}":                "/api/articles/{$}",
		"v1.0/articles/<pk>":               "v1.0/articles/<pk>",
		"Home/Index":                       "Home/Index",
		"MyController Show":                "MyController Show",
		"/articles/{id:[0-9]?}/{x:a?b}?c=": "/articles/{id:[0-9]?}/{x:a?b}",
		"":                                 "",
	} {
		if got := route.Parse(pattern).String(); got != want {
			t.Errorf("%q: got %q, want %q", pattern, got, want)
		}
	}
}

func TestActionName(t *testing.T) {
	articles := route.Parse("GET /articles/{id}")
	for range 2 { // made, and kept
		for _, method := range []string{"GET", "PUT", "PURGE"} {
			if got, want := articles.Act(method, "/articles/17", 200).Name, method+" /articles/{id}"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
	if got := route.Parse("").Act("PUT", "", 0).Name; got != "PUT" {
		t.Errorf("got %q", got)
	}
}

func TestSingular(t *testing.T) {
	for plural, want := range map[string]string{
		"articles": "article", "categories": "category", "boxes": "box", "addresses": "address", "batches": "batch", "dishes": "dish",
		"branches": "branch", "houses": "house", "sizes": "size", "ties": "tie", "indexes": "index", "databases": "database",
		"movies": "movie", "cookies": "cookie", "caches": "cache", "aliases": "alias", "statuses": "status", "buses": "bus",
		"people": "person", "children": "child", "women": "woman", "criteria": "criterion", "indices": "index", "analyses": "analysis",
		"quizzes": "quiz", "shelves": "shelf", "heroes": "hero", "menus": "menu", "apis": "api", "taxis": "taxi", "ads": "ad",
		"news": "news", "series": "series", "species": "species", "address": "address", "status": "status", "analysis": "analysis",
		"access": "access", "canvas": "canvas", "lens": "lens", "alias": "alias", "data": "data", "media": "media", "sms": "sms", "dns": "dns",
		"ws": "ws", "me": "me", "s": "s", "": "", "-": "-", "article": "article", "login": "login",
		"blog-posts": "blog-post", "order_statuses": "order_status", "blogPosts": "blogPost", "userMovies": "userMovie",
		"People": "Person", "News": "News", "Articles": "Article", "org.people": "org.person", "straße-wege": "straße-wege",
	} {
		if got := route.Singular(plural); got != want {
			t.Errorf("%q: got %q, want %q", plural, got, want)
		}
		if again := route.Singular(want); again != want {
			t.Errorf("%q is a singular, and becomes %q", want, again)
		}
	}
}

// The cache stays bounded and right, however many routes services make.
func TestCache(t *testing.T) {
	const limit = 5000
	var c route.Cache
	if first := c.Get("/articles/{id}"); c.Get("/articles/{id}") != first {
		t.Error("a template is read twice")
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range limit {
				pattern := fmt.Sprintf("/articles/%d-%d", g, i)
				if got := c.Get(pattern).String(); got != pattern {
					t.Errorf("got %q, want %q", got, pattern)
				}
			}
		})
	}
	wg.Wait()
	if n := route.Len(&c); n > limit {
		t.Errorf("%d templates are kept, want %d at most", n, limit)
	}
}

// Whatever a service calls a route, reading it ends, and what is kept of one request does
// not change what is said of the next.
func FuzzParse(f *testing.F) {
	f.Add("/articles/{id}", "/articles/17", "/articles/18")
	f.Add("(/{/:a?(*)", "//;/%", "")
	f.Add("[[...]]{*}", "", "/")
	f.Add("", "/users/3/articles/2026/11", "/users/4/articles/17/5")
	f.Add("/:id", "/api/articles/17", "/17")
	f.Add("/v1/{name=a/*/b/**}:c", "/v1/a/1/b/2/3:c", "/x")
	f.Add("", "/bot110201543%3AAAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/a;sid=1", "/u:p@h.example/token=%41")
	f.Fuzz(func(t *testing.T, pattern, path, before string) {
		tmpl := route.Parse(pattern)
		for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
			tmpl.Act(method, before, 200)
			kept, fresh := tmpl.Act(method, path, 200), route.Parse(pattern).Act(method, path, 200)
			if o := kept.Object; o.Type == "" && o.ID != "" && o.Parent == nil {
				t.Errorf("an id without a type: %+v", o)
			}
			if parents(kept.Object) != parents(fresh.Object) || without(kept.Object) != without(fresh.Object) ||
				kept.Name != fresh.Name || kept.Type != fresh.Type || kept.Guessed != fresh.Guessed {
				t.Errorf("after another request: %+v, want %+v", kept, fresh)
			}
		}
		tmpl.Fits(path)
	})
}

// BenchmarkAct measures a route that says everything, and paths that do.
func BenchmarkAct(b *testing.B) {
	for name, c := range map[string]struct{ route, path string }{
		"route":  {"/api/articles/{id}", "/api/articles/17"},
		"parent": {"/users/{user}/articles/{id}", "/users/3/articles/17"},
		"path":   {"", "/api/articles/17"},
		"prefix": {"/api/", "/api/articles/17"},
		"long":   {"", "/api/internationalization/of/several/web/applications/with/very/long/addresses"},
	} {
		b.Run(name, func(b *testing.B) {
			var cache route.Cache
			b.ReportAllocs()
			for b.Loop() {
				cache.Get(c.route).Act("PUT", c.path, 200)
			}
		})
	}
}

func without(o activity.Object) activity.Object { o.Parent = nil; return o }
