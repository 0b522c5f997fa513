package scale_test

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	collectlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"

	"github.com/otelactivity/activitylog/e2e/internal/broker"
	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// startAgent starts a collector with examples/scale/agent.yaml.
func startAgent(t testing.TB, b *broker.Broker) *collectortest.Collector {
	t.Helper()
	return collectortest.Start(t, collectortest.Config{
		ConfigFile: filepath.Join(examples, "agent.yaml"), Env: []string{"KAFKA_BROKER=" + b.Address},
	})
}

// startWriter starts a collector with examples/scale/writer.yaml. An empty group is the default, an empty
// storage a folder of its own.
func startWriter(t testing.TB, b *broker.Broker, dsn, group, storage string, args ...string) *collectortest.Collector {
	t.Helper()
	env := []string{"KAFKA_BROKER=" + b.Address}
	if group != "" {
		env = append(env, "KAFKA_GROUP="+group)
	}
	return collectortest.Start(t, collectortest.Config{
		ConfigFile: filepath.Join(examples, "writer.yaml"), Driver: "postgres", DSN: dsn, Storage: storage, Env: env, Args: args,
	})
}

// inTurns sends each request to the next of several collectors, as services do that have an agent each.
func inTurns(sends ...load.Send) load.Send {
	var next atomic.Int64
	return func(ctx context.Context, request *collectlogs.ExportLogsServiceRequest) error {
		return sends[int(next.Add(1))%len(sends)](ctx, request)
	}
}

// TestKafka stops and kills writers, adds one, and kills agents and the broker under load. Then
// everything is read again by another group.
func TestKafka(t *testing.T) {
	line := begin(t, throughKafka, "each writer stopped (SIGTERM), a third joins, an agent, the broker with an agent, and a writer killed (SIGKILL)")
	server, kafka := pgtest.Start(t), broker.Start(t)
	agents := []*collectortest.Collector{startAgent(t, kafka), startAgent(t, kafka)}
	writers := []*collectortest.Collector{startWriter(t, kafka, server.DSN(), "", ""), startWriter(t, kafka, server.DSN(), "", "")}
	n := records(40_000)
	b := bulk(n, inTurns(load.HTTP(agents[0].HTTP), load.GRPC(t, agents[1].GRPC)))
	b.Rate = pace(n)
	b.Start()
	for i, c := range writers {
		b.WaitFor(t, n*(1+i)/16)
		// A client of Kafka that leaves its group waits until the group has shared its partitions.
		waitForStable(t, kafka, "activitylog")
		c.Stop()
		c.Restart()
	}
	b.WaitFor(t, n/4)
	startWriter(t, kafka, server.DSN(), "", "")
	kill(t, b, n*3/8, agents[0])
	b.WaitFor(t, n/2)
	kafka.Kill()
	time.Sleep(300 * time.Millisecond) // what an agent acknowledged now would be lost with it
	agents[1].Kill()
	kafka.Restart()
	agents[1].Restart()
	kill(t, b, n*3/4, writers[1])
	if b.Acknowledged() == n {
		t.Error("all was sent before the last kill: that was not under load")
	}
	b.Wait()
	line.Over()
	db := load.Open(t, "pgx", server.DSN())
	line.Count(b.Expect(t, db))
	failed, _ := b.Failed()
	line.Say("sent again: %d requests", failed)
	replay := table.Begin(t, throughKafka, "all that Kafka has read again from the earliest offset, by another group")
	replayed := startWriter(t, kafka, server.DSN(), "again", "")
	awaitAccepted(t, replayed, n)
	untilEmpty(t, replayed)
	replay.Over()
	replay.Count(b.Expect(t, db))
	replay.Say("no row added")
}

// kill kills a collector when so many records are acknowledged, and starts it again.
func kill(t testing.TB, b *load.Bulk, from int, c *collectortest.Collector) {
	t.Helper()
	b.WaitFor(t, from)
	c.Kill()
	c.Restart()
}

// awaitAccepted waits until a collector has put so many records into its queue.
func awaitAccepted(t testing.TB, c *collectortest.Collector, n int) {
	t.Helper()
	eventually(t, func() int { return received(t, c) }, n, "records in the queue")
}

// TestKafkaDiskLost kills a writer and removes its queue, whose offsets are committed, while the database
// is away. Its rows are missing until Kafka is read again.
func TestKafkaDiskLost(t *testing.T) {
	line := begin(t, throughKafka, "a writer and its disk lost, and an agent, the database away; then read again by another group")
	server, kafka, storage := pgtest.Start(t), broker.Start(t), filepath.Join(t.TempDir(), "queue")
	agent := startAgent(t, kafka)
	writer := startWriter(t, kafka, server.DSN(), "", storage)
	n := records(40_000)
	b := bulk(n, load.HTTP(agent.HTTP))
	b.Rate = pace(n)
	b.Start()
	b.WaitFor(t, n/4)
	server.Stop()
	b.WaitFor(t, n/2)
	awaitAccepted(t, writer, n/2)
	writer.Kill()
	if err := os.RemoveAll(storage); err != nil {
		t.Fatal(err)
	}
	agent.Kill()
	agent.Restart()
	writer.Restart()
	server.Start()
	b.Wait()
	line.Over()
	waitForLag(t, kafka, "activitylog")
	untilEmpty(t, writer)
	db := load.Open(t, "pgx", server.DSN())
	before := b.CompareNow(t, db)
	if before.Lost == 0 {
		t.Error("nothing was missing before Kafka was read again, so that nothing is tested here")
	}
	startWriter(t, kafka, server.DSN(), "again", "")
	line.Count(b.Expect(t, db))
	line.Say("%d rows were missing before that", before.Lost)
}
