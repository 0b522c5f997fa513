//go:build loki

package logstores_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/otlpjson"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// TestLoki sends activities to a real Loki, and asks it what docs/audit/logstores.md says.
// ACTIVITYLOG_LOKI names the program, which scripts/loki.sh builds.
func TestLoki(t *testing.T) {
	address := startLoki(t)
	col, db := start(t, "loki", "http://"+address+"/otlp")
	const id = "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71"
	change := activity("alice changed article 17")
	change["attributes"] = append(change["attributes"].(otlpjson.List), otlpjson.Text("activity.id", id))
	failed := activity("somebody failed to log in")
	failed["attributes"] = otlpjson.List{otlpjson.Text("activity.action.type", "Login Failed"), otlpjson.Text("client.address", "192.0.2.7")}
	for range 2 { // which is one row
		if err := otlpjson.Post(t.Context(), col.HTTP, "logs", otlpjson.Logs(change, failed, other)); err != nil {
			t.Fatal(err)
		}
	}
	testserver.Eventually(t, 30*time.Second, func() bool {
		var rows int
		return db.QueryRowContext(t.Context(), "SELECT count(*) FROM activity_log").Scan(&rows) == nil && rows == 2
	})

	want := map[string]string{
		"what somebody did": "alice changed article 17", "who changed article 17": "alice changed article 17",
		"failed logins": "somebody failed to log in", "failed logins by address, the last hour": `"client_address":"192.0.2.7"`,
		"the record of a row": "alice changed article 17",
	}
	asked := 0
	for _, line := range regexp.MustCompile("(?m)^\\| ([^|]+) \\| `(\\{.*|sum.*)` \\|$").FindAllStringSubmatch(page(t), -1) {
		query := strings.NewReplacer(`\|`, "|", `"42"`, `"1"`, "019a8f6e-…", id).Replace(line[2])
		if len(want[line[1]]) == 0 {
			t.Fatalf("%v: got nothing", line[1])
		}
		var answer string
		testserver.Eventually(t, 30*time.Second, func() bool {
			answer = ask(t, address, query)
			return strings.Contains(answer, want[line[1]])
		}, "%s: %s", query, answer)
		if strings.Contains(answer, "somebody else's log") {
			t.Fatalf("%q is in:\n%s", "somebody else's log", answer)
		}
		if strings.Contains(answer, "hunter22") {
			t.Fatalf("%q is in:\n%s", "hunter22", answer)
		}
		asked++
	}
	if asked != len(want) {
		t.Fatalf("asked: got %v, want %v", asked, len(want))
	}
	if got := ask(t, address, `{service_name="blog"} | activity_actor_id="4711"`); strings.Contains(got, "alice") {
		t.Fatalf("%q is in:\n%s", "alice", got)
	}
}

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/audit/logstores.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func startLoki(t *testing.T) (address string) {
	t.Helper()
	program := os.Getenv("ACTIVITYLOG_LOKI")
	if len(program) == 0 {
		t.Fatal("ACTIVITYLOG_LOKI names no program: make test-loki does it all: got nothing")
	}
	ports, err := process.FreeAddrs(2)
	if err != nil {
		t.Fatal(err)
	}
	port := func(i int) string { return ports[i][strings.LastIndex(ports[i], ":")+1:] }
	cmd := exec.Command(program, "-config.file=loki-config.yaml", "-config.expand-env=true")
	cmd.Env = append(os.Environ(), "ACTIVITYLOG_LOKI_FOLDER="+t.TempDir(), "ACTIVITYLOG_LOKI_PORT="+port(0), "ACTIVITYLOG_LOKI_GRPC_PORT="+port(1))
	var log process.Log
	running, err := process.Start(cmd, &log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		running.Kill()
		if t.Failed() {
			t.Logf("the end of Loki's log:\n%s", log.Tail(30))
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := running.WaitUntil(ctx, func(ctx context.Context) error {
		_, err := get(ctx, "http://"+ports[0]+"/ready")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return ports[0]
}

// ask asks for the last hour.
func ask(t *testing.T, address, query string) string {
	t.Helper()
	values := url.Values{"query": {query}, "start": {fmt.Sprint(time.Now().Add(-time.Hour).UnixNano())}, "end": {fmt.Sprint(time.Now().Add(time.Minute).UnixNano())}}
	answer, err := get(t.Context(), "http://"+address+"/loki/api/v1/query_range?"+values.Encode())
	if err != nil {
		return err.Error() // it starts to answer some seconds after it is ready
	}
	return answer
}

func get(ctx context.Context, address string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("get %s: %s: %s", address, res.Status, body)
	}
	return string(body), err
}
