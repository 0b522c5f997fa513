// Package django_test tells the story of the blog to a service in Python, of
// Debian's Django and REST framework: a middleware sends one span for each
// request, the real collector has rules in YAML, and SQLite gets the rows.
package django_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/storytest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/visitor"
)

// The actors of rows.
var (
	alice   = rows.Row{"actor_id": "1", "actor_type": "user", "actor_name": "alice"}
	bob     = rows.Row{"actor_id": "2", "actor_type": "user", "actor_name": "bob"}
	admin   = rows.Row{"actor_id": "3", "actor_type": "user", "actor_name": "admin"}
	unknown = rows.Row{"actor_type": "anonymous"}
)

// The routes as Django has them.
const (
	articles = "api/articles/$"
	article  = "api/articles/(?P<pk>[^/.]+)/$"
)

type fields = storytest.Fields

var (
	do  = storytest.Do
	row = storytest.Row
)

// story is the blog's, as far as this service has what it is about. Its REST
// framework answers 403 where the blog answers 401: sessions have no challenge.
var story = []storytest.Step{
	// What nobody asks about is not recorded.
	do("somebody", "GET", "/ping", nil, 200, nil),
	do("somebody", "GET", "/api/articles/", nil, 200, nil),
	do("somebody", "GET", "/api/articles/1/", nil, 200, nil),
	do("somebody", "GET", "/api/posts/hello-world/", nil, 200, nil),
	do("somebody", "GET", "/nowhere", nil, 404, nil),

	// Refused without a session.
	do("somebody", "POST", "/api/articles/", fields{"title": "Spam", "body": "Buy!"}, 403,
		row(unknown, "Create", "POST "+articles, "403", "article", "",
			"anonymous failed to create article")),

	// Logins. One without a name and a password is a failed one.
	do("somebody", "POST", "/api/login/", fields{"user": "alice"}, 400,
		row(unknown, "Login Failed", "POST api/login/", "400", "session", "",
			"anonymous failed to log in from 127.0.0.1")),
	do("alice", "POST", "/api/login/", fields{"username": "alice", "password": "wonderlamp"}, 401,
		row(unknown, "Login Failed", "POST api/login/", "401", "session", "",
			"alice failed to log in from 127.0.0.1", "data", `{"claimed":"alice"}`)),
	do("alice", "POST", "/api/login/", fields{"username": "alice", "password": "wonderland"}, 200,
		row(alice, "Login", "POST api/login/", "", "session", "", "alice logged in from 127.0.0.1")),
	do("bob", "POST", "/api/login/", fields{"username": "bob", "password": "builder"}, 200,
		row(bob, "Login", "POST api/login/", "", "session", "", "bob logged in from 127.0.0.1")),
	do("alice", "GET", "/ping", nil, 200, nil),

	// Reads, with words of their own; a list and one; one from an address that is a lie.
	do("alice", "GET", "/api/posts/", nil, 200,
		row(alice, "Read", "GET api/posts/$", "", "post", "", "alice is reading blog posts")),
	do("alice", "GET", "/api/posts/hello-world/", nil, 200,
		row(alice, "Read", "GET api/posts/(?P<pk>[^/.]+)/$", "", "post", "hello-world", "alice is reading blog posts")),
	do("alice", "GET", "/api/articles/?token=s3cret-in-a-query", nil, 200,
		row(alice, "Read", "GET "+articles, "", "article", "", "alice read article")),
	do("bob", "GET", "/api/articles/1/", nil, 200,
		row(bob, "Read", "GET "+article, "", "article", "1",
			"bob read article 1", "object_name", "Down the rabbit hole"),
		"X-Forwarded-For", "203.0.113.9", "Forwarded", "for=203.0.113.9"),

	// The life of an article. The id of what is new, and of what is gone.
	do("alice", "POST", "/api/articles/", fields{"title": "A mad tea party", "body": "No room!"}, 201,
		row(alice, "Create", "POST "+articles, "", "article", "3",
			"alice created article 3", "object_name", "A mad tea party")),
	do("alice", "PUT", "/api/articles/3/", fields{"title": "Tea", "body": "Plenty of room!"}, 200,
		row(alice, "Update", "PUT "+article, "", "article", "3",
			"alice updated article 3", "object_name", "Tea")),
	do("alice", "PATCH", "/api/articles/3/", fields{"title": "Tea ☕"}, 200,
		row(alice, "Update", "PATCH "+article, "", "article", "3",
			"alice updated article 3", "object_name", "Tea ☕")),
	do("bob", "PUT", "/api/articles/3/", fields{"title": "Mine", "body": "Mine"}, 403,
		row(bob, "Update", "PUT "+article, "403", "article", "3",
			"bob failed to update article 3")),
	do("bob", "GET", "/api/articles/99/", nil, 404,
		row(bob, "Read", "GET "+article, "404", "article", "99",
			"bob failed to read article 99")),
	// What another site made alice's browser send, without her CSRF token.
	do("alice", "DELETE", "/api/articles/3/", nil, 403,
		row(alice, "Delete", "DELETE "+article, "403", "article", "3",
			"alice failed to delete article 3"),
		"X-CSRFToken", "guessed"),
	do("alice", "DELETE", "/api/articles/3/", nil, 204,
		row(alice, "Delete", "DELETE "+article, "", "article", "3",
			"alice deleted article 3", "object_name", "Tea ☕")),

	// Admins may.
	do("admin", "POST", "/api/login/", fields{"username": "admin", "password": "looking-glass"}, 200,
		row(admin, "Login", "POST api/login/", "", "session", "", "admin logged in from 127.0.0.1")),
	do("admin", "DELETE", "/api/articles/2/", nil, 204,
		row(admin, "Delete", "DELETE "+article, "", "article", "2",
			"admin deleted article 2", "object_name", "Can we fix it?")),

	// The end.
	do("alice", "POST", "/api/logout/", nil, 204,
		row(alice, "Logout", "POST api/logout/", "", "session", "", "alice logged out from 127.0.0.1")),
	do("alice", "GET", "/api/posts/", nil, 200, nil),
}

