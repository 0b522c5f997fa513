package credentials_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/otlpjson"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

var update = flag.Bool("update", false, "write the expected actors")

// rules are for two real applications whose spans were captured: a wiki with Basic
// authentication, and a CouchDB with Basic authentication and sessions.
const rules = `yaml:
processors:
  activity:
    fold: {enabled: false} # each refusal is looked at
    identity:
      - {header: {name: authorization, as: basic}}
      - {cookie: {name: AuthSession, lookup: sessions}}
    lookups:
      - {name: sessions, key: cookie, set: {user.id: name}, file: {path: "%s", key_columns: session}}
`

const session = "session,name\nYWxpY2U6NkIwN0Q5N0Q69pXv8N5hMeNf3jRXCweIq5Rz8oQ,alice\n"

// TestCaptures replays the requests. testdata has, for each, the actor of its row, or that
// there is no row. Nobody logs in with a wrong password, or does what was refused.
func TestCaptures(t *testing.T) {
	dir := t.TempDir()
	table := filepath.Join(dir, "sessions.csv")
	if err := os.WriteFile(table, []byte(session), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, application := range []string{"tiddlywiki", "pouchdb"} {
		t.Run(application, func(t *testing.T) {
			dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
			c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn, Args: []string{"--config=" + fmt.Sprintf(rules, table)}})
			requests := capture(t, "../captures/testdata/"+application+".jsonl")
			for _, request := range requests {
				post(t, c, "traces", request)
			}
			await(t, dsn)
			c.Stop()
			got := strings.Join(actors(t, dsn, requests), "\n") + "\n"
			golden := "testdata/" + application + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the actors are\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// capture returns the requests of a file, one a line.
func capture(t *testing.T, file string) (requests []otlpjson.Object) {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var request otlpjson.Object
		if err := json.Unmarshal(lines.Bytes(), &request); err != nil {
			t.Fatal(err)
		}
		requests = append(requests, request)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return requests
}

// await waits until no more rows come.
func await(t *testing.T, dsn string) {
	t.Helper()
	before := -1
	for range 60 {
		var n int
		err := open(t, dsn).QueryRowContext(t.Context(), "SELECT count(*) FROM activity_log").Scan(&n)
		if err == nil && n > 0 && n == before {
			return
		}
		before = n
		time.Sleep(500 * time.Millisecond)
	}
	t.Fatal("there are no rows after half a minute")
}

// actors returns a line for each server span, in the order of their starts.
func actors(t *testing.T, dsn string, requests []otlpjson.Object) []string {
	t.Helper()
	db := open(t, dsn)
	type line struct{ start, text string }
	var lines []line
	for _, span := range serverSpans(requests) {
		actor := "no row"
		row := db.QueryRowContext(t.Context(), "SELECT coalesce(actor_id, actor_type) FROM activity_log WHERE span_id = ?", span["spanId"])
		_ = row.Scan(&actor) // no row is no error here
		text := fmt.Sprintf("%s %s %s: %s", first(span, "http.request.method", "http.method"), first(span, "url.path", "http.target"),
			first(span, "http.response.status_code", "http.status_code"), actor)
		lines = append(lines, line{fmt.Sprint(span["startTimeUnixNano"]), text})
	}
	slices.SortStableFunc(lines, func(a, b line) int { return strings.Compare(a.start, b.start) })
	var texts []string
	for _, one := range lines {
		texts = append(texts, one.text)
	}
	return texts
}

func serverSpans(requests []otlpjson.Object) (found []otlpjson.Object) {
	list := func(of any, key string) []any { all, _ := of.(otlpjson.Object)[key].([]any); return all }
	for _, request := range requests {
		for _, resource := range list(request, "resourceSpans") {
			for _, scope := range list(resource, "scopeSpans") {
				for _, span := range list(scope, "spans") {
					if one := span.(otlpjson.Object); one["kind"] == 2.0 {
						found = append(found, one)
					}
				}
			}
		}
	}
	return found
}

// first returns the value of the first attribute that the span has.
func first(span otlpjson.Object, keys ...string) string {
	for _, key := range keys {
		for _, attribute := range span["attributes"].([]any) {
			if one := attribute.(otlpjson.Object); one["key"] == key {
				for _, value := range one["value"].(otlpjson.Object) {
					return fmt.Sprint(value)
				}
			}
		}
	}
	return ""
}
