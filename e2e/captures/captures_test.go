// Package captures_test replays what real applications and real bug reports sent, through
// the collector with its shipped configuration, and compares the rows with golden files.
// Beside each row is the act that was done, so that a person can see that no row states
// something false.
package captures_test

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/otlpjson"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// With -update the golden files are written again: read the difference as an auditor
// would before you commit it.
var update = flag.Bool("update", false, "write the golden files")

// everybody also makes rows of acts whose actor is not known, to see what they say.
const everybody = "yaml:processors::activity::rules: [{preset: http_server, anonymous: true}]"

// unfolded makes each refusal a row, because each of them is looked at.
const unfolded = "yaml:processors::activity::fold::enabled: false"

// TestCaptures replays the spans of applications: testdata/NAME.jsonl has the requests to
// the collector, NAME.txt a line for each SERVER span and its row.
func TestCaptures(t *testing.T) {
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) < 11 {
		t.Fatalf("there are %d captures, want 11 or more: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		t.Run(name, func(t *testing.T) {
			acts, requests := readCapture(t, file)
			shipped := replay(t, requests, "--config="+unfolded)
			all := replay(t, requests, "--config="+unfolded, "--config="+everybody)
			var text strings.Builder
			for _, act := range acts {
				fmt.Fprintf(&text, "%s\n", act.text)
				row, ok := all[act.span]
				if !ok {
					text.WriteString("    no row\n")
					continue
				}
				act.check(t, row)
				note := ""
				if _, ok := shipped[act.span]; !ok {
					note = " (only with anonymous: true)"
				}
				fmt.Fprintf(&text, "    %s%s\n", describe(row), note)
			}
			compare(t, "testdata/"+name+".txt", text.String())
		})
	}
}

// act is what was done in one request, as its SERVER span tells.
type act struct {
	span, text, user, method, code, path string
	start                                string
}

// check fails the test if the row contradicts the request, whatever the golden file says.
func (a *act) check(t *testing.T, row rows.Row) {
	t.Helper()
	failed := a.code >= "400"
	switch {
	case failed != (row["status"] == "Failed"):
		t.Errorf("%s: status %s", a.text, row["status"])
	case row["actor_id"] != "" && row["actor_id"] != a.user && a.user != "":
		t.Errorf("%s: actor %s", a.text, row["actor_id"])
	case a.method == "GET" && row["action_type"] != "Read" && row["action_type"] != "Logout",
		a.method == "DELETE" && row["action_type"] == "Create":
		t.Errorf("%s: action %s", a.text, row["action_type"])
	case row["object_id"] != "" && !strings.Contains(unescaped(a.path), row["object_id"]):
		t.Errorf("%s: object %s is not in the path", a.text, row["object_id"])
	}
}

func unescaped(path string) string {
	return strings.NewReplacer("%20", " ", "%2f", "/", "%2F", "/", "%40", "@").Replace(path)
}

func describe(row rows.Row) string {
	text := fmt.Sprintf("%s | %s | %s | %s", row["action_type"], row["action_name"], row["status"], row["remarks"])
	if row["data"] != "" && row["data"] != "{}" {
		text += " | " + row["data"]
	}
	return text
}

// replay posts the requests to a collector, and returns the rows by span.
func replay(t *testing.T, requests [][]byte, args ...string) map[string]rows.Row {
	t.Helper()
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn, Args: args})
	for _, request := range requests {
		post(t, c, "traces", request)
	}
	time.Sleep(time.Second) // some captures make no row at all
	c.Stop()
	return readRows(t, dsn)
}

func post(t *testing.T, c *collectortest.Collector, signal string, request []byte) {
	t.Helper()
	var object otlpjson.Object
	if err := json.Unmarshal(request, &object); err != nil {
		t.Fatal(err)
	}
	if err := otlpjson.Post(t.Context(), c.HTTP, signal, object); err != nil {
		t.Fatal(err)
	}
}

func readRows(t *testing.T, dsn string) map[string]rows.Row {
	t.Helper()
	db, err := sql.Open("sqlite", dsn+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all, err := rows.Read(t.Context(), db, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	validate(t, db)
	bySpan := map[string]rows.Row{}
	for _, row := range all {
		if _, ok := bySpan[row["span_id"]]; ok {
			t.Errorf("span %s has two rows", row["span_id"])
		}
		bySpan[row["span_id"]] = row
	}
	return bySpan
}

// readCapture returns the SERVER spans of a file in the order of their starts, and its
// requests.
func readCapture(t *testing.T, file string) (acts []act, requests [][]byte) {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		requests = append(requests, slices.Clone(lines.Bytes()))
		acts = append(acts, actsOf(t, lines.Bytes())...)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(acts, func(a, b act) int { return strings.Compare(a.start, b.start) })
	return acts, requests
}

type export struct {
	ResourceSpans []struct {
		ScopeSpans []struct {
			Spans []struct {
				SpanID     string `json:"spanId"`
				Kind       int
				Start      string `json:"startTimeUnixNano"`
				Attributes []struct {
					Key   string
					Value map[string]any
				}
			}
		}
	}
}

func actsOf(t *testing.T, request []byte) (acts []act) {
	t.Helper()
	var e export
	if err := json.Unmarshal(request, &e); err != nil {
		t.Fatal(err)
	}
	for _, rs := range e.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, span := range ss.Spans {
				if span.Kind != 2 {
					continue
				}
				attributes := map[string]string{}
				for _, a := range span.Attributes {
					for _, value := range a.Value {
						attributes[a.Key] = fmt.Sprint(value)
					}
				}
				first := func(keys ...string) string {
					for _, key := range keys {
						if attributes[key] != "" {
							return attributes[key]
						}
					}
					return ""
				}
				a := act{
					span: span.SpanID, start: span.Start, method: first("http.request.method", "http.method"),
					path: first("url.path", "http.target"), code: first("http.response.status_code", "http.status_code"),
					user: first("user.id", "enduser.id"),
				}
				a.text = strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", a.method, a.path, a.code, a.user)), " ")
				acts = append(acts, a)
			}
		}
	}
	return acts
}

func compare(t *testing.T, golden, got string) {
	t.Helper()
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
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
