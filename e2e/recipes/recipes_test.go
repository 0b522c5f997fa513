// Package recipes_test runs the recipes of docs/develop/rules.md as they stand there,
// through the real collector, into SQLite.
package recipes_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/otlpjson"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

const page = "../../docs/develop/rules.md"

var block = regexp.MustCompile("(?s)<!-- recipe (\\w+) -->\n```yaml\n(.*?)```")

// A request is one span, or one log record if it has a body, and the rows that
// it makes: columns with their values, none for no row.
type request struct {
	kind  int // of the span; 0: SERVER
	name  string
	body  string
	attrs map[string]any
	want  rows.Row
}

func web(method, route, path string, code int, more ...string) request {
	r := request{attrs: map[string]any{
		"http.request.method": method, "http.route": route, "url.path": path, "http.response.status_code": code,
	}}
	for i := 0; i+1 < len(more); i += 2 {
		r.attrs[more[i]] = more[i+1]
	}
	return r
}

func (r request) gives(columns ...string) request {
	r.want = rows.Row{}
	for i := 0; i+1 < len(columns); i += 2 {
		r.want[columns[i]] = columns[i+1]
	}
	return r
}

var recipes = map[string][]request{
	"logins": {
		web("GET", "/enter", "/enter", 200),
		web("POST", "/enter", "/enter", 200, "user.id", "42", "user.name", "alice").
			gives("action_type", "Login", "status", "Success", "actor_id", "42", "actor_name", "alice", "object_type", "session"),
		web("POST", "/enter", "/enter", 401, "user.name", "alice").
			gives("action_type", "Login Failed", "status", "Failed", "actor_type", "anonymous", "data", `{"claimed":"alice"}`, "error_type", "401"),
		web("POST", "/leave", "/leave", 204, "user.id", "42").gives("action_type", "Logout", "object_type", "session"),
		web("DELETE", "/articles/{id}", "/articles/17", 204, "user.id", "42").
			gives("action_type", "Delete", "object_type", "article", "object_id", "17"),
	},
	"less": {
		web("GET", "/healthz", "/healthz", 200, "user.id", "42"),
		web("GET", "/api/notifications/count", "/api/notifications/count", 200, "user.id", "42"),
		web("PUT", "/articles/{id}", "/articles/17", 200, "user.id", "svc-monitor-3"),
		web("PUT", "/salaries/{id}", "/salaries/9", 200, "user.id", "42", "activity.data", `{"amount":5000}`).
			gives("object_type", "salary", "object_id", "9", "data", "{}"),
		web("GET", "/articles/{id}", "/articles/17", 404, "user.id", "42").gives("action_type", "Read", "status", "Failed"),
		web("PUT", "/articles/{id}", "/articles/17", 200, "user.id", "42").gives("action_type", "Update"),
	},
	"objects": {
		web("PUT", "/api/v2/kunden/:id", "/api/v2/kunden/7", 200, "user.id", "42", "customer.name", "Rabbit & Co").
			gives("object_type", "customer", "object_id", "7", "object_name", "Rabbit & Co"),
		web("PUT", "/api/v2/orders/:id", "/api/v2/orders/7", 200, "user.id", "42", "customer.name", "Rabbit & Co").
			gives("object_type", "order", "object_id", "7"),
	},
	"presets": {
		{attrs: map[string]any{"rpc.system": "grpc", "rpc.service": "blog.v1.ArticleService", "rpc.method": "DeleteArticle",
			"rpc.grpc.status_code": 7}, want: rows.Row{"action_type": "Delete", "status": "Failed", "error_type": "PERMISSION_DENIED",
			"object_type": "article", "actor_type": "anonymous"}},
		{kind: 1, attrs: map[string]any{"graphql.operation.type": "mutation", "graphql.operation.name": "createComment", "user.id": "42"},
			want: rows.Row{"action_type": "Create", "object_type": "comment", "action_name": "mutation createComment"}},
		{kind: 3, attrs: map[string]any{"db.system.name": "postgresql", "db.query.text": `UPDATE "public"."articles" SET title = $1`},
			want: rows.Row{"action_type": "Update", "object_type": "article", "actor_type": "anonymous"}},
		{kind: 3, attrs: map[string]any{"db.system": "mysql", "db.statement": "DELETE FROM sessions WHERE id = 1"}},
		{kind: 3, attrs: map[string]any{"db.system": "mysql", "db.statement": "SELECT * FROM articles"}},
		web("PUT", "/articles/{id}", "/articles/17", 200, "user.id", "42"),
	},
	"lines": {
		{body: "audit: alice granted deploy:production to bob", want: rows.Row{"action_type": "Update", "actor_id": "alice",
			"object_type": "permission", "object_id": "deploy:production", "remarks": "audit: alice granted deploy:production to bob",
			"data": `{"host":"web-1"}`, "source": "derived"}},
		{body: "alice has had enough"},
		{name: "audit: alice granted x to y", attrs: map[string]any{"user.id": "42"}},
	},
	"pseudonyms": {
		web("PUT", "/customers/{id}", "/customers/7", 200, "user.id", "42", "user.name", "alice", "client.address", "192.0.2.77").
			gives("actor_id", "hmac:2026:3b12d0412db185c98ff58825ed4c81cf", "object_name", "Rabbit & Co", "client_address", "192.0.2.0",
				"remarks", "**** updated customer 7"),
	},
	"internal": {
		{kind: 1, name: "articles.publish", attrs: map[string]any{"article.id": 17, "user.id": "42"},
			want: rows.Row{"action_name": "article.publish", "object_id": "17", "action_type": "Update"}},
		{kind: 1, name: "articles.render", attrs: map[string]any{"article.id": 17, "user.id": "42"}},
		web("GET", "/articles/{id}", "/articles/17", 200, "user.id", "42").gives("action_type", "Read"),
	},
}

