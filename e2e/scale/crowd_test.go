package scale_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	collectlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"github.com/otelactivity/activitylog/e2e/internal/load"
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
	for protocol, from := range map[string]func(*testing.T, *collectortest.Collector, int) load.Send{
		"OTLP/HTTP": func(t *testing.T, c *collectortest.Collector, services int) load.Send {
			return fromService(t, c.HTTP, services)
		},
		"OTLP/gRPC": func(t *testing.T, c *collectortest.Collector, services int) load.Send {
			return onConnections(t, c.GRPC, services)
		},
	} {
		t.Run(protocol[5:], func(t *testing.T) { sendAtOnce(t, protocol, from) })
	}
}

func sendAtOnce(t *testing.T, protocol string, from func(*testing.T, *collectortest.Collector, int) load.Send) {
	services, each := crowd(protocol)
	line := begin(t, oneCollector, fmt.Sprintf("%d services send %d records each at once by %s, after an outage of the collector", services, each, protocol))
	server := pgtest.Start(t)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN(), Storage: filepath.Join(t.TempDir(), "queue"), Args: container})
	c.Kill()
	b := &load.Bulk{Records: services * each, Request: each, Senders: services, Send: from(t, c, services)}
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
func onConnections(t *testing.T, address string, services int) load.Send {
	t.Helper()
	free := make(chan load.Send, services)
	for range services {
		free <- load.GRPC(t, address, grpc.WithReadBufferSize(4<<10), grpc.WithWriteBufferSize(4<<10),
			grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: time.Second, Multiplier: 1.6, MaxDelay: 5 * time.Second}}))
	}
	return patient(func(ctx context.Context, request *collectlogs.ExportLogsServiceRequest) error {
		service := <-free
		defer func() { free <- service }()
		return service(ctx, request)
	})
}

// fromService sends by OTLP/HTTP, each service on its own connection.
func fromService(t *testing.T, address string, services int) load.Send {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: services}
	t.Cleanup(transport.CloseIdleConnections)
	return patient(load.HTTPAs(&http.Client{Transport: transport}, address, nil))
}

// patient sends like an SDK: again after a second, or after the time that Retry-After says.
func patient(send load.Send) load.Send {
	return func(ctx context.Context, request *collectlogs.ExportLogsServiceRequest) error {
		err := send(ctx, request)
		if err == nil {
			return nil
		}
		pause := time.Second
		var answer *load.StatusError
		if errors.As(err, &answer) {
			pause = max(pause, answer.RetryAfter)
		}
		time.Sleep(pause)
		return err
	}
}
