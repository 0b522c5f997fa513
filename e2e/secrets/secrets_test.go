// Package secrets_test sends 300 secrets in every field of spans and log records
// to the real collector, and looks for them in all that it leaves behind: rows,
// its own log, and what its debug exporter prints.
package secrets_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/otlpjson"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

const corpus = "../../processor/activityprocessor/internal/redact/testdata/secrets.json"

// secret is one in a text, or the value of a key.
type secret struct {
	Key, Text, Secret string
}

// config prints all that comes out of the processor, activities and others, and
// all that the collector has to say. A rule that fails on each record would log
// what it failed on, if it could.
const config = `yaml:
processors:
  activity:
    drop_others: false
    rules:
      - {name: fails, match: ['Int(attributes["note"]) > 0 and ParseJSON(attributes["note"])["a"] == "b"'], level: none}
      - {preset: http_server, set: {object.name: 'attributes["note"]', data.note: 'attributes["note"]', data.all: 'attributes["nested"]'}}
exporters:
  debug: {verbosity: detailed, sampling_initial: 1000000}
service:
  telemetry: {logs: {level: debug, sampling: {enabled: false}}}
  pipelines:
    traces: {exporters: [activitylog, debug]}
    logs: {exporters: [activitylog, debug]}
`

func read(t *testing.T) (secrets []secret) {
	t.Helper()
	content, err := os.ReadFile(corpus)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &secrets); err != nil {
		t.Fatal(err)
	}
	if len(secrets) < 300 {
		t.Fatalf("there are %d secrets", len(secrets))
	}
	return secrets
}

// The command explain reads the same spans and log records, and prints none of the secrets.
func TestExplain(t *testing.T) {
	secrets := read(t)
	var requests bytes.Buffer
	for i, s := range secrets {
		for _, request := range []otlpjson.Object{s.traces(i), s.logs()} {
			if err := json.NewEncoder(&requests).Encode(request); err != nil {
				t.Fatal(err)
			}
		}
	}
	command := exec.CommandContext(t.Context(), collectortest.Binary(t), "explain",
		"--config", filepath.Join(collectortest.Root(t), "collector-config.yaml"), "--config", config, "-")
	command.Stdin = &requests
	var out, errors bytes.Buffer
	command.Stdout, command.Stderr = &out, &errors
	if err := command.Run(); err != nil {
		t.Fatalf("explain: %v: %s", err, &errors)
	}
	if n := bytes.Count(out.Bytes(), []byte("\n  row\n")); n != 2*len(secrets) {
		t.Errorf("%d rows are explained, want %d", n, 2*len(secrets))
	}
	if !bytes.Contains(errors.Bytes(), []byte("An expression of a rule failed")) {
		t.Error("no warning of a rule: nothing would be found in one")
	}
	for _, s := range secrets {
		for where, text := range map[string][]byte{"the explanation": out.Bytes(), "its warnings": errors.Bytes()} {
			if i := bytes.Index(text, []byte(s.Secret)); i >= 0 {
				t.Errorf("%s is in %s: %s", s.Secret, where, text[max(0, i-100):min(len(text), i+len(s.Secret)+20)])
			}
		}
	}
}

func TestSecrets(t *testing.T) {
	secrets := read(t)
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn, Args: []string{"--config=" + config}})
	for i, s := range secrets {
		for signal, request := range map[string]otlpjson.Object{"traces": s.traces(i), "logs": s.logs()} {
			if err := otlpjson.Post(t.Context(), c.HTTP, signal, request); err != nil {
				t.Fatal(err)
			}
		}
	}
	all := awaitRows(t, dsn, 2*len(secrets))
	c.Stop()

	log := []byte(c.Log())
	for _, must := range []string{"LogRecord #0", "Span #0", "An expression of a rule failed", "as a value"} {
		if !bytes.Contains(log, []byte(must)) {
			t.Fatalf("the collector's log has no %q: nothing would be found in it", must)
		}
	}
	printed, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		for where, text := range map[string][]byte{"the collector's log": log, "the rows": printed} {
			if i := bytes.Index(text, []byte(s.Secret)); i >= 0 {
				t.Errorf("%s is in %s: %s", s.Secret, where, text[max(0, i-100):min(len(text), i+len(s.Secret)+20)])
			}
		}
	}
}

