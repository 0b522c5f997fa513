//go:build apps

package apps_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// program builds one of the Go programs of the module programs.
func program(t *testing.T, name string) string {
	t.Helper()
	target := filepath.Join(collectortest.Root(t), "bin", "apps", name)
	cmd := exec.Command("go", "build", "-o", target, "./"+name)
	cmd.Dir = "programs"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return target
}

// TestPocketBase keeps records in PocketBase with otelhttp around it.
func TestPocketBase(t *testing.T) {
	binary, dir, addr := program(t, "pocketbase"), t.TempDir(), testserver.FreeAddr(t)
	superuser := exec.Command(binary, "superuser", "upsert", "root@example.com", "wonderland", "--dir", dir)
	if out, err := superuser.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	a := start(t, exec.Command(binary, "serve", "--http", addr, "--dir", dir), addr, "/api/health")
	a.tell("pocketbase", pocketBaseStory(), "wonderland", "wonderlamp", "builder-of-towers")
}

func pocketBaseStory() []act {
	login := func(name, password string) fields { return fields{"identity": name, "password": password} }
	const articles = "/api/collections/articles/records"
	rule := "@request.auth.id != ''"
	return []act{
		{what: "root fails to log in", is: "Login Failed session", who: "root", method: "POST", path: "/api/collections/_superusers/auth-with-password",
			body: login("root@example.com", "wonderlamp"), status: 400, outcome: refused},
		{what: "root logs in", is: "Login session", who: "root", actor: "{root}", method: "POST", path: "/api/collections/_superusers/auth-with-password",
			body: login("root@example.com", "wonderland"), status: 200, save: map[string]string{"root token": "token", "root": "record.id"},
			as: map[string]string{"Authorization": "{root token}"}},
		{what: "root makes the collection articles", is: "Create collection articles", who: "root", actor: "{root}", method: "POST", path: "/api/collections", status: 200,
			body: fields{
				"name": "articles", "type": "base", "listRule": rule, "viewRule": rule, "createRule": rule, "updateRule": rule, "deleteRule": nil,
				"fields": []any{fields{"name": "title", "type": "text", "required": true}},
			}},
		{what: "alice registers", who: "alice", method: "POST", path: "/api/collections/users/records", status: 200, outcome: unnamed,
			body: fields{"email": "alice@example.com", "password": "builder-of-towers", "passwordConfirm": "builder-of-towers"}},
		{what: "alice logs in", is: "Login session", who: "alice", actor: "{alice}", method: "POST", path: "/api/collections/users/auth-with-password",
			body: login("alice@example.com", "builder-of-towers"), status: 200, save: map[string]string{"alice token": "token", "alice": "record.id"},
			as: map[string]string{"Authorization": "{alice token}"}},
		{what: "somebody writes an article without logging in", who: "somebody", method: "POST", path: articles, body: fields{"title": "Spam"}, status: 400, outcome: refused},
		{what: "alice writes an article", is: "Create record {article}", who: "alice", actor: "{alice}", method: "POST", path: articles, body: fields{"title": "Tea"}, status: 200,
			save: map[string]string{"article": "id"}},
		{what: "alice changes it", is: "Update record {article}", who: "alice", actor: "{alice}", method: "PATCH", path: articles + "/{article}", body: fields{"title": "Tea!"}, status: 200},
		{what: "alice reads it", who: "alice", actor: "{alice}", method: "GET", path: articles + "/{article}", status: 200, outcome: read},
		{what: "alice, who may not delete, deletes it", is: "Delete record {article}", who: "alice", actor: "{alice}", method: "DELETE", path: articles + "/{article}", status: 403, outcome: refused},
		{what: "alice changes the settings of the server", is: "Update setting", who: "alice", actor: "{alice}", method: "PATCH", path: "/api/settings", body: fields{}, status: 403, outcome: refused},
		{what: "alice reads an article that is not there", who: "alice", actor: "{alice}", method: "GET", path: articles + "/nothere", status: 404, outcome: read},
		{what: "root deletes the article", is: "Delete record {article}", who: "root", actor: "{root}", method: "DELETE", path: articles + "/{article}", status: 204},
		{what: "root deletes the collection", is: "Delete collection articles", who: "root", actor: "{root}", method: "DELETE", path: "/api/collections/articles", status: 204},
	}
}