func TestRecipes(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, match := range block.FindAllStringSubmatch(string(text), -1) {
		found = append(found, match[1])
		t.Run(match[1], func(t *testing.T) { run(t, match[2], recipes[match[1]]) })
	}
	for name := range recipes {
		if !slices.Contains(found, name) {
			t.Errorf("%s has no recipe %s", page, name)
		}
	}
}

func run(t *testing.T, config string, requests []request) {
	if len(requests) == 0 {
		t.Fatal("nothing is known about this recipe")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "recipe.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	customers := filepath.Join(dir, "customers.csv")
	if err := os.WriteFile(customers, []byte("id,name\n7,Rabbit & Co\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CUSTOMERS_FILE", customers)
	t.Setenv("ACTIVITY_HMAC_KEY", "0123456789abcdef0123456789abcdef")
	dsn := "file:" + filepath.Join(dir, "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn, Args: []string{"--config=" + file}})
	for i, r := range requests {
		signal, body := r.otlp(i)
		if err := otlpjson.Post(t.Context(), c.HTTP, signal, body); err != nil {
			t.Fatal(err)
		}
	}
	c.Stop() // what it has acknowledged is in its queue on disk, or a row
	c.Restart()
	got := awaitRows(t, dsn, requests)
	for i, r := range requests {
		row, ok := got[spanID(i)]
		switch {
		case !ok && r.want != nil:
			t.Errorf("request %d gives no row, want %v", i, r.want)
		case ok && r.want == nil:
			t.Errorf("request %d gives a row that should not be: %v", i, row)
		}
		for column, value := range r.want {
			if ok && row[column] != value {
				t.Errorf("request %d: %s is %q, want %q", i, column, row[column], value)
			}
		}
	}
}

func spanID(i int) string { return fmt.Sprintf("%016x", i+1) }

// otlp returns the request as OTLP/JSON.
func (r request) otlp(i int) (signal string, body otlpjson.Object) {
	now := fmt.Sprint(time.Now().UnixNano())
	var attributes otlpjson.List
	for key, value := range r.attrs {
		if n, ok := value.(int); ok {
			attributes = append(attributes, otlpjson.Number(key, n))
		} else {
			attributes = append(attributes, otlpjson.Text(key, value.(string)))
		}
	}
	common := otlpjson.Object{
		"traceId": fmt.Sprintf("%032x", i+1), "spanId": spanID(i), "attributes": attributes,
	}
	if r.body != "" {
		common["timeUnixNano"], common["body"] = now, otlpjson.Object{"stringValue": r.body}
		return "logs", otlpjson.Logs(common)
	}
	common["name"], common["startTimeUnixNano"], common["endTimeUnixNano"], common["kind"] = r.name, now, now, 2
	if r.kind != 0 {
		common["kind"] = r.kind
	}
	return "traces", otlpjson.Traces(common)
}

// awaitRows waits until the wanted rows are there, and then for one that should not
// come. It returns the rows by span id.
func awaitRows(t *testing.T, dsn string, requests []request) map[string]rows.Row {
	t.Helper()
	db, err := sql.Open("sqlite", dsn+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	want := 0
	for _, r := range requests {
		if r.want != nil {
			want++
		}
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		all, err := rows.Read(t.Context(), db, "sqlite")
		if err == nil && len(all) >= want || time.Now().After(deadline) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(time.Second)
	all, err := rows.Read(t.Context(), db, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]rows.Row{}
	for _, row := range all {
		if _, double := got[row["span_id"]]; double {
			t.Errorf("two rows of span %s", row["span_id"])
		}
		got[strings.Clone(row["span_id"])] = row
	}
	return got
}
