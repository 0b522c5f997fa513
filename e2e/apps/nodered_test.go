//go:build apps

package apps_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
)

const nodeRedSettings = `
const bcrypt = require(process.cwd() + '/node_modules/bcryptjs');
const hash = (password) => bcrypt.hashSync(password, 4);
module.exports = {
  uiPort: %s, uiHost: '127.0.0.1', userDir: %q, flowFile: 'flows.json',
  credentialSecret: 'the credential secret', telemetry: { enabled: false },
  adminAuth: {
    type: 'credentials',
    users: [
      { username: 'alice', password: hash('wonderland'), permissions: '*' },
      { username: 'bob', password: hash('builder'), permissions: 'read' },
    ],
  },
  logging: { console: { level: 'warn', metrics: false, audit: false } },
};
`

// TestNodeRed edits flows as the editor does.
func TestNodeRed(t *testing.T) {
	dir := t.TempDir()
	addr := testserver.FreeAddr(t)
	settings := filepath.Join(dir, "settings.js")
	if err := os.WriteFile(settings, fmt.Appendf(nil, nodeRedSettings, port(addr), dir), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := npm(t, "node-red", "node_modules/node-red/red.js", "--settings", settings)
	start(t, cmd, addr, "/auth/login").tell("node-red", nodeRedStory(), "wonderland", "wonderlamp", "builder")
}

func nodeRedStory() []act {
	login := func(name, password string) fields {
		return fields{"client_id": "node-red-editor", "grant_type": "password", "scope": "", "username": name, "password": password}
	}
	flow := fields{"label": "Wonder", "nodes": []any{}, "configs": []any{}}
	return []act{
		{what: "somebody reads the flows without logging in", who: "somebody", method: "GET", path: "/flows", status: 401, outcome: refused},
		{what: "alice fails to log in", is: "Login Failed session", who: "alice", method: "POST", path: "/auth/token", body: login("alice", "wonderlamp"), status: 403, outcome: refused},
		{what: "alice logs in", is: "Login Attempt session", who: "alice", method: "POST", path: "/auth/token", body: login("alice", "wonderland"), status: 200, outcome: unnamed,
			save: map[string]string{"alice token": "access_token"}, as: map[string]string{"Authorization": "Bearer {alice token}"}},
		{what: "bob logs in", is: "Login Attempt session", who: "bob", method: "POST", path: "/auth/token", body: login("bob", "builder"), status: 200, outcome: unnamed,
			save: map[string]string{"bob token": "access_token"}, as: map[string]string{"Authorization": "Bearer {bob token}"}},
		{what: "alice reads the settings", who: "alice", actor: "alice", method: "GET", path: "/settings", status: 200, outcome: read},
		{what: "alice makes a flow", is: "Create flow {flow}", who: "alice", actor: "alice", method: "POST", path: "/flow", body: flow, status: 200, save: map[string]string{"flow": "id"}},
		{what: "alice reads it", who: "alice", actor: "alice", method: "GET", path: "/flow/{flow}", status: 200, outcome: read},
		{what: "alice changes it", is: "Update flow {flow}", who: "alice", actor: "alice", method: "PUT", path: "/flow/{flow}", body: flow, status: 200},
		{what: "bob, who may only read, changes it", is: "Update flow {flow}", who: "bob", actor: "bob", method: "PUT", path: "/flow/{flow}", body: flow, status: 401, outcome: refused},
		{what: "bob reads the flows", who: "bob", actor: "bob", method: "GET", path: "/flows", status: 200, outcome: read},
		{what: "alice deploys all flows", is: "Create flow|Update flow", who: "alice", actor: "alice", method: "POST", path: "/flows",
			body: []any{fields{"id": "t1", "type": "tab", "label": "Tea"}}, status: 204},
		{what: "alice deletes a flow", is: "Delete flow t1", who: "alice", actor: "alice", method: "DELETE", path: "/flow/t1", status: 204},
		{what: "alice reads a flow that is not there", who: "alice", actor: "alice", method: "GET", path: "/flow/nothere", status: 404, outcome: read},
		{what: "alice deletes a flow that is not there", is: "Delete flow nothere", who: "alice", actor: "alice", method: "DELETE", path: "/flow/nothere", status: 404, outcome: refused},
		{what: "alice logs out", is: "Logout session", who: "alice", actor: "alice", method: "POST", path: "/auth/revoke", body: fields{"token": "{alice token}"}, status: 200},
	}
}
