//go:build apps

package apps_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// TestPayload edits articles in a content management system that is made with Next.js.
func TestPayload(t *testing.T) {
	addr := testserver.FreeAddr(t)
	cmd := npm(t, "payload", "node_modules/next/dist/bin/next", "start", "--hostname", "127.0.0.1", "--port", port(addr))
	database := filepath.Join(t.TempDir(), "payload.db")
	empty, err := os.ReadFile(filepath.Join(cmd.Dir, "empty.db"))
	if err == nil {
		err = os.WriteFile(database, empty, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	a := start(t, cmd, addr, "/api/access", "DATABASE_URL=file:"+database, "PAYLOAD_SECRET=only-for-tests", "NEXT_TELEMETRY_DISABLED=1")
	a.tell("payload", payloadStory(), "wonderland", "wonderlamp", "builder", "only-for-tests")
}

func payloadStory() []act {
	account := func(name, password, role string) fields {
		return fields{"email": name + "@example.com", "password": password, "role": role}
	}
	const alice, bob = "1", "2"
	return []act{
		{what: "somebody reads articles without logging in", who: "somebody", method: "GET", path: "/api/articles", status: 403, outcome: refused},
		{what: "somebody writes an article without logging in", is: "Create article", who: "somebody", method: "POST", path: "/api/articles", body: fields{"title": "Spam"}, status: 403, outcome: refused},
		{what: "alice registers as the first user, and is logged in by that", is: "Create user 1|Login session", who: "alice", actor: alice, method: "POST", path: "/api/users/first-register",
			body: account("alice", "wonderland", "admin"), status: 200},
		{what: "alice fails to log in", is: "Login Failed session", who: "visitor", method: "POST", path: "/api/users/login", body: account("alice", "wonderlamp", ""), status: 401, outcome: refused},
		{what: "alice logs in on another computer", is: "Login session", who: "alice's laptop", actor: alice, method: "POST", path: "/api/users/login", body: account("alice", "wonderland", ""), status: 200,
			save: map[string]string{"alice token": "token"}},
		{what: "alice makes an account for bob", is: "Create user 2", who: "alice", actor: alice, method: "POST", path: "/api/users", body: account("bob", "builder", "reader"), status: 201},
		{what: "bob logs in", is: "Login session", who: "bob", actor: bob, method: "POST", path: "/api/users/login", body: account("bob", "builder", ""), status: 200,
			save: map[string]string{"bob token": "token"}, as: map[string]string{"Authorization": "Bearer {bob token}"}},
		{what: "alice reads who she is", who: "alice", actor: alice, method: "GET", path: "/api/users/me", status: 200, outcome: read},
		{what: "alice writes an article", is: "Create article 1", who: "alice", actor: alice, method: "POST", path: "/api/articles", body: fields{"title": "A mad tea party"}, status: 201},
		{what: "bob reads it", who: "bob", actor: bob, method: "GET", path: "/api/articles/1", status: 200, outcome: read},
		{what: "alice changes it", is: "Update article 1", who: "alice", actor: alice, method: "PATCH", path: "/api/articles/1", body: fields{"title": "Tea"}, status: 200},
		{what: "bob, who is no admin, deletes it", is: "Delete article 1", who: "bob", actor: bob, method: "DELETE", path: "/api/articles/1", status: 403, outcome: refused},
		{what: "bob reads an article that is not there", who: "bob", actor: bob, method: "GET", path: "/api/articles/99", status: 404, outcome: read},
		{what: "alice writes an article without a title", is: "Create article", who: "alice", actor: alice, method: "POST", path: "/api/articles", body: fields{}, status: 400, outcome: refused},
		{what: "alice deletes it", is: "Delete article 1", who: "alice", actor: alice, method: "DELETE", path: "/api/articles/1", status: 200},
		{what: "somebody asks for a page that is not there", who: "somebody", method: "GET", path: "/nowhere/17", status: 404, outcome: read},
		{what: "alice logs out", is: "Logout session", who: "alice", actor: alice, method: "POST", path: "/api/users/logout", status: 200},
	}
}
