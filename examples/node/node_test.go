// Package node_test tells the story of the blog to a service in Node.js that
// has no word of ours in it: zero-code instrumentation, the real collector with
// rules in YAML, rows in SQLite.
package node_test

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/storytest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// The actors of rows.
var (
	alice   = rows.Row{"actor_id": "1", "actor_type": "user", "actor_name": "alice", "session_id": "alice's"}
	bob     = rows.Row{"actor_id": "2", "actor_type": "user", "actor_name": "bob", "session_id": "bob's"}
	admin   = rows.Row{"actor_id": "3", "actor_type": "user", "actor_name": "admin", "session_id": "admin's"}
	unknown = rows.Row{"actor_type": "anonymous"}
)

type fields = storytest.Fields

var (
	do  = storytest.Do
	row = storytest.Row
)

// story is the blog's, as far as this service has what it is about.
var story = []storytest.Step{
	// What nobody asks about is not recorded.
	do("somebody", "GET", "/ping", nil, 200, nil),
	do("somebody", "GET", "/about.html", nil, 200, nil),
	do("somebody", "GET", "/api/articles", nil, 200, nil),
	do("somebody", "GET", "/api/articles/1", nil, 200, nil),
	do("somebody", "GET", "/nowhere", nil, 404, nil),

	// Refused without a session.
	do("somebody", "POST", "/api/articles", fields{"title": "Spam", "body": "Buy!"}, 401,
		row(unknown, "Create", "POST /api/articles", "401", "article", "",
			"anonymous failed to create article")),

	// Logins. One without a name and a password is a failed one.
	do("somebody", "POST", "/api/login", fields{"user": "alice"}, 400,
		row(unknown, "Login Failed", "POST /api/login", "400", "session", "",
			"anonymous failed to log in from 127.0.0.1")),
	do("alice", "POST", "/api/login", fields{"username": "alice", "password": "wonderlamp"}, 401,
		row(unknown, "Login Failed", "POST /api/login", "401", "session", "",
			"alice failed to log in from 127.0.0.1", "data", `{"claimed":"alice"}`)),
	do("alice", "POST", "/api/login", fields{"username": "alice", "password": "wonderland"}, 200,
		row(alice, "Login", "POST /api/login", "", "session", "", "alice logged in from 127.0.0.1")),
	do("bob", "POST", "/api/login", fields{"username": "bob", "password": "builder"}, 200,
		row(bob, "Login", "POST /api/login", "", "session", "", "bob logged in from 127.0.0.1")),
	do("alice", "GET", "/ping", nil, 200, nil),

	// Reads of a list and of one; the second from an address that is a lie.
	do("alice", "GET", "/api/articles?token=s3cret-in-a-query", nil, 200,
		row(alice, "Read", "GET /api/articles", "", "article", "", "alice read article")),
	do("bob", "GET", "/api/articles/1", nil, 200,
		row(bob, "Read", "GET /api/articles/:id", "", "article", "1",
			"bob read article 1", "object_name", "Down the rabbit hole"),
		"X-Forwarded-For", "203.0.113.9", "Forwarded", "for=203.0.113.9"),

	// The life of an article. The id of what is new, and of what is gone.
	do("alice", "POST", "/api/articles", fields{"title": "A mad tea party", "body": "No room!"}, 201,
		row(alice, "Create", "POST /api/articles", "", "article", "3",
			"alice created article 3", "object_name", "A mad tea party")),
	do("alice", "PUT", "/api/articles/3", fields{"title": "Tea", "body": "Plenty of room!"}, 200,
		row(alice, "Update", "PUT /api/articles/:id", "", "article", "3",
			"alice updated article 3", "object_name", "Tea")),
	do("alice", "PATCH", "/api/articles/3", fields{"title": "Tea ☕"}, 200,
		row(alice, "Update", "PATCH /api/articles/:id", "", "article", "3",
			"alice updated article 3", "object_name", "Tea ☕")),
	do("bob", "PUT", "/api/articles/3", fields{"title": "Mine", "body": "Mine"}, 403,
		row(bob, "Update", "PUT /api/articles/:id", "403", "article", "3",
			"bob failed to update article 3")),
	do("bob", "GET", "/api/articles/99", nil, 404,
		row(bob, "Read", "GET /api/articles/:id", "404", "article", "99",
			"bob failed to read article 99")),
	do("alice", "POST", "/api/articles", fields{"title": "No body"}, 400,
		row(alice, "Create", "POST /api/articles", "400", "article", "",
			"alice failed to create article")),
	do("alice", "DELETE", "/api/articles/3", nil, 204,
		row(alice, "Delete", "DELETE /api/articles/:id", "", "article", "3",
			"alice deleted article 3", "object_name", "Tea ☕")),

	// A handler that fails.
	do("alice", "PUT", "/api/articles/1", nil, 400,
		row(alice, "Update", "PUT /api/articles/:id", "400", "article", "1",
			"alice failed to update article 1")),

	// Admins may.
	do("admin", "POST", "/api/login", fields{"username": "admin", "password": "looking-glass"}, 200,
		row(admin, "Login", "POST /api/login", "", "session", "", "admin logged in from 127.0.0.1")),
	do("admin", "DELETE", "/api/articles/2", nil, 204,
		row(admin, "Delete", "DELETE /api/articles/:id", "", "article", "2",
			"admin deleted article 2", "object_name", "Can we fix it?")),

	// The end.
	do("alice", "POST", "/api/logout", nil, 204,
		row(alice, "Logout", "POST /api/logout", "", "session", "", "alice logged out from 127.0.0.1")),
	do("alice", "GET", "/api/articles", nil, 200, nil),
	do("alice", "POST", "/api/logout", nil, 401,
		row(unknown, "Logout", "POST /api/logout", "401", "session", "",
			"a logout without a session")),
}