func TestStory(t *testing.T) {
	collectortest.Binary(t) // skips before anything is started
	cmd, addr := runserver(t)
	f := storytest.StartForeign(t, "collector.yaml", cmd, addr)

	service := storytest.Service{
		URL:    "http://" + addr,
		Login:  "/api/login/",
		Cookie: "sessionid",
		Common: rows.Row{"client_address": "127.0.0.1", "service_name": "blog-django", "source": "derived"},
		Secrets: []string{
			"wonderlamp", "wonderland", "builder", "looking-glass", "s3cret-in-a-query",
		},
		Header: func(v *visitor.Visitor) []string { return []string{"X-CSRFToken", v.Cookie("csrftoken")} },
	}.Tell(t, story)
	service.Compare(t, f.Rows(t, service.Tracked()))
}

// TestCollectorInTrouble checks that requests neither fail nor wait while the
// collector refuses spans, and that the spans arrive when it takes them again.
func TestCollectorInTrouble(t *testing.T) {
	var well atomic.Bool
	arrived := make(chan string, 100)
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !well.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		arrived <- string(body)
	}))
	defer collector.Close()
	cmd, addr := runserver(t)
	cmd.Env = append(cmd.Env, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
	storytest.StartService(t, cmd, addr)

	who := visitor.New("http://"+addr, "story/somebody")
	res, sent := visitor.Response{}, time.Now()
	for range 20 {
		var err error
		if res, err = who.Do(t.Context(), "GET", "/api/articles/", nil); err != nil || res.Status != 200 {
			t.Errorf("answered %d (%v), want 200", res.Status, err)
		}
	}
	if took := time.Since(sent); took > 2*time.Second {
		t.Errorf("20 requests took %v", took)
	}
	well.Store(true)
	for deadline := time.After(10 * time.Second); ; {
		select {
		case body := <-arrived:
			if strings.Contains(body, res.TraceID) {
				return
			}
		case <-deadline:
			t.Fatal("the span of the last request did not arrive")
		}
	}
}

// runserver returns the command that serves the blog on addr, with tables that
// are new.
func runserver(t *testing.T) (cmd *exec.Cmd, addr string) {
	t.Helper()
	python := needDjango(t)
	addr = testserver.FreeAddr(t)
	env := append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "OTEL_SERVICE_NAME=blog-django",
		"BLOG_DB="+filepath.Join(t.TempDir(), "blog.db"))
	migrate := exec.Command(python, "manage.py", "migrate", "--verbosity=0")
	migrate.Env = env
	if out, err := migrate.CombinedOutput(); err != nil {
		t.Fatalf("make the tables: %v\n%s", err, out)
	}
	cmd = exec.Command(python, "manage.py", "runserver", "--noreload", addr)
	cmd.Env = env
	return cmd, addr
}

// needDjango returns a Python that has Django and its REST framework: that in
// PATH, or Debian's. Where there is none the test is skipped, and fails where
// CI=true.
func needDjango(t *testing.T) (python string) {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import django, rest_framework").Run() == nil {
			return python
		}
	}
	testserver.Missing(t, "no Python has Django and its REST framework; run make clients")
	return ""
}
