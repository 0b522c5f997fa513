package storytest

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

const (
	startTime   = 2 * time.Minute  // that a service has to start
	stopTime    = 15 * time.Second // and to send what it has
	arrivalTime = 30 * time.Second // that all rows have to arrive
	quietTime   = time.Second      // that a row too many has to show up
)

// Foreign is a service in another language, the collector that it sends spans
// to, and the SQLite file of that.
type Foreign struct {
	collector *collectortest.Collector
	service   *process.Process
	dsn       string
}

// StartForeign starts a collector with the repository's configuration and then
// that of the example, config, on top of it; and cmd, which listens on addr and
// has the collector's address in its environment.
func StartForeign(t *testing.T, config string, cmd *exec.Cmd, addr string) *Foreign {
	t.Helper()
	f := &Foreign{dsn: "file:" + filepath.Join(t.TempDir(), "activity.db")}
	f.collector = collectortest.Start(t, collectortest.Config{
		Driver: "sqlite", DSN: f.dsn, Args: []string{"--config=" + config},
	})
	cmd.Env = append(cmd.Env, f.collector.OTLPEnv()...)
	f.service = StartService(t, cmd, addr)
	return f
}

// StartService starts cmd and waits until GET /ping on addr answers. It is
// killed with the test if it still runs then; what it printed is shown when the
// test fails.
func StartService(t *testing.T, cmd *exec.Cmd, addr string) *process.Process {
	t.Helper()
	var log process.Log
	service, err := process.Start(cmd, &log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		service.Kill() // does nothing more after it has ended
		if t.Failed() {
			t.Logf("the end of the service's log:\n%s", log.Tail(30))
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	err = service.WaitUntil(ctx, func(ctx context.Context) error { return ping(ctx, addr) })
	if err != nil {
		t.Fatal(err)
	}
	return service
}

func ping(ctx context.Context, addr string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/ping", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body) // so that the connection is used again
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET /ping answered %s", res.Status)
	}
	return nil
}

// Stop asks the service to end and to send what it still has.
func (f *Foreign) Stop(t *testing.T) {
	t.Helper()
	if err := f.service.Stop(syscall.SIGTERM, stopTime); err != nil {
		t.Errorf("stop the service: %v", err)
	}
}

// Rows waits for wanted rows and then for one that should not come, and returns
// all. The collector has ended then.
func (f *Foreign) Rows(t *testing.T, wanted int) []rows.Row {
	t.Helper()
	db, err := sql.Open("sqlite", f.dsn+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	Await(t, db, wanted)
	f.collector.Stop()
	all, err := rows.Read(t.Context(), db, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Await waits until the rows are there, and then for one that should not come.
func Await(t *testing.T, db *sql.DB, wanted int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), arrivalTime)
	defer cancel()
	for {
		n, err := rows.Count(ctx, db)
		if n >= wanted {
			break
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			t.Errorf("%d of %d rows arrived within %v (%v)", n, wanted, arrivalTime, err)
			return
		}
	}
	time.Sleep(quietTime)
}
