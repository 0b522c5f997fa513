package scale_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// TestGateway restarts each of several collectors under load, with SIGTERM as a rolling update
// does, and then kills each with SIGKILL.
func TestGateway(t *testing.T) {
	beside(t)
	for _, tt := range []struct {
		proxy, protocol string
		collectors      int
	}{
		{"haproxy", "http", 2}, {"haproxy", "grpc", 4}, {"nginx", "http", 4}, {"nginx", "grpc", 2},
	} {
		t.Run(fmt.Sprint(tt.proxy, " ", tt.protocol, " ", tt.collectors), func(t *testing.T) {
			line := begin(t, behindAddress, fmt.Sprintf("%s, OTLP/%s, %d collectors: each restarted (SIGTERM), then each killed (SIGKILL)",
				map[string]string{"haproxy": "HAProxy", "nginx": "nginx"}[tt.proxy], map[string]string{"http": "HTTP", "grpc": "gRPC"}[tt.protocol], tt.collectors))
			server := pgtest.Start(t)
			collectors := startCollectors(t, tt.collectors, server.DSN())
			p := startProxy(t, tt.proxy, collectors)
			n := records(40_000)
			b := bulk(n, p.send(t, tt.protocol))
			b.Rate = pace(n)
			b.Start()
			b.WaitFor(t, n/10)
			expectSpread(t, collectors, n/10)
			restarts(t, b, collectors, n/10, func(c *collectortest.Collector) { c.Stop() })
			refused, last := b.Failed()
			restarts(t, b, collectors, n/2, func(c *collectortest.Collector) { c.Kill() })
			b.Wait()
			line.Over()
			line.Count(b.Expect(t, load.Open(t, "pgx", server.DSN())))
			failed, lastOfAll := b.Failed()
			line.Say("sent again: %d requests at the restarts, %d at the kills", refused, failed-refused)
			t.Logf("at the restarts: %v; in the end: %v", last, lastOfAll)
		})
	}
}

// startCollectors starts collectors with the shipped configuration, each with a queue of its own.
func startCollectors(t testing.TB, n int, dsn string, args ...string) (all []*collectortest.Collector) {
	t.Helper()
	for range n {
		all = append(all, collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: dsn, Args: args}))
	}
	return all
}

func (p *proxy) send(t testing.TB, protocol string) load.Send {
	t.Helper()
	if protocol == "grpc" {
		return load.GRPC(t, p.GRPC)
	}
	return load.HTTP(p.HTTP)
}

// restarts ends each collector and starts it again, one after the other, from the moment when so
// many records are acknowledged; in the short form it does that to two of them.
func restarts(t testing.TB, b *load.Bulk, collectors []*collectortest.Collector, from int, end func(*collectortest.Collector)) {
	t.Helper()
	if !table.Full() {
		collectors = collectors[:2]
	}
	for i, c := range collectors {
		b.WaitFor(t, from+i*b.Records/10/len(collectors))
		began := time.Now()
		end(c)
		ended := time.Since(began)
		c.Restart()
		t.Logf("collector %d ended in %v and was back after %v; %d records acknowledged", i, ended, time.Since(began), b.Acknowledged())
	}
	if b.Acknowledged() == b.Records {
		t.Error("all was sent before the last restart: that was not under load")
	}
}

// expectSpread checks that each collector got a share of the records.
func expectSpread(t testing.TB, collectors []*collectortest.Collector, records int) {
	t.Helper()
	for i, c := range collectors {
		if got := received(t, c); got < records/2/len(collectors) {
			t.Errorf("collector %d got %d of %d records: requests are not spread", i, got, records)
		}
	}
}

// received returns how many records a collector has put into its queue since its last start.
func received(t testing.TB, c *collectortest.Collector) int {
	t.Helper()
	return metric(t, c, "queue_accepted")
}

// untilEmpty waits until the queue of a collector is empty.
func untilEmpty(t testing.TB, c *collectortest.Collector) {
	t.Helper()
	testserver.Eventually(t, time.Minute, func() bool { return metric(t, c, "queue_requests") == 0 }, "the queue is empty")
}

// metric returns the sum of a metric of the exporter.
func metric(t testing.TB, c *collectortest.Collector, name string) int {
	t.Helper()
	metrics, err := c.ReadMetrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sum(t, metrics, "otelcol_exporter_activitylog_"+name)
}

// sum returns the sum of a metric with all its attributes.
func sum(t testing.TB, metrics, name string) (n int) {
	t.Helper()
	for _, match := range regexp.MustCompile(`(?m)^`+name+`\{.*\} (\S+)$`).FindAllStringSubmatch(metrics, -1) {
		value, err := strconv.ParseFloat(match[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		n += int(value)
	}
	return n
}

// TestGatewayDiskLost kills one of two collectors and removes its queue while the database is away.
// What that queue held is lost, and nothing else.
func TestGatewayDiskLost(t *testing.T) {
	line := begin(t, behindAddress, "a collector and its disk lost, the database away")
	server := pgtest.Start(t)
	storage := t.TempDir()
	dies := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN(), Storage: storage})
	collectors := append(startCollectors(t, 1, server.DSN()), dies)
	p := startProxy(t, "haproxy", collectors)
	n := records(40_000)
	b := bulk(n, p.send(t, "http"))
	b.Rate = pace(n)
	b.Start()
	b.WaitFor(t, n/4)
	server.Stop()
	b.WaitFor(t, n/2)
	dies.Kill()
	if err := os.RemoveAll(storage); err != nil {
		t.Fatal(err)
	}
	dies.Restart()
	server.Start()
	b.Wait()
	line.Over()
	for _, c := range collectors {
		untilEmpty(t, c)
	}
	result := b.CompareNow(t, load.Open(t, "pgx", server.DSN()))
	line.Count(result)
	line.NotRecovered()
	line.Say("what waited in the queue that died is lost, as documented")
	if result.Lost == 0 || result.Lost > n/2 || result.Doubled > 0 {
		t.Errorf("%d of %d records are lost and %d doubled; want a part of those that came while the database was away", result.Lost, n, result.Doubled)
	}
}
