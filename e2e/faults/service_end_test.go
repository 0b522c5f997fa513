package faults_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	collecttrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestServiceEndsWithoutCollector ends the service by SIGTERM while the collector
// is away. With the spool on disk nothing is lost; with the spool in memory the
// service says how much is.
func TestServiceEndsWithoutCollector(t *testing.T) {
	for name, onDisk := range map[string]bool{"spool on disk": true, "spool in memory": false} {
		t.Run(name, func(t *testing.T) {
			o := fault(t, atService, "SIGTERM to the service while the collector is away, "+name)
			t.Parallel()
			dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
			c := collectortest.Start(t, collectortest.Config{DSN: dsn})
			env := []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + c.HTTP, "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"}
			if onDisk {
				env = append(env, "ACTIVITYLOG_SPOOL_DIR="+filepath.Join(t.TempDir(), "spool"))
			}
			s := startService(t, env...)
			requests := startClients(s, 100)
			time.Sleep(time.Second)
			c.Stop()
			time.Sleep(3 * time.Second)
			requests.stop()
			s.end()
			c.Restart()
			s.start()
			o.Over()
			db := load.Open(t, "sqlite", dsn)
			var result load.Result
			for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
				result = requests.compare(rowsOf(t, db))
				if result.Lost == 0 || time.Now().After(deadline) || !onDisk {
					break
				}
			}
			o.Count(result)
			if onDisk && result.Lost > 0 || result.Doubled > 0 {
				t.Errorf("%d of %d answered requests have no row, %d have two", result.Lost, result.Acknowledged, result.Doubled)
			}
			if !onDisk {
				o.NotRecovered()
				o.Say("lost, as documented, and the service says so")
				if result.Lost == 0 || !strings.Contains(s.log.String(), "lost") {
					t.Errorf("%d are lost, and the service's log does not say so", result.Lost)
				}
			}
		})
	}
}

// TestPathThatIsNotUTF8 requests a path whose bytes are not UTF-8, which made the
// SDK lose the batch of spans that it was in.
func TestPathThatIsNotUTF8(t *testing.T) {
	o := fault(t, atService, "GET /%ff among 50 requests; counted are spans")
	var spans atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var request collecttrace.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
			return
		}
		for _, resource := range request.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				spans.Add(int64(len(scope.GetSpans())))
			}
		}
	}))
	t.Cleanup(server.Close)
	s := startService(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+server.URL, "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_EXPORTER_OTLP_COMPRESSION=none")
	time.Sleep(6 * time.Second) // the spans of its start
	before := spans.Load()
	for i := range 50 {
		path := "/api/articles/1"
		if i == 25 {
			path = "/api/%ff"
		}
		if _, err := s.get(t.Context(), http.DefaultClient, path); err != nil {
			t.Fatal(err)
		}
	}
	s.stop()
	got := int(spans.Load() - before)
	o.Count(load.Result{Acknowledged: 50, Rows: got, Lost: max(0, 50-got)})
	if got < 50 {
		t.Errorf("%d of 50 spans came", got)
	}
}
