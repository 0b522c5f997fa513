package pgtest_test

import (
	"net/url"
	"os/exec"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

func TestServerKeepsWhatWasCommitted(t *testing.T) {
	server := pgtest.Start(t)
	if _, err := url.Parse(server.DSN()); err != nil {
		t.Fatal(err)
	}
	psql := func(query string) string {
		t.Helper()
		out, err := exec.Command("psql", server.DSN(), "-XAtqc", query).CombinedOutput()
		if err != nil {
			t.Fatalf("psql: %v\n%s", err, out)
		}
		return string(out)
	}
	psql("CREATE TABLE kept AS SELECT 42 AS n")
	server.Stop()
	if out, err := exec.Command("psql", server.DSN(), "-c", "SELECT 1").CombinedOutput(); err == nil {
		t.Fatalf("a stopped server answers: %s", out)
	}
	server.Start()
	if got := psql("SELECT n FROM kept"); got != "42\n" {
		t.Errorf("after a restart: got %q, want 42", got)
	}
}
