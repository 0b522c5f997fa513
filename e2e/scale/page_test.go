package scale_test

import (
	"database/sql"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// page is what TestPage runs.
const page = "docs/operate/scale.md"

// TestPage runs the commands of the page that start two collectors and a proxy, and send an activity,
// on free ports.
func TestPage(t *testing.T) {
	beside(t)
	root, binary := collectortest.Root(t), collectortest.Binary(t)
	text := read(t, filepath.Join(root, page))
	_, section, _ := strings.Cut(text, "\n## Two collectors behind one address\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(section, -1)
	if len(blocks) != 3 {
		t.Fatalf("%s has %d blocks of commands in that section, want 3: collectors with HAProxy, nginx, a request", page, len(blocks))
	}
	collectors, nginx, request := blocks[0][1], blocks[1][1], blocks[2][1]
	withoutProxy := regexp.MustCompile(`(?m)^haproxy .*\n`).ReplaceAllString(collectors, "")
	for name, script := range map[string]string{"haproxy": collectors, "nginx": withoutProxy + nginx} {
		t.Run(name, func(t *testing.T) {
			beside(t)
			if _, err := exec.LookPath("/usr/sbin/" + name); err != nil {
				testserver.Missing(t, "%s is not installed (apt-get install %s)", name, name)
			}
			server, dir := pgtest.Start(t), t.TempDir()
			ports := freePorts(t, "4317", "4318", "14317", "14318", "14133", "14888", "24317", "24318", "24133", "24888")
			for _, file := range []string{"haproxy.cfg", "nginx.conf"} {
				write(t, filepath.Join(dir, file), ports.Replace(read(t, filepath.Join(examples, file))))
			}
			commands := strings.NewReplacer("postgres://user:password@127.0.0.1:5432/audit", server.DSN(), "bin/otelcol-activitylog", binary,
				"collector-config.yaml", filepath.Join(root, "collector-config.yaml"), "examples/scale/haproxy.cfg", dir+"/haproxy.cfg",
				"$PWD/examples/scale/nginx.conf", dir+"/nginx.conf", "/tmp/nginx", dir+"/nginx", "bin/activitylog list", "").Replace(ports.Replace(script + request))
			cmd := exec.CommandContext(t.Context(), "bash", "-c", "PATH=$PATH:/usr/sbin\n"+commands)
			cmd.Dir, cmd.SysProcAttr, cmd.WaitDelay = dir, &syscall.SysProcAttr{Setpgid: true}, time.Second
			var log strings.Builder
			cmd.Stdout, cmd.Stderr = &log, &log
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); _ = cmd.Wait() })
			db := load.Open(t, "pgx", server.DSN())
			if !eventuallyRemarks(t, db, "alice tried two collectors") {
				_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
				_ = cmd.Wait()
				t.Fatalf("there is no row of the page's request:\n%s\n%s", commands, log.String())
			}
		})
	}
}

// freePorts replaces port numbers by free ones.
func freePorts(t testing.TB, numbers ...string) *strings.Replacer {
	t.Helper()
	var pairs []string
	for _, number := range numbers {
		free := port(testserver.FreeAddr(t))
		pairs = append(pairs, ":"+number, ":"+free, " port "+number, " port "+free, "PORT="+number, "PORT="+free)
	}
	return strings.NewReplacer(pairs...)
}

// eventuallyRemarks waits 20 s until there is one row with these remarks.
func eventuallyRemarks(t testing.TB, db *sql.DB, remarks string) bool {
	t.Helper()
	n := 0
	for deadline := time.Now().Add(20 * time.Second); n == 0 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		_ = db.QueryRowContext(t.Context(), "SELECT count(*) FROM activity_log WHERE remarks = $1", remarks).Scan(&n)
	}
	return n == 1
}