const registryConfig = `version: 0.1
log: {level: error, accesslog: {disabled: true}}
http: {addr: %[1]s, secret: only-for-tests}
storage:
  filesystem: {rootdirectory: %[2]s/data}
  delete: {enabled: true}
auth:
  htpasswd: {realm: wonderland-realm, path: %[2]s/htpasswd}
`

// The passwords are those of the story.
const registryAccounts = `alice:$2y$05$0BVGAPhl3zOllhVfUMhgGOgtdG387tDxPfwz1orR6aK6KYj017Lga
bob:$2y$05$NZH6IaOWQk9Swv./7BAyW.3BoIEdFAMVpTlwnw4Rym94sZAqQ6P/O
`

// TestRegistry pushes an image to a registry with package instrument around it.
func TestRegistry(t *testing.T) {
	binary, dir, addr := program(t, "registry"), t.TempDir(), testserver.FreeAddr(t)
	config := filepath.Join(dir, "config.yaml")
	for file, text := range map[string]string{config: fmt.Sprintf(registryConfig, addr, dir), filepath.Join(dir, "htpasswd"): registryAccounts} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := start(t, exec.Command(binary, "-config", config), addr, "/v2/", "ACTIVITYLOG_SPOOL_DIRECTORY="+filepath.Join(dir, "spool"))
	a.tell("registry", registryStory(), "wonderlamp", "builder")
}

func registryStory() []act {
	alice, bob := basic("alice", "wonderland"), basic("bob", "builder")
	const config = `{"architecture":"amd64","os":"linux"}`
	digest := digestOf(config)
	manifest := fields{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []any{},
		"config": fields{"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": len(config)},
	}
	oci := []string{"Content-Type", "application/vnd.oci.image.manifest.v1+json"}
	return []act{
		{what: "somebody asks for images without an account", who: "somebody", method: "GET", path: "/v2/_catalog", status: 401, outcome: refused},
		{what: "alice fails to log in", who: "alice", method: "GET", path: "/v2/", header: basic("alice", "wonderlamp"), status: 401, outcome: refused},
		{what: "alice logs in, by asking with her password", who: "alice", actor: "alice", method: "GET", path: "/v2/", header: alice, status: 200, outcome: read},
		{what: "alice begins the upload of a blob of tea", is: "Create upload {upload id}|Create blob", who: "alice", actor: "alice", method: "POST", path: "/v2/tea/blobs/uploads/",
			header: alice, status: 202, save: map[string]string{"upload": "Location:", "upload id": "Docker-Upload-Uuid:"}},
		{what: "alice uploads it", is: "Create upload {upload id}|Create blob|Update upload {upload id}", who: "alice", actor: "alice", method: "PUT", path: "{upload}&digest=" + digest, raw: config, header: alice, status: 201},
		{what: "alice pushes tea:v1", is: "Create manifest v1|Create sha256:", who: "alice", actor: "alice", method: "PUT", path: "/v2/tea/manifests/v1", body: manifest, header: append(oci, alice...), status: 201},
		{what: "bob pulls tea:v1", who: "bob", actor: "bob", method: "GET", path: "/v2/tea/manifests/v1", header: append([]string{"Accept", oci[1]}, bob...), status: 200, outcome: read},
		{what: "bob lists the tags of tea", who: "bob", actor: "bob", method: "GET", path: "/v2/tea/tags/list", header: bob, status: 200, outcome: read},
		{what: "bob pulls an image that is not there", who: "bob", actor: "bob", method: "GET", path: "/v2/coffee/manifests/v1", header: bob, status: 404, outcome: read},
		{what: "alice deletes the tag v1", is: "Delete manifest v1", who: "alice", actor: "alice", method: "DELETE", path: "/v2/tea/manifests/v1", header: alice, status: 202},
		{what: "alice deletes the blob", is: "Delete blob sha256:", who: "alice", actor: "alice", method: "DELETE", path: "/v2/tea/blobs/" + digest, header: alice, status: 202},
	}
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(text)))
	return "sha256:" + hex.EncodeToString(sum[:])
}