func TestStory(t *testing.T) {
	collectortest.Binary(t) // skips before anything is started
	needNode(t)
	addr := testserver.FreeAddr(t)
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command("node", "--require", "@opentelemetry/auto-instrumentations-node/register", "app.js")
	cmd.Env = append(os.Environ(), "PORT="+port,
		"OTEL_SERVICE_NAME=blog-node",
		"OTEL_TRACES_EXPORTER=otlp", "OTEL_METRICS_EXPORTER=none", "OTEL_LOGS_EXPORTER=none",
		"OTEL_NODE_RESOURCE_DETECTORS=env", // the others ask the network which cloud this is
	)
	f := storytest.StartForeign(t, "collector.yaml", cmd, addr)

	service := storytest.Service{
		URL:    "http://" + addr,
		Login:  "/api/login",
		Cookie: "blog_session",
		Common: rows.Row{"client_address": "127.0.0.1", "service_name": "blog-node", "source": "derived"},
		Secrets: []string{
			"wonderlamp", "wonderland", "builder", "looking-glass", "s3cret-in-a-query",
		},
	}.Tell(t, story)
	f.Stop(t)
	service.Compare(t, f.Rows(t, service.Tracked()))
}

// TestNoWordOfOurs checks what the example is to show: the service sets none of
// our attributes and depends on nothing but Express and OpenTelemetry.
func TestNoWordOfOurs(t *testing.T) {
	files, err := filepath.Glob("*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source files (%v)", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"activity.", "activitylog"} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s has the word %q", file, word)
			}
		}
	}
	var manifest struct{ Dependencies map[string]string }
	text, err := os.ReadFile("package.json")
	if err == nil {
		err = json.Unmarshal(text, &manifest)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name := range manifest.Dependencies {
		if name != "express" && !strings.HasPrefix(name, "@opentelemetry/") {
			t.Errorf("package.json depends on %s", name)
		}
	}
}

// needNode skips the test where Node.js or the packages are not installed, and
// fails it where CI=true.
func needNode(t *testing.T) {
	t.Helper()
	_, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat("node_modules/@opentelemetry/auto-instrumentations-node")
	}
	if err != nil {
		testserver.Missing(t, "Node.js or its packages are not installed: %v; run make clients", err)
	}
}
