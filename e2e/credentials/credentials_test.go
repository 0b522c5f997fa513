// Package credentials_test sends spans with the secrets of their clients to the real
// collector: headers, tokens, cookies, certificates. The rows have the right actors, and
// the secrets are nowhere in what the collector leaves behind.
package credentials_test

import (
	"database/sql"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/otlpjson"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// config prints all that comes out of the processor, activities and others, and all
// that the collector has to say. Its two gaps are for the address of the keys and the
// table of sessions. Privacy is off, so that nothing else hides a secret.
const config = `yaml:
processors:
  activity:
    fold: {enabled: false} # each refusal is looked at
    drop_others: false
    privacy: {enabled: false}
    identity:
      - {header: {name: authorization, as: jwt, claims: {name: preferred_username, tenant: org}, jwks_url: "%s"}}
      - {header: {name: authorization, as: basic}}
      - {header: x-forwarded-user}
      - {cookie: {name: sid, lookup: sessions}}
      - {mtls: subject}
    lookups:
      - {name: sessions, key: cookie, set: {user.id: user}, file: {path: "%s", key_columns: token}}
exporters:
  debug: {verbosity: detailed, sampling_initial: 1000000}
service:
  telemetry: {logs: {level: debug, sampling: {enabled: false}}}
  pipelines:
    traces: {exporters: [activitylog, debug]}
    logs: {exporters: [activitylog, debug]}
`

// act is a request, and the actor and data of its row. The actor is "" for a row of
// nobody, and "none" if there is no row.
type act struct {
	name  string
	code  int
	attrs map[string]any
	actor string
	data  string
}

const header = "http.request.header."

func basic(pair string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}

// secrets are parts of what clients send. Each stands for one secret.
var secrets = []string{
	"hunter2-password", "hunter2-wrong", "hunter2-session", "hunter2-unknown", "hunter2-cookie", "hunter2-certificate", "hunter2-log", "hunter2-client", "hunter2-event",
}

func acts(alice, expired, foreign, none string) []act {
	unverified := `{"actor_verified":false}`
	return []act{
		{"a token", 200, map[string]any{header + "authorization": []any{"Bearer " + alice}}, "42", `{}`},
		{"a token, older attribute as a text", 200, map[string]any{header + "authorization": "Bearer " + alice}, "42", `{}`},
		{"a token of a request that was forbidden", 403, map[string]any{header + "authorization": []any{"Bearer " + alice}}, "42", `{}`},
		{"a token that was refused", 401, map[string]any{header + "authorization": []any{"Bearer " + alice}}, "", `{}`},
		{"an expired token", 200, map[string]any{header + "authorization": []any{"Bearer " + expired}}, "none", ""},
		{"a token with the key of somebody else", 200, map[string]any{header + "authorization": []any{"Bearer " + foreign}}, "none", ""},
		{"alg none", 200, map[string]any{header + "authorization": []any{"Bearer " + none}}, "none", ""},
		{"a password", 200, map[string]any{header + "authorization": []any{basic("bob:hunter2-password")}}, "bob", unverified},
		{"a wrong password", 401, map[string]any{header + "authorization": []any{basic("bob:hunter2-wrong")}}, "", `{}`},
		{"a password, forbidden", 403, map[string]any{header + "authorization": []any{basic("bob:hunter2-password")}}, "", `{}`},
		{"two passwords", 200, map[string]any{header + "authorization": []any{basic("bob:hunter2-password"), basic("root:hunter2-wrong")}}, "none", ""},
		{"a proxy", 201, map[string]any{header + "x_forwarded_user": []any{"carol"}}, "carol", `{}`},
		{"a session", 200, map[string]any{header + "cookie": []any{"theme=hunter2-cookie; sid=hunter2-session"}}, "43", `{}`},
		{"an unknown session", 200, map[string]any{header + "cookie": []any{"sid=hunter2-unknown"}, "http.response.header.set-cookie": []any{"sid=hunter2-session"}}, "none", ""},
		{"a certificate", 200, map[string]any{header + "x-forwarded-client-cert": []any{`Hash=hunter2-certificate;Subject="CN=dave,O=acme"`}}, "CN=dave,O=acme", `{}`},
		{"nobody", 200, map[string]any{}, "none", ""},
		{"the service says who", 200, map[string]any{header + "authorization": []any{basic("bob:hunter2-password")}, "user.id": "7"}, "7", `{}`},
	}
}

func TestCredentials(t *testing.T) {
	issuer, foreign := newIssuer(t), newIssuer(t)
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := w.Write(issuer.keys(t)); err != nil {
			t.Error(err)
		}
	}))
	defer keys.Close()
	dir := t.TempDir()
	table := filepath.Join(dir, "sessions.csv")
	if err := os.WriteFile(table, []byte("token,user\nhunter2-session,43\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	dsn := "file:" + filepath.Join(dir, "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn, Args: []string{"--config=" + fmt.Sprintf(config, keys.URL, table)}})

	claims := map[string]any{"sub": "42", "preferred_username": "alice", "org": "acme", "exp": time.Now().Add(time.Hour).Unix()}
	tokens := []string{
		issuer.sign(t, "RS256", claims), issuer.sign(t, "RS256", map[string]any{"sub": "42", "exp": time.Now().Add(-time.Hour).Unix()}),
		foreign.sign(t, "RS256", claims), issuer.sign(t, "none", claims),
	}
	all := acts(tokens[0], tokens[1], tokens[2], tokens[3])
	want := 0
	for i, one := range all {
		post(t, c, "traces", otlpjson.Traces(one.span(i, "/articles/17")))
		if one.actor != "none" {
			want++
		}
	}
	post(t, c, "traces", otlpjson.Traces(others()...))
	post(t, c, "logs", otlpjson.Logs(record()))
	want++ // the record
	awaitCount(t, dsn, "activity_log", want)
	for i, one := range all {
		if one.name == "a password" { // the same span with another path: its row becomes a dead letter
			post(t, c, "traces", otlpjson.Traces(one.span(i, "/articles/99")))
		}
	}
	awaitCount(t, dsn, "activity_log_dead_letter", 1)
	c.Stop()

	compare(t, dsn, all)
	everything := map[string]string{"the collector's log": c.Log(), "the rows": dump(t, dsn, "activity_log"), "the dead letters": dump(t, dsn, "activity_log_dead_letter")}
	for _, must := range []string{"Span #0", "LogRecord #0", "CLIENT-SPAN"} {
		if !strings.Contains(everything["the collector's log"], must) {
			t.Fatalf("the collector's log has no %q: nothing would be found in it", must)
		}
	}
	for _, secret := range append(append([]string{}, secrets...), tokens...) {
		for where, text := range everything {
			for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
				if strings.Contains(text, form) {
					t.Errorf("%q is in %s", form, where)
				}
			}
		}
	}
	for where, text := range everything {
		for _, pair := range []string{"bob:hunter2-password", "bob:hunter2-wrong", "root:hunter2-wrong"} {
			if strings.Contains(text, strings.TrimPrefix(basic(pair), "Basic ")) {
				t.Errorf("%s is in %s", pair, where)
			}
		}
	}
}

