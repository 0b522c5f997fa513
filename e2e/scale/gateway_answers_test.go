package scale_test

import (
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// TestGatewayQueueFull checks that a sender is told when to send again, through the proxy, if the
// queues of all collectors are full.
func TestGatewayQueueFull(t *testing.T) {
	line := begin(t, behindAddress, "the queues of all collectors full, the database away")
	server := pgtest.Start(t)
	server.Stop()
	collectors := startCollectors(t, 2, server.DSN(), "--config=yaml:exporters::activitylog::queue::max_bytes: 1048576",
		"--config=yaml:exporters::activitylog::queue::full_timeout: 100ms")
	for _, name := range []string{"haproxy", "nginx"} {
		p := startProxy(t, name, collectors)
		var answer *load.StatusError
		if err := untilRefused(t, load.HTTP(p.HTTP)); !errors.As(err, &answer) || answer.Code != 503 || answer.RetryAfter != time.Second {
			t.Errorf("%s, OTLP/HTTP: a full queue is answered %v; want 503 with Retry-After: 1", name, err)
		}
		if err := untilRefused(t, load.GRPC(t, p.GRPC)); status.Code(err) != codes.Unavailable || load.RetryAfter(err) != time.Second {
			t.Errorf("%s, OTLP/gRPC: a full queue is answered %v, try again in %v; want Unavailable, 1s", name, err, load.RetryAfter(err))
		}
	}
	line.Say("senders are told to send again after 1 s (`Retry-After`, `RetryInfo`), through nginx and HAProxy")
}

// untilRefused sends until a request is refused.
func untilRefused(t testing.TB, send load.Send) (err error) {
	t.Helper()
	for i := 0; i < 10_000 && err == nil; i++ {
		err = send(t.Context(), load.BulkRequest(i*1000, 1000))
	}
	return err
}

// TestGatewayByConnection shows why the configurations spread requests: where connections are spread,
// all that a service sends by gRPC goes to one collector.
func TestGatewayByConnection(t *testing.T) {
	beside(t)
	server := pgtest.Start(t)
	collectors := startCollectors(t, 2, server.DSN())
	for mode, want := range map[string]int{"tcp": 1, "http": 2} {
		p := startProxy(t, "haproxy", collectors, "mode http\n", "mode "+mode+"\n", " proto h2", map[string]string{"tcp": "", "http": " proto h2"}[mode])
		before := counts(t, collectors)
		b := bulk(4000, p.send(t, "grpc"))
		b.Start()
		b.Wait()
		got := 0
		for i, after := range counts(t, collectors) {
			if after > before[i] {
				got++
			}
		}
		if got != want || b.Acknowledged() != 4000 {
			t.Errorf("mode %s: %d collectors got the %d records of one connection; want %d", mode, got, b.Acknowledged(), want)
		}
	}
}

func counts(t testing.TB, collectors []*collectortest.Collector) (all []int) {
	t.Helper()
	for _, c := range collectors {
		all = append(all, received(t, c))
	}
	return all
}
