//go:build grafana

package dashboardtest_test

import (
	"context"
	"database/sql"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dashboardtest"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// TestNewcomer goes the way of docs/audit/grafana.md, from a PostgreSQL, a Grafana and a
// service in Go to a panel: with the real collector, the blog for a service, and the
// page's own SQL and variables.
func TestNewcomer(t *testing.T) {
	server := pgtest.Start(t)
	col := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()}) // 1, 2
	aliceLogsIn(t, col)                                                                        // 3, 4

	owner, err := sql.Open("pgx", server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	deadline, n := time.Now().Add(30*time.Second), 0
	for n == 0 && time.Now().Before(deadline) { // 5
		_ = owner.QueryRowContext(t.Context(), "SELECT count(*) FROM activity_log WHERE action_type = 'Login'").Scan(&n)
		time.Sleep(100 * time.Millisecond)
	}
	text, err := os.ReadFile(filepath.Join(dashboardtest.Folder, "../docs/audit/grafana.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, statements, _ := strings.Cut(string(text), "```sql\n")
	statements, _, _ = strings.Cut(statements, "```")
	if _, err := owner.ExecContext(t.Context(), statements); err != nil { // 6
		t.Fatal(err)
	}
	env := access(t, "postgres", strings.Replace(server.DSN(), "activity:"+pgtest.Password, "grafana:change-me", 1))
	_, variables, _ := strings.Cut(string(text), "```sh\n")
	variables, _, _ = strings.Cut(variables, "```")
	for _, variable := range env { // 7
		if name, _, _ := strings.Cut(variable, "="); !strings.Contains(variables, name+"=") {
			t.Errorf("the page does not set %s", name)
		}
	}
	g := startGrafana(t, "postgres", env...) // 8

	panels, err := dashboardtest.Panels("postgres")
	if err != nil {
		t.Fatal(err)
	}
	now := view
	now.From, now.To, now.Interval = time.Now().Add(-time.Hour), time.Now().Add(time.Minute), time.Minute
	for _, p := range panels { // 9
		if p.Name() != "overview: Latest activities" {
			continue
		}
		columns, want := ask(t, owner, "postgres", now, p.SQL())
		got := g.ask(t, "postgres", p, now, columns)
		compare(t, got, toTheMillisecond(columns, want))
		if len(got) != 1 || !strings.Contains(strings.Join(got[0], " "), "alice Login") {
			t.Errorf("the panel shows %q", got)
		}
		return
	}
	t.Error("there is no such panel")
}

// aliceLogsIn runs the blog, which sends to the collector, until it has.
func aliceLogsIn(t *testing.T, col *collectortest.Collector) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "blog")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-C", filepath.Join(dashboardtest.Folder, "../examples"), "-o", program, "./blog").CombinedOutput(); err != nil {
		t.Fatalf("build the blog: %v\n%s", err, out)
	}
	cmd := exec.Command(program, "-addr=127.0.0.1:0", "-db="+filepath.Join(t.TempDir(), "blog.db"))
	cmd.Env = append(os.Environ(), col.OTLPEnv()...)
	var log process.Log
	blog, err := process.Start(cmd, &log)
	if err != nil {
		t.Fatal(err)
	}
	defer blog.Kill()
	var address string
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := blog.WaitUntil(ctx, func(context.Context) (err error) {
		address, err = log.AfterPrefix("listening on ")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(address+"/api/login", "application/json", strings.NewReader(`{"username":"alice","password":"wonderland"}`))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("login: %s", res.Status)
	}
	if err := blog.Stop(syscall.SIGTERM, 30*time.Second); err != nil {
		t.Fatal(err)
	}
}
