package mariatest_test

import (
	"net"
	"os/exec"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
)

func TestServerKeepsWhatWasCommitted(t *testing.T) {
	server := mariatest.Start(t, "--sql-mode=ANSI")
	_, port, err := net.SplitHostPort(server.Address())
	if err != nil {
		t.Fatal(err)
	}
	query := func(query string) (string, error) {
		out, err := exec.Command("mariadb", "--no-defaults", "-h127.0.0.1", "-P"+port, "-uactivity",
			"-p"+mariatest.Password, "-BN", "-e", query, "activity").CombinedOutput()
		return string(out), err
	}
	must := func(statement, want string) {
		t.Helper()
		if got, err := query(statement); err != nil || got != want {
			t.Fatalf("%s: got %q, %v, want %q", statement, got, err, want)
		}
	}
	must(`CREATE TABLE "kept" AS SELECT 42 AS n`, "") // the flags are in force: ANSI quotes
	for _, end := range []func(){server.Stop, server.Kill} {
		end()
		if out, err := query("SELECT 1"); err == nil {
			t.Fatalf("a stopped server answers: %s", out)
		}
		server.Start()
		must("SELECT n FROM kept", "42\n")
	}
}
