package scale_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	collectlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/e2e/internal/outcome"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// mostMemory is what a collector may need while a crowd of services sends at once: its container has no more.
const mostMemory = 512 << 20

// container are the limits that the shipped configuration takes from a container of 512 MiB: 75 % of it, and
// 20 % less for what is refused.
var container = []string{"--set=processors::memory_limiter::limit_mib=384", "--set=processors::memory_limiter::spike_limit_mib=102"}

// crowd returns how many services there are, and how many records each has in its queue: a hundred is
// what a service with 20 requests a second has gathered in 5 s, the interval of an SDK. A connection of
// gRPC takes several times the memory of one of HTTP.
func crowd(protocol string) (services, each int) {
	switch {
	case !table.Full():
		return 500, 20
	case protocol == "OTLP/gRPC":
		return 2_500, 100
	}
	return 10_000, 100
}

// TestCrowd: after an outage of the collector, all services send what they have gathered at the same
// time, each on a connection of its own. When the collector is busy it asks them to come again.
func TestCrowd(t *testing.T) {
	t.Run("HTTP", func(t *testing.T) {
		services, each := crowd("OTLP/HTTP")
		line := begin(t, oneCollector, atOnce(services, each, "OTLP/HTTP"))
		sendAtOnce(t, line, &load.Bulk{Records: services * each, Request: each, Senders: services}, fromServices)
	})
	t.Run("gRPC", func(t *testing.T) {
		services, each := crowd("OTLP/gRPC")
		line := begin(t, oneCollector, atOnce(services, each, "OTLP/gRPC"))
		sendAtOnce(t, line, &load.Bulk{Records: services * each, Request: each, Senders: services}, onConnections)
	})
}

// TestCrowdFullQueues is TestCrowd by OTLP/HTTP where the outage was so long that the queue of each
// service is full: 2,048 records, which an SDK sends 512 at a time. A quarter of the services are five
// million records in the long form. All of them would take 30 GB of disk and half an hour here.
func TestCrowdFullQueues(t *testing.T) {
	const queue, request = 2048, 512
	services := 20
	if table.Full() {
		services = 2_500
	}
	line := begin(t, oneCollector, atOnce(services, queue, "OTLP/HTTP"))
	sendAtOnce(t, line, &load.Bulk{Records: services * queue, Request: request, Senders: services, Patience: 30 * time.Minute}, fromServices)
}

func atOnce(services, each int, protocol string) string {
	return fmt.Sprintf("%d services send %d records each at once by %s, after an outage of the collector", services, each, protocol)
}

// sendAtOnce starts the senders while the collector is away, and the collector afterwards. to says how
// they send to it.
func sendAtOnce(t *testing.T, line *outcome.Line, b *load.Bulk, to func(*testing.T, *collectortest.Collector, *load.Bulk)) {
	server := pgtest.Start(t)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN(), Storage: filepath.Join(t.TempDir(), "queue"), Args: container})
	c.Kill()
	to(t, c, b)
	b.Start()
	time.Sleep(2 * time.Second) // they find nobody
	if n := b.Acknowledged(); n > 0 {
		t.Fatalf("%d records are acknowledged without a collector", n)
	}
	c.Restart()
	line.Over()
	result := b.Expect(t, load.Open(t, "pgx", server.DSN()))
	line.Count(result)
	peak, err := process.PeakMemory(c.PID())
	if err != nil {
		t.Fatal(err)
	}
	line.Say("peak memory %d MiB", peak>>20)
	if peak > mostMemory {
		t.Errorf("the collector needed %d MiB, want %d at most", peak>>20, mostMemory>>20)
	}
}

// onConnections sends by OTLP/gRPC, each service on its own connection.
func onConnections(t *testing.T, c *collectortest.Collector, b *load.Bulk) {
	t.Helper()
	free := make(chan load.Send, b.Senders)
	for range b.Senders {
		free <- load.GRPC(t, c.GRPC, grpc.WithReadBufferSize(4<<10), grpc.WithWriteBufferSize(4<<10),
			grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: time.Second, Multiplier: 1.6, MaxDelay: 5 * time.Second}}))
	}
	b.Send = func(ctx context.Context, request *collectlogs.ExportLogsServiceRequest) error {
		service := <-free
		defer func() { free <- service }()
		return patient(service(ctx, request))
	}
}

// fromServices sends by OTLP/HTTP, each service on its own connection.
func fromServices(t *testing.T, c *collectortest.Collector, b *load.Bulk) {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: b.Senders}
	t.Cleanup(transport.CloseIdleConnections)
	post := load.HTTPBody(&http.Client{Transport: transport}, c.HTTP, nil)
	b.Post = func(ctx context.Context, body []byte) error { return patient(post(ctx, body)) }
}

// patient waits after a refusal as an SDK does: a second, or the time that the answer says.
func patient(err error) error {
	if err == nil {
		return nil
	}
	time.Sleep(max(time.Second, load.RetryAfter(err)))
	return err
}