// now is when all requests were made: the id of a row has the time in it.
var now = fmt.Sprint(time.Now().UnixNano())

// span is the i-th request.
func (a act) span(i int, path string) otlpjson.Object {
	attributes := otlpjson.List{
		otlpjson.Text("http.request.method", "PUT"), otlpjson.Text("http.route", "/articles/{id}"),
		otlpjson.Number("http.response.status_code", a.code), otlpjson.Text("url.path", path),
	}
	for key, value := range a.attrs {
		attributes = append(attributes, attribute(key, value))
	}
	return otlpjson.Object{
		"traceId": fmt.Sprintf("%032x", i+1), "spanId": fmt.Sprintf("%016x", i+1), "kind": 2, "name": "PUT",
		"startTimeUnixNano": now, "endTimeUnixNano": now, "attributes": attributes,
	}
}

func attribute(key string, value any) otlpjson.Object {
	list, ok := value.([]any)
	if !ok {
		return otlpjson.Text(key, value.(string))
	}
	var values otlpjson.List
	for _, one := range list {
		values = append(values, otlpjson.Object{"stringValue": one})
	}
	return otlpjson.Object{"key": key, "value": otlpjson.Object{"arrayValue": otlpjson.Object{"values": values}}}
}

// others are spans that are not activities, and are passed on.
func others() []any {
	client := otlpjson.Object{
		"traceId": fmt.Sprintf("%032x", 1000), "spanId": fmt.Sprintf("%016x", 1000), "kind": 3, "name": "CLIENT-SPAN",
		"startTimeUnixNano": now, "endTimeUnixNano": now,
		"attributes": otlpjson.List{attribute(header+"authorization", []any{"Bearer hunter2-client"})},
		"events": otlpjson.List{otlpjson.Object{"name": "retry", "timeUnixNano": now,
			"attributes": otlpjson.List{attribute(header+"cookie", []any{"sid=hunter2-event"})}}},
	}
	return []any{client}
}

// record is a declared activity with a header.
func record() otlpjson.Object {
	return otlpjson.Object{
		"timeUnixNano": now,
		"attributes": otlpjson.List{
			otlpjson.Text("activity.action.type", "Update"), otlpjson.Text("activity.actor.id", "8"), otlpjson.Text("activity.object.id", "record"),
			attribute(header+"authorization", []any{"Bearer hunter2-log"}),
		},
	}
}

func post(t *testing.T, c *collectortest.Collector, signal string, request otlpjson.Object) {
	t.Helper()
	if err := otlpjson.Post(t.Context(), c.HTTP, signal, request); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", dsn+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func awaitCount(t *testing.T, dsn, table string, want int) {
	t.Helper()
	db := open(t, dsn)
	deadline := time.Now().Add(30 * time.Second)
	for {
		var n int
		err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n)
		if err == nil && n == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s has %d rows after 30 seconds, want %d (%v)\n%s", table, n, want, err, dump(t, dsn, table))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// compare compares actor and data of each request.
func compare(t *testing.T, dsn string, all []act) {
	t.Helper()
	for i, one := range all {
		rows, err := open(t, dsn).QueryContext(t.Context(), `SELECT coalesce(actor_id, ''), coalesce(actor_name, ''), coalesce(tenant_id, ''), data
			FROM activity_log WHERE trace_id = ?`, fmt.Sprintf("%032x", i+1))
		if err != nil {
			t.Fatal(err)
		}
		got := "none"
		var name, tenant, data string
		for rows.Next() {
			if err := rows.Scan(&got, &name, &tenant, &data); err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if got != one.actor || data != one.data {
			t.Errorf("%s: actor %q and data %s, want %q and %s", one.name, got, data, one.actor, one.data)
		}
		if got == "42" && (name != "alice" || tenant != "acme") {
			t.Errorf("%s: name %q and tenant %q", one.name, name, tenant)
		}
	}
}

// dump returns a whole table as text.
func dump(t *testing.T, dsn, table string) string {
	t.Helper()
	rows, err := open(t, dsn).QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "%s\n", values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return text.String()
}
