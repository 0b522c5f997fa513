package bench

import (
	"io"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/bench/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// profileTime is how long a profile is taken for, in seconds.
const profileTime = "30"

// TestProfile writes a CPU profile of the Collector under load to the file that
// ACTIVITYLOG_PROFILE names: declared log records and plain spans, with the shipped
// configuration, into PostgreSQL. collector/profile.sh makes default.pgo of it.
func TestProfile(t *testing.T) {
	file := os.Getenv("ACTIVITYLOG_PROFILE")
	if file == "" {
		t.Skip("ACTIVITYLOG_PROFILE is not set; collector/profile.sh sets it")
	}
	server := pgtest.Start(t)
	addr := testserver.FreeAddr(t)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN(), Args: []string{
		"--config=yaml:extensions::pprof::endpoint: " + addr,
		"--config=yaml:service::extensions: [health_check, activity_guard, pprof]",
	}})
	declared, err := load.NewRequests(0, 100*requestRows, requestRows)
	if err != nil {
		t.Fatal(err)
	}
	spans, err := load.NewSpanRequest(requestRows)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var sending sync.WaitGroup
	sending.Go(func() {
		for from := 0; ; from += len(declared) {
			select {
			case <-done:
				return
			default:
			}
			fresh, err := load.NewRequests(from*requestRows, len(declared)*requestRows, requestRows)
			if err == nil {
				err = load.SendAll(t.Context(), c.GRPC, senders, append(fresh, repeat(spans, len(fresh)/4)...))
			}
			if err != nil {
				t.Errorf("send: %v", err)
				return
			}
		}
	})
	defer sending.Wait()
	defer close(done)
	client := http.Client{Timeout: 2 * time.Minute}
	res, err := client.Get("http://" + addr + "/debug/pprof/profile?seconds=" + profileTime)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	profile, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("take the profile: %s, %v", res.Status, err)
	}
	if err := os.WriteFile(file, profile, 0o600); err != nil {
		t.Fatal(err)
	}
}
