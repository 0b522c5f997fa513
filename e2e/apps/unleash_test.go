//go:build apps

package apps_test

import (
	"database/sql"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// TestUnleash manages feature flags, which are in a PostgreSQL database.
func TestUnleash(t *testing.T) {
	addr := testserver.FreeAddr(t)
	cmd := npm(t, "unleash", "node_modules/unleash-server/dist/server.js")
	database := pgtest.Start(t)
	a := start(t, cmd, addr, "/health",
		"DATABASE_URL="+database.DSN(), "DATABASE_SSL=false", "HTTP_HOST=127.0.0.1", "HTTP_PORT="+port(addr),
		"CHECK_VERSION=false", "SEND_TELEMETRY=false", "LOG_LEVEL=warn")
	awaitAdmin(t, database.DSN())
	a.tell("unleash", unleashStory(), "unleash4all", "wonderlamp", "Wonder-land-2026")
}

// awaitAdmin waits for the first account, which Unleash makes after it has begun to
// answer.
func awaitAdmin(t *testing.T, dsn string) {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	testserver.Eventually(t, startTime, func() bool {
		var there bool
		err := db.QueryRowContext(t.Context(), "SELECT EXISTS (SELECT FROM users WHERE username = 'admin' AND password_hash IS NOT NULL)").Scan(&there)
		return err == nil && there
	}, "Unleash has no account")
}

func unleashStory() []act {
	login := func(name, password string) fields { return fields{"username": name, "password": password} }
	const features = "/api/admin/projects/default/features"
	return []act{
		{what: "somebody reads flags without logging in", who: "somebody", method: "GET", path: features, status: 401, outcome: refused},
		{what: "admin fails to log in", is: "Login Failed session", who: "admin", method: "POST", path: "/auth/simple/login", body: login("admin", "wonderlamp"), status: 401, outcome: refused},
		{what: "admin logs in", is: "Login session", who: "admin", actor: "1", method: "POST", path: "/auth/simple/login", body: login("admin", "unleash4all"), status: 200},
		{what: "admin registers alice as a viewer", is: "Create user-admin|Create user {alice}", who: "admin", actor: "1", method: "POST", path: "/api/admin/user-admin",
			body:   fields{"username": "alice", "name": "Alice", "email": "alice@example.com", "password": "Wonder-land-2026", "rootRole": 3, "sendEmail": false},
			status: 201, save: map[string]string{"alice": "id"}},
		{what: "alice logs in", is: "Login session", who: "alice", actor: "2", method: "POST", path: "/auth/simple/login", body: login("alice", "Wonder-land-2026"), status: 200},
		{what: "alice reads who she is", who: "alice", actor: "2", method: "GET", path: "/api/admin/user", status: 200, outcome: read},
		{what: "admin makes the flag tea", is: "Create feature tea", who: "admin", actor: "1", method: "POST", path: features, body: fields{"name": "tea", "type": "release"}, status: 201},
		{what: "admin describes it", is: "Update feature tea", who: "admin", actor: "1", method: "PUT", path: features + "/tea",
			body: fields{"name": "tea", "type": "release", "description": "No room!"}, status: 200},
		{what: "admin adds a strategy to it", is: "Create strategy {strategy}", who: "admin", actor: "1", method: "POST", path: features + "/tea/environments/development/strategies",
			body: fields{"name": "default", "parameters": fields{}, "constraints": []any{}}, status: 200, save: map[string]string{"strategy": "id"}},
		{what: "admin turns it on", is: "Update environment development", who: "admin", actor: "1", method: "POST", path: features + "/tea/environments/development/on", body: fields{}, status: 200},
		{what: "admin turns it off", is: "Update environment development", who: "admin", actor: "1", method: "POST", path: features + "/tea/environments/development/off", body: fields{}, status: 200},
		{what: "admin removes the strategy", is: "Delete strategy {strategy}", who: "admin", actor: "1", method: "DELETE", path: features + "/tea/environments/development/strategies/{strategy}", status: 200},
		{what: "admin tags it", is: "Create tag", who: "admin", actor: "1", method: "POST", path: "/api/admin/features/tea/tags", body: fields{"type": "simple", "value": "party"}, status: 201},
		{what: "alice, who may only read, makes a flag", is: "Create feature", who: "alice", actor: "2", method: "POST", path: features, body: fields{"name": "mine"}, status: 403, outcome: refused},
		{what: "alice reads the flag", who: "alice", actor: "2", method: "GET", path: features + "/tea", status: 200, outcome: read},
		{what: "alice reads a flag that is not there", who: "alice", actor: "2", method: "GET", path: features + "/nothere", status: 404, outcome: read},
		{what: "admin makes a flag with a name that is taken", is: "Create feature", who: "admin", actor: "1", method: "POST", path: features, body: fields{"name": "tea"}, status: 409, outcome: refused},
		{what: "admin makes a token for programs", is: "Create api-token", who: "admin", actor: "1", method: "POST", path: "/api/admin/api-tokens",
			body:   fields{"tokenName": "ci", "type": "client", "environment": "development", "projects": []string{"*"}},
			status: 201, save: map[string]string{"api token": "secret"}, as: map[string]string{"X-Not-Sent": "{api token}"}},
		{what: "a program reads flags with it", who: "program", actor: "ci", method: "GET", path: "/api/client/features",
			header: []string{"Authorization", "{api token}"}, status: 200, outcome: read},
		{what: "admin deletes the token", is: "Delete api-token sha256:", who: "admin", actor: "1", method: "DELETE", path: "/api/admin/api-tokens/{api token}", status: 200},
		{what: "admin archives the flag", is: "Delete feature tea", who: "admin", actor: "1", method: "DELETE", path: features + "/tea", status: 202},
		{what: "admin deletes it for good", is: "Delete feature tea|Delete archive tea", who: "admin", actor: "1", method: "DELETE", path: "/api/admin/archive/tea", status: 200},
		{what: "admin deletes alice", is: "Delete user-admin {alice}|Delete user {alice}", who: "admin", actor: "1", method: "DELETE", path: "/api/admin/user-admin/{alice}", status: 200},
		{what: "admin logs out", is: "Logout session", who: "admin", actor: "1", method: "POST", path: "/logout", status: 200},
	}
}
