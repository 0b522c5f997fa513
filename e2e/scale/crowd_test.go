package scale_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	collectlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

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
	if result.Acknowledged != services*each {
		t.Errorf("%d of %d records were acknowledged within two minutes", result.Acknowledged, services*each)
	}
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
	free := make(chan collectlogs.LogsServiceClient, services)
	for range services {
		connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithReadBufferSize(4<<10), grpc.WithWriteBufferSize(4<<10),
			grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: time.Second, Multiplier: 1.6, MaxDelay: 5 * time.Second}}))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = connection.Close() })
		free <- collectlogs.NewLogsServiceClient(connection)
	}
	return func(ctx context.Context, request *collectlogs.ExportLogsServiceRequest) error {
		service := <-free
		defer func() { free <- service }()
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		_, err := service.Export(ctx, request)
		if err != nil {
			time.Sleep(time.Second)
		}
		return err
	}
}

// fromService sends like an SDK: by OTLP/HTTP, each service on its own connection, again after the time
// that Retry-After says.
func fromService(t *testing.T, address string, services int) load.Send {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: services}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	return func(ctx context.Context, request *collectlogs.ExportLogsServiceRequest) error {
		body, err := proto.Marshal(request)
		if err != nil {
			return load.Permanent(err)
		}
		post, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/v1/logs", bytes.NewReader(body))
		if err != nil {
			return load.Permanent(err)
		}
		post.Header.Set("Content-Type", "application/x-protobuf")
		answer, err := client.Do(post)
		if err != nil {
			time.Sleep(time.Second)
			return err
		}
		defer answer.Body.Close()
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			return err
		}
		if answer.StatusCode == http.StatusOK {
			return nil
		}
		seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
		if err != nil {
			seconds = 1
		}
		time.Sleep(time.Duration(seconds) * time.Second)
		return fmt.Errorf("answered %s", answer.Status)
	}
}
