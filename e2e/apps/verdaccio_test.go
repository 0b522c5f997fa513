//go:build apps

package apps_test

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
)

const verdaccioConfig = `storage: %[1]s/storage
auth:
  htpasswd:
    file: %[1]s/htpasswd
packages:
  '@private/*':
    access: admin
    publish: admin
  '**':
    access: $all
    publish: $authenticated
    unpublish: $authenticated
log: {type: stdout, format: pretty, level: warn}
`

// fields is a JSON object.
type fields = map[string]any

// TestVerdaccio publishes packages as npm does.
func TestVerdaccio(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, verdaccioConfig, dir), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := testserver.FreeAddr(t)
	cmd := npm(t, "verdaccio", "node_modules/verdaccio/bin/verdaccio", "--config", config, "--listen", addr)
	start(t, cmd, addr, "/-/ping").tell("verdaccio", verdaccioStory(), "wonderland", "wonderlamp", "builder")
}

func verdaccioStory() []act {
	account := func(name, password string) fields {
		return fields{"_id": "org.couchdb.user:" + name, "name": name, "password": password, "type": "user", "roles": []string{}}
	}
	const user = "/-/user/org.couchdb.user:"
	bearer := map[string]string{"Authorization": "Bearer {alice token}"}
	return []act{
		{what: "somebody asks whether it is there", who: "somebody", method: "GET", path: "/-/ping", status: 200, outcome: read},
		{what: "somebody publishes without an account", is: "Update package spam", who: "somebody", method: "PUT", path: "/spam", body: manifest("spam", "1.0.0"), status: 401, outcome: refused},
		{what: "alice registers, and is logged in by that", is: "Login session|Create user alice", who: "alice", actor: "alice", method: "PUT", path: user + "alice",
			body: account("alice", "wonderland"), status: 201, save: map[string]string{"alice token": "token"}},
		{what: "bob registers", is: "Login session|Create user bob", who: "bob", actor: "bob", method: "PUT", path: user + "bob", body: account("bob", "builder"), status: 201,
			save: map[string]string{"bob token": "token"}, as: map[string]string{"Authorization": "Bearer {bob token}"}},
		{what: "alice fails to log in", is: "Login Failed session", who: "alice", method: "PUT", path: user + "alice", body: account("alice", "wonderlamp"),
			header: basic("alice", "wonderlamp"), status: 401, outcome: refused},
		{what: "alice logs in by npm login", is: "Login session", who: "alice", actor: "alice", method: "PUT", path: user + "alice", body: account("alice", "wonderland"),
			header: basic("alice", "wonderland"), status: 201, save: map[string]string{"alice token": "token"}, as: bearer},
		{what: "alice fails to log in on the page", is: "Login Failed session", who: "visitor", method: "POST", path: "/-/verdaccio/sec/login",
			body: fields{"username": "alice", "password": "wonderlamp"}, status: 401, outcome: refused},
		{what: "alice logs in on the page", is: "Login session", who: "visitor", actor: "alice", method: "POST", path: "/-/verdaccio/sec/login",
			body: fields{"username": "alice", "password": "wonderland"}, status: 200},
		{what: "alice asks who she is", who: "alice", actor: "alice", method: "GET", path: "/-/whoami", status: 200, outcome: read},
		{what: "alice publishes wonder 1.0.0", is: "Create package wonder", who: "alice", actor: "alice", method: "PUT", path: "/wonder", body: manifest("wonder", "1.0.0"), status: 201},
		{what: "alice publishes wonder 1.0.1", is: "Create package wonder|Update package wonder", who: "alice", actor: "alice", method: "PUT", path: "/wonder", body: manifest("wonder", "1.0.1"), status: 201},
		{what: "alice publishes wonder 1.0.1 again, which is a conflict", is: "Update package wonder", who: "alice", actor: "alice", method: "PUT", path: "/wonder",
			body: manifest("wonder", "1.0.1"), status: 409, outcome: refused},
		{what: "bob reads wonder", who: "bob", actor: "bob", method: "GET", path: "/wonder", status: 200, outcome: read, save: map[string]string{"rev": "_rev"}},
		{what: "bob downloads wonder 1.0.0", who: "bob", actor: "bob", method: "GET", path: "/wonder/-/wonder-1.0.0.tgz", status: 200, outcome: read},
		{what: "alice tags wonder 1.0.0 as beta", is: "Create dist-tag beta|Update dist-tag beta", who: "alice", actor: "alice", method: "PUT", path: "/-/package/wonder/dist-tags/beta", body: "1.0.0", status: 201},
		{what: "alice removes the tag beta", is: "Delete dist-tag beta", who: "alice", actor: "alice", method: "DELETE", path: "/-/package/wonder/dist-tags/beta", status: 201},
		{what: "bob publishes where he may not", is: "Update package @private/x", who: "bob", actor: "bob", method: "PUT", path: "/@private%2fx", body: manifest("@private/x", "1.0.0"), status: 403, outcome: refused},
		{what: "bob reads a package that is not there", who: "bob", actor: "bob", method: "GET", path: "/nothere", status: 404, outcome: read},
		{what: "alice unpublishes wonder", is: "Delete package wonder", who: "alice", actor: "alice", method: "DELETE", path: "/wonder/-rev/{rev}", status: 201},
		{what: "alice logs out by npm logout", is: "Logout session|Delete token", who: "alice", actor: "alice", method: "DELETE", path: "/-/user/token/{alice token}", status: 200},
	}
}

// manifest is what npm publish sends.
func manifest(name, version string) fields {
	content := []byte("the package " + name + " " + version)
	sum := sha1.Sum(content) // npm's name for a file
	file := name + "-" + version + ".tgz"
	return fields{
		"_id": name, "name": name, "dist-tags": fields{"latest": version},
		"versions": fields{version: fields{
			"name": name, "version": version, "dist": fields{"tarball": "http://127.0.0.1/" + name + "/-/" + file, "shasum": hex.EncodeToString(sum[:])},
		}},
		"_attachments": fields{file: fields{"content_type": "application/octet-stream", "data": base64.StdEncoding.EncodeToString(content), "length": len(content)}},
	}
}

func basic(name, password string) []string {
	return []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))}
}
