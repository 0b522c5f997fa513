package firebird_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/firebirdtest"
)

// TestCollector builds a collector with the builder, as docs/databases/generic.md says, and
// sends it one activity twice, and one that the table refuses.
func TestCollector(t *testing.T) {
	server := firebirdtest.Start(t)
	program := build(t)
	dsn := server.Database()
	makeTables(t, dsn, "activity_log")

	endpoint := run(t, program, dsn)
	send(t, endpoint, "publish", "First title")
	send(t, endpoint, "publish", "First title")
	send(t, endpoint, strings.Repeat("long", 64), "Second title") // 256 characters, one too many

	db, err := sql.Open("firebirdsql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]int{
		"SELECT count(*) FROM activity_log_dead_letter WHERE reason LIKE '%expected length 255, actual 256%'": 1,
		"SELECT count(*) FROM activity_log WHERE action_name = 'publish' AND remarks = 'First title'":         1,
		"SELECT count(*) FROM activity_log": 1,
	} {
		var got int
		for deadline := time.Now().Add(30 * time.Second); got != want && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if err := db.QueryRowContext(t.Context(), query).Scan(&got); err != nil {
				t.Fatalf("%s: %v", query, err)
			}
		}
		if got != want {
			t.Errorf("%s: got %d, want %d", query, got, want)
		}
	}
}

func build(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("go", "run", "go.opentelemetry.io/collector/cmd/builder@v0.160.0", "--config", "builder-config.yaml")
	// -e: not every proxy has what only the tests of dependencies import.
	cmd.Env = append(os.Environ(), "GOFLAGS=-e", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build a collector: %v\n%s", err, out)
	}
	return "./_build/otelcol-activitylog-firebird"
}

// run starts the collector, and returns where it receives.
func run(t *testing.T, program, dsn string) string {
	t.Helper()
	endpoint := testserver.FreeAddr(t)
	var log bytes.Buffer
	cmd := exec.Command(program, "--config", "collector-config.yaml", "--set=receivers.otlp.protocols.http.endpoint="+endpoint)
	cmd.Env = append(os.Environ(), "ACTIVITYLOG_DSN="+dsn)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil || t.Failed() {
			t.Errorf("the collector ended with %v; its log:\n%s", err, log.String())
		}
		if strings.Contains(log.String(), firebirdtest.Password) {
			t.Error("the log has the password")
		}
	})
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("tcp", endpoint); err == nil {
			_ = conn.Close()
			return "http://" + endpoint
		}
	}
	t.Fatal("the collector did not listen within 30 s")
	return ""
}

func send(t *testing.T, endpoint, action, remarks string) {
	t.Helper()
	body := fmt.Sprintf(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1700000000000000000","body":{"stringValue":%q},
		"attributes":[{"key":"activity.action.type","value":{"stringValue":"Update"}},{"key":"activity.action.name","value":{"stringValue":%q}}]}]}]}]}`, remarks, action)
	resp, err := http.Post(endpoint+"/v1/logs", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		t.Fatalf("send: %s: %s", resp.Status, answer)
	}
	http.DefaultClient.CloseIdleConnections()
}
