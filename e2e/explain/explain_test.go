// Package explain_test sends the spans of a real application to the real collector, which
// must say itself why it makes no rows of them: by a metric, a line in its log, and the
// command explain.
package explain_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// requests are those of the golden files of the command.
const requests = "../../collector/internal/explain/testdata"

func contents(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// send sends the OTLP/JSON requests of a text, one a line.
func send(t *testing.T, address, signal, lines string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		answer, err := http.Post("http://"+address+"/v1/"+signal, "application/json", strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("the collector answers %s (%v)", answer.Status, err)
		}
	}
}

// explain runs the command in an empty folder, which must stay so.
func explain(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), collectortest.Binary(t), append([]string{"explain"}, args...)...)
	command.Dir, command.Stdin = t.TempDir(), strings.NewReader(stdin)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	warnings := strings.TrimSpace(stderr.String())
	replaced := strings.HasPrefix(warnings, "warning: processors::activity::rules of ") && !strings.Contains(warnings, "\n")
	if err != nil || warnings != "" && !replaced {
		t.Fatalf("explain: %v: %s", err, &stderr)
	}
	if left, err := os.ReadDir(command.Dir); err != nil || len(left) > 0 {
		t.Errorf("the command left %v (%v)", left, err)
	}
	return string(out)
}

var (
	skipped = regexp.MustCompile(`(?m)^otelcol_processor_activity_skipped(?:_total)?\{.*?\breason="(\w+)".*\} (\d+)$`)
	totals  = regexp.MustCompile(`\n(\d+) records, (\d+) rows; no row: (.*)\n$`)
)

// reasons returns the metric by reason, as the command writes it.
func reasons(metrics string) string {
	var all []string
	for _, match := range skipped.FindAllStringSubmatch(metrics, -1) {
		all = append(all, match[1]+" "+match[2])
	}
	return strings.Join(all, ", ")
}

// The metric of the collector, its rows and the command agree, and the command prints in the
// real program what its golden file has.
func TestTheyAgree(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn})
	var lines string
	for _, name := range []string{"verdaccio", "next"} {
		lines += contents(t, filepath.Join(requests, name+".jsonl"))
	}
	send(t, c.HTTP, "traces", lines)
	out := explain(t, lines, "-")
	total := totals.FindStringSubmatch(out)
	if total == nil {
		t.Fatalf("no total in:\n%s", out)
	}
	metrics, err := c.ReadMetrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := reasons(metrics); got != total[3] {
		t.Errorf("the metric has %q, the command %q", got, total[3])
	}
	db, err := sql.Open("sqlite", dsn+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var all []rows.Row
	testserver.Eventually(t, 20*time.Second, func() bool {
		all, _ = rows.Read(t.Context(), db, "sqlite")
		return fmt.Sprint(len(all)) == total[2]
	})
	for _, row := range all {
		for _, column := range []string{"event_id", "action_name", "remarks", "actor_type", "status", "trace_id"} {
			if !regexp.MustCompile(`(?m)^    ` + column + ` +` + regexp.QuoteMeta(row[column]) + ` +\(`).MatchString(out) {
				t.Errorf("%s %q of a row is not explained", column, row[column])
			}
		}
	}
	if got, want := explain(t, "", must(t, filepath.Join(requests, "verdaccio.jsonl"))), contents(t, filepath.Join(requests, "verdaccio.txt")); got != want {
		t.Errorf("the program prints other than the golden file:\n%s", got)
	}
}

func must(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// nobody is a request that names no user, with a secret in each place that may have one.
const nobody = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},
{"key":"host.name","value":{"stringValue":"password=hunter2"}}]},"scopeSpans":[{"spans":[{"traceId":"%032x","spanId":"%016x","name":"PUT hunter2",
"kind":2,"startTimeUnixNano":"1795676364557000000","endTimeUnixNano":"1795676364558000000","attributes":[
{"key":"http.request.method","value":{"stringValue":"PUT"}},{"key":"url.path","value":{"stringValue":"/articles/hunter2"}},
{"key":"http.request.header.authorization","value":{"stringValue":"Bearer hunter2"}}]}]}]}]}`

// The log says which rules are in use and where rows go, without the account of the
// database, and soon that a service names no user, with nothing of its requests.
func TestTheLogSaysWhy(t *testing.T) {
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: "postgres://u5er:s3cret@127.0.0.1:1/audit"})
	for i := range 25 {
		send(t, c.HTTP, "traces", strings.ReplaceAll(fmt.Sprintf(nobody, i+1, i+1), "\n", ""))
	}
	log := c.Log()
	for _, want := range []string{
		`The rules for activities are in use. The first that matches a record applies.`, `"rules": ["noise", "http_server"]`,
		`The queue is open.`, `"driver": "postgres", "addresses": ["127.0.0.1:1"], "database": "audit", "table": "activity_log", "queue": `,
		`No request of a service names a user, so they did not become rows.`,
		`"service": "shop", "requests": 20, "see": "docs/develop/identify-users.md"`,
	} {
		if n := strings.Count(log, want); n != 1 {
			t.Errorf("the log has %q %d times, want once", want, n)
		}
	}
	for _, secret := range []string{"hunter2", "s3cret"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has the secret %q", secret)
		}
	}
}

// A pipeline without the processor says what is missing.
func TestWithoutTheProcessor(t *testing.T) {
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + filepath.Join(t.TempDir(), "activity.db"),
		Args: []string{"--config=yaml:service: {pipelines: {traces: {processors: [memory_limiter]}}}"}})
	for i := range 3 {
		send(t, c.HTTP, "traces", strings.ReplaceAll(fmt.Sprintf(nobody, i+1, i+1), "\n", ""))
	}
	const want = "The processor activity, which makes activities of them, is missing from this pipeline"
	if n := strings.Count(c.Log(), want); n != 1 {
		t.Errorf("the log has %q %d times, want once", want, n)
	}
}

// With identity rules, lookups and rules of its own, in the real program.
func TestWithLookups(t *testing.T) {
	config := strings.ReplaceAll(contents(t, filepath.Join(requests, "shop.yaml")), "path: testdata/", "path: "+must(t, requests)+"/")
	file := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	shipped := filepath.Join(collectortest.Root(t), "collector-config.yaml")
	got := explain(t, "", "--config", shipped, "--config", file, must(t, filepath.Join(requests, "shop.jsonl")))
	want := strings.ReplaceAll(contents(t, filepath.Join(requests, "shop.txt")), "testdata/gone.csv", must(t, requests)+"/gone.csv")
	if got != want {
		t.Errorf("the program prints other than the golden file:\n%s", got)
	}
}

// What the collector keeps by the file of docs/operate/explain.md can be explained.
func TestKeep(t *testing.T) {
	_, page, _ := strings.Cut(contents(t, "../../docs/operate/explain.md"), "```yaml\n")
	keep, _, _ := strings.Cut(page, "```")
	file := filepath.Join(t.TempDir(), "spans.jsonl")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + filepath.Join(t.TempDir(), "activity.db"),
		Args: []string{"--config=yaml:" + strings.ReplaceAll(keep, "${env:KEEP_FILE:-spans.jsonl}", file)}})
	send(t, c.HTTP, "traces", contents(t, filepath.Join(requests, "verdaccio.jsonl")))
	send(t, c.HTTP, "logs", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hello"}}]}]}]}`)
	c.Stop()
	const want = "\n9 records, 5 rows; no row: level_none 1, no_actor 2, no_rule 1\n"
	if got := explain(t, "", file); !strings.HasSuffix(got, want) {
		t.Errorf("the end is other than %q:\n%s", want, got)
	}
}
