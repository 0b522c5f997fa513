//go:build apps

package apps_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
)

const homebridgeConfig = `{
  "bridge": {"name": "Homebridge", "username": "0E:02:9A:9D:44:45", "port": 51826, "pin": "031-45-154"},
  "platforms": [{"platform": "config", "name": "Config", "host": "127.0.0.1", "port": %s, "auth": "form"}]
}
`

// TestHomebridge manages accounts in a web interface that is made with Nest and Fastify.
func TestHomebridge(t *testing.T) {
	dir := t.TempDir()
	addr := testserver.FreeAddr(t)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), fmt.Appendf(nil, homebridgeConfig, port(addr)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := npm(t, "homebridge", "node_modules/homebridge-config-ui-x/dist/bin/standalone.js", "-U", dir)
	start(t, cmd, addr, "/api/auth/settings").tell("homebridge", homebridgeStory(), "wonderland", "wonderlamp", "builder")
}

func homebridgeStory() []act {
	login := func(name, password string) fields { return fields{"username": name, "password": password} }
	account := func(name, password string, admin bool) fields {
		return fields{"name": name, "username": name, "password": password, "admin": admin}
	}
	config := fields{
		"bridge":    fields{"name": "Wonder", "username": "0E:02:9A:9D:44:45", "port": 51826, "pin": "031-45-154"},
		"platforms": []any{fields{"platform": "config", "name": "Config"}}, "accessories": []any{},
	}
	return []act{
		{what: "somebody reads the accounts without logging in", who: "somebody", method: "GET", path: "/api/users", status: 401, outcome: refused},
		{what: "the wizard of a new installation gets a token", who: "wizard", method: "GET", path: "/api/setup-wizard/get-setup-wizard-token", status: 200,
			outcome: read, save: map[string]string{"wizard token": "access_token"}, as: map[string]string{"Authorization": "Bearer {wizard token}"}},
		{what: "alice registers as the first user", who: "wizard", method: "POST", path: "/api/setup-wizard/create-first-user",
			body: account("alice", "wonderland", true), status: 201, outcome: unnamed},
		{what: "alice fails to log in", is: "Login Failed session", who: "alice", method: "POST", path: "/api/auth/login", body: login("alice", "wonderlamp"), status: 403, outcome: refused},
		{what: "alice logs in", is: "Login Attempt session", who: "alice", method: "POST", path: "/api/auth/login", body: login("alice", "wonderland"), status: 201, outcome: unnamed,
			save: map[string]string{"alice token": "access_token"}, as: map[string]string{"Authorization": "Bearer {alice token}"}},
		{what: "alice makes an account for bob", is: "Create user", who: "alice", actor: "alice", method: "POST", path: "/api/users", body: account("bob", "builder", false), status: 201},
		{what: "bob logs in", is: "Login Attempt session", who: "bob", method: "POST", path: "/api/auth/login", body: login("bob", "builder"), status: 201, outcome: unnamed,
			save: map[string]string{"bob token": "access_token"}, as: map[string]string{"Authorization": "Bearer {bob token}"}},
		{what: "alice reads the accounts", who: "alice", actor: "alice", method: "GET", path: "/api/users", status: 200, outcome: read},
		{what: "alice renames bob", is: "Update user 2", who: "alice", actor: "alice", method: "PATCH", path: "/api/users/2", body: account("bobby", "", false), status: 200},
		{what: "bob, who is no admin, makes an account", is: "Create user", who: "bob", actor: "bob", method: "POST", path: "/api/users", body: account("eve", "x", true), status: 403, outcome: refused},
		{what: "alice changes an account that is not there", is: "Update user 99", who: "alice", actor: "alice", method: "PATCH", path: "/api/users/99",
			body: account("nobody", "", false), status: 400, outcome: refused},
		{what: "alice writes the configuration", is: "Create config-editor|Update config-editor", who: "alice", actor: "alice", method: "POST", path: "/api/config-editor", body: config, status: 201},
		{what: "alice disables a plugin", is: "Update plugin homebridge-tea", who: "alice", actor: "alice", method: "PUT", path: "/api/config-editor/plugin/homebridge-tea/disable", status: 200},
		{what: "alice restarts the bridge", is: "Update server", who: "alice", actor: "alice", method: "PUT", path: "/api/server/restart", status: 200},
		{what: "alice deletes bob", is: "Delete user 2", who: "alice", actor: "alice", method: "DELETE", path: "/api/users/2", status: 200},
	}
}