func (s secret) attributes() otlpjson.List {
	key := s.Key
	if key == "" {
		key = "note"
	}
	value := otlpjson.Object{"stringValue": s.Text}
	one := otlpjson.Object{"key": key, "value": value}
	list := otlpjson.List{
		one,
		otlpjson.Text("line", s.line()), otlpjson.Text("plain", "as a value"),
		otlpjson.Object{"key": "nested", "value": otlpjson.Object{"kvlistValue": otlpjson.Object{"values": otlpjson.List{one}}}},
		otlpjson.Object{"key": "list", "value": otlpjson.Object{"arrayValue": otlpjson.Object{"values": otlpjson.List{
			otlpjson.Object{"kvlistValue": otlpjson.Object{"values": otlpjson.List{one}}}}}}},
	}
	if s.Key != "" {
		list = append(list, otlpjson.Text("note", s.line()))
	}
	return list
}

func (s secret) line() string {
	if s.Key == "" {
		return s.Text
	}
	quoted, _ := json.Marshal(s.Text)
	return s.Key + "=" + string(quoted)
}

// traces is a request with a span that becomes an activity and one that does not.
func (s secret) traces(i int) otlpjson.Object {
	now := fmt.Sprint(time.Now().UnixNano())
	span := func(n, kind int) otlpjson.Object {
		return otlpjson.Object{
			"traceId": fmt.Sprintf("%032x", i+1), "spanId": fmt.Sprintf("%016x", 2*i+n), "kind": kind, "name": s.line(),
			"startTimeUnixNano": now, "endTimeUnixNano": now, "traceState": "",
			"status": otlpjson.Object{"code": 2, "message": s.line()},
			"attributes": append(s.attributes(), otlpjson.Text("http.request.method", "PUT"), otlpjson.Text("user.id", "42"),
				otlpjson.Text("url.path", "/articles/17")),
			"events": otlpjson.List{otlpjson.Object{"name": s.line(), "timeUnixNano": now, "attributes": s.attributes()}},
			"links": otlpjson.List{otlpjson.Object{"traceId": fmt.Sprintf("%032x", 1), "spanId": fmt.Sprintf("%016x", 1),
				"attributes": s.attributes()}},
		}
	}
	request := otlpjson.Traces(span(1, 2), span(2, 1))
	return s.around(request, "resourceSpans", "scopeSpans")
}

// logs is a request with a record that declares an activity and one that does not.
func (s secret) logs() otlpjson.Object {
	now := fmt.Sprint(time.Now().UnixNano())
	data := otlpjson.Object{"key": "activity.data", "value": otlpjson.Object{"kvlistValue": otlpjson.Object{"values": s.attributes()}}}
	declared := otlpjson.Object{
		"timeUnixNano": now, "severityText": s.line(), "eventName": s.line(), "body": otlpjson.Object{"stringValue": s.line()},
		"attributes": append(s.attributes(), data, otlpjson.Text("activity.action.type", "Update"), otlpjson.Text("activity.actor.id", "42"),
			otlpjson.Text("activity.object.name", s.line()), otlpjson.Text("activity.action.name", s.line()),
			otlpjson.Text("user_agent.original", s.line()), otlpjson.Text("error.type", s.line())),
	}
	other := otlpjson.Object{
		"timeUnixNano": now, "attributes": s.attributes(),
		"body": otlpjson.Object{"kvlistValue": otlpjson.Object{"values": s.attributes()}},
	}
	return s.around(otlpjson.Logs(declared, other), "resourceLogs", "scopeLogs")
}

// around puts the secret into resource and scope, too.
func (s secret) around(request otlpjson.Object, resources, scopes string) otlpjson.Object {
	resource := request[resources].(otlpjson.List)[0].(otlpjson.Object)
	resource["resource"] = otlpjson.Object{"attributes": append(s.attributes(), otlpjson.Text("service.name", "blog"))}
	scope := resource[scopes].(otlpjson.List)[0].(otlpjson.Object)
	scope["scope"] = otlpjson.Object{"name": s.line(), "version": s.line(), "attributes": s.attributes()}
	return request
}

func awaitRows(t *testing.T, dsn string, want int) []rows.Row {
	t.Helper()
	db, err := sql.Open("sqlite", dsn+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	deadline := time.Now().Add(time.Minute)
	for {
		all, err := rows.Read(t.Context(), db, "sqlite")
		if err == nil && len(all) >= want {
			return all
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d rows after a minute, want %d (%v)", len(all), want, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
