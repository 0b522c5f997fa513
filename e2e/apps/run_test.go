//go:build apps

package apps_test

import (
	"context"
	"database/sql"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

const (
	readyAgent = "apps are they ready"

	startTime = 3 * time.Minute
	sendTime  = 1500 * time.Millisecond // that the last spans need, at OTEL_BSP_SCHEDULE_DELAY
)

// app is an application that runs.
type app struct {
	t         *testing.T
	addr      string // 127.0.0.1:port
	collector *collectortest.Collector
	service   *process.Process
	dsn       string
}

// start starts a collector with the shipped configuration, and cmd, which must listen
// on addr. ready is a path that answers when the application has started.
func start(t *testing.T, cmd *exec.Cmd, addr, ready string, env ...string) *app {
	t.Helper()
	a := &app{t: t, addr: addr, dsn: "file:" + filepath.Join(t.TempDir(), "activity.db")}
	a.collector = collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: a.dsn})
	cmd.Env = append(append(append(os.Environ(),
		"OTEL_TRACES_EXPORTER=otlp", "OTEL_METRICS_EXPORTER=none", "OTEL_LOGS_EXPORTER=none",
		"OTEL_NODE_RESOURCE_DETECTORS=env", "OTEL_BSP_SCHEDULE_DELAY=300",
		"OTEL_SERVICE_NAME="+t.Name()), a.collector.OTLPEnv()...), env...)
	a.service = startService(t, cmd, addr, ready)
	return a
}

// startService starts cmd and waits until ready on addr answers. It is killed with
// the test; what it printed is shown when the test fails.
func startService(t *testing.T, cmd *exec.Cmd, addr, ready string) *process.Process {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with its children
	var log process.Log
	service, err := process.Start(cmd, &log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		kill(service)
		if t.Failed() {
			t.Logf("the end of the application's log:\n%s", log.Tail(40))
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	if err := service.WaitUntil(ctx, func(ctx context.Context) error { return answers(ctx, "http://"+addr+ready) }); err != nil {
		t.Fatal(err)
	}
	return service
}

// kill ends an application with its children. OpenTelemetry's start file for Node.js
// keeps SIGTERM for itself.
func kill(service *process.Process) {
	_ = syscall.Kill(-service.PID(), syscall.SIGKILL) // fails when it has ended
	service.Kill()
}

func (a *app) url() string { return "http://" + a.addr }

func answers(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", readyAgent)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// rows returns all rows, after the application has sent its spans.
func (a *app) rows() []rows.Row {
	a.t.Helper()
	time.Sleep(sendTime)
	kill(a.service)
	a.collector.Stop() // writes what it has
	db, err := sql.Open("sqlite", a.dsn+"?mode=ro")
	if err != nil {
		a.t.Fatal(err)
	}
	defer db.Close()
	all, err := rows.Read(a.t.Context(), db, "sqlite")
	if err != nil {
		a.t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(row rows.Row) bool { return row["user_agent"] == readyAgent })
}

// tell runs the story, and checks its rows.
func (a *app) tell(name string, acts []act, secrets ...string) {
	a.t.Helper()
	s := &story{base: a.url(), secrets: secrets}
	all := s.tell(a.t, acts)
	s.check(a.t, name, all, a.rows())
}

// npm returns the command that starts a program of an installed npm package with
// OpenTelemetry's zero-code instrumentation and languages/node/user.cjs.
func npm(t *testing.T, folder, script string, args ...string) *exec.Cmd {
	t.Helper()
	if testing.Short() {
		t.Skip("starts an application")
	}
	root := collectortest.Root(t)
	dir := filepath.Join(root, "bin", "apps", folder)
	if _, err := os.Stat(filepath.Join(dir, script)); err != nil {
		testserver.Missing(t, "%v; run scripts/apps.sh", err)
	}
	user := filepath.Join(root, "languages", "node", "user.cjs")
	cmd := exec.Command("node", append([]string{
		"--require", "@opentelemetry/auto-instrumentations-node/register", "--require", user, script,
	}, args...)...)
	cmd.Dir = dir
	return cmd
}

// port returns the port of an address.
func port(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}
