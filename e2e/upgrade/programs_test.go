package upgrade_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// programs are built once for all tests.
var programs struct {
	sync.Once
	folder string
	err    error
}

// built returns the path of a program: "activitylog" or "blog".
func built(t *testing.T, name string) string {
	t.Helper()
	programs.Do(func() {
		programs.folder, programs.err = os.MkdirTemp("", "upgrade")
		for module, pkg := range map[string]string{"cmd/activitylog": ".", "examples": "./blog"} {
			if programs.err != nil {
				return
			}
			build := exec.Command("go", "build", "-o", programs.folder+"/", pkg)
			build.Dir = filepath.Join(root, module)
			var out []byte
			if out, programs.err = build.CombinedOutput(); programs.err != nil {
				t.Logf("%s", out)
			}
		}
	})
	if programs.err != nil {
		t.Fatalf("build the programs: %v", programs.err)
	}
	return filepath.Join(programs.folder, name)
}

func TestMain(m *testing.M) {
	code := m.Run()
	if programs.folder != "" {
		_ = os.RemoveAll(programs.folder)
	}
	os.Exit(code)
}

// activitylog runs the command on a database, and returns what it printed.
func activitylog(t *testing.T, db *database, args ...string) string {
	t.Helper()
	out, err := tryActivitylog(t, db, args...)
	if err != nil {
		t.Fatalf("activitylog %v: %v\n%s", args, err, out)
	}
	return out
}

func tryActivitylog(t *testing.T, db *database, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), built(t, "activitylog"), args...)
	cmd.Env = append(os.Environ(), "ACTIVITYLOG_DRIVER="+db.driver, "ACTIVITYLOG_DSN="+db.dsn)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// collector starts one of the present version with a queue, for a database.
func collector(t *testing.T, db *database, storage string, args ...string) *collectortest.Collector {
	t.Helper()
	return collectortest.Start(t, collectortest.Config{Driver: db.driver, DSN: db.dsn, Storage: storage, Args: args})
}

// createSchema is the setting create_schema.
func createSchema(value string) string {
	return "--config=yaml:exporters::activitylog::create_schema: " + value
}

// service is the example blog with a spool on disk.
type service struct {
	*process.Process
	addr string
}

// startService starts the blog. Environment variables say where it sends to.
func startService(t *testing.T, spool string, env ...string) *service {
	t.Helper()
	s := &service{addr: testserver.FreeAddr(t)}
	cmd := exec.Command(built(t, "blog"), "-addr="+s.addr, "-db="+filepath.Join(t.TempDir(), "blog.db"))
	cmd.Env = append(append(os.Environ(), "ACTIVITYLOG_SPOOL_DIR="+spool), env...)
	var log process.Log
	var err error
	if s.Process, err = process.Start(cmd, &log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			t.Logf("the end of the service's log:\n%s", log.Tail(30))
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := s.WaitUntil(ctx, func(ctx context.Context) error {
		_, err := s.do(ctx, "GET", "/ping", "", "")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

// stop sends SIGTERM.
func (s *service) stop(t *testing.T) {
	t.Helper()
	if err := s.Stop(syscall.SIGTERM, 30*time.Second); err != nil {
		t.Fatalf("stop the service: %v", err)
	}
}

// do makes a request and returns the cookie of the answer.
func (s *service) do(ctx context.Context, method, path, cookie, body string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+s.addr+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	for _, c := range answer.Cookies() {
		return c.Name + "=" + c.Value, nil
	}
	return "", nil
}
