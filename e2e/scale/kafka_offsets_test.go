package scale_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	common "go.opentelemetry.io/proto/otlp/common/v1"

	"github.com/otelactivity/activitylog/e2e/internal/broker"
	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// client connects to a broker.
func client(t testing.TB, b *broker.Broker, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append(options, kgo.SeedBrokers(b.Address))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// lag returns how many messages a group has committed, and how many it has not.
func lag(t testing.TB, b *broker.Broker, group string) (committed, left int64) {
	t.Helper()
	lags, err := kadm.NewClient(client(t, b)).Lag(t.Context(), group)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range lags[group].Lag {
		for _, partition := range topic {
			committed += max(0, partition.Commit.At)
			left += partition.Lag
		}
	}
	return committed, left
}

// waitForLag waits until a group has committed all messages.
func waitForLag(t testing.TB, b *broker.Broker, group string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		committed, left := lag(t, b, group)
		if committed > 0 && left == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("group %s has committed %d messages and not %d", group, committed, left)
		}
	}
}

// waitForStable waits until the members of a group have shared the partitions.
func waitForStable(t testing.TB, b *broker.Broker, group string) {
	t.Helper()
	admin := kadm.NewClient(client(t, b))
	testserver.Eventually(t, time.Minute, func() bool {
		groups, err := admin.DescribeGroups(t.Context(), group)
		return err == nil && groups[group].State == "Stable"
	}, "the group is stable")
}

// eventually waits a minute until something is at least n.
func eventually(t testing.TB, read func() int, n int, what string) {
	t.Helper()
	got := 0
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if got = read(); got >= n {
			return
		}
	}
	t.Fatalf("%d %s after a minute, want %d", got, what, n)
}

// TestKafkaOffsets fills the queue of a writer while the database is away. No offset is committed for
// what is not in the queue, and nothing is lost when the writer is killed then.
func TestKafkaOffsets(t *testing.T) {
	line := begin(t, throughKafka, "a writer's queue full, the database away, then SIGKILL")
	server, kafka := pgtest.Start(t), broker.Start(t)
	server.Stop()
	agent := startAgent(t, kafka)
	writer := startWriter(t, kafka, server.DSN(), "", "", "--config=yaml:exporters::activitylog::queue::max_bytes: 1048576",
		"--config=yaml:exporters::activitylog::queue::full_timeout: 100ms")
	const inMessage = 500 // fewer than a batch of the agent has at least, so that one request is one message
	n := min(records(40_000), 200_000)
	b := &load.Bulk{Records: n, Request: inMessage, Senders: 1, Send: load.HTTP(agent.HTTP)}
	b.Start()
	b.Wait()
	eventually(t, func() int { return metric(t, writer, "queue_rejected") }, 1, "records that the full queue rejected")
	time.Sleep(3 * time.Second) // some commits: one each second
	committed, left := lag(t, kafka, "activitylog")
	queued := received(t, writer)
	t.Logf("%d messages are committed and %d not; %d records are in the queue", committed, left, queued)
	if committed == 0 || left == 0 || int(committed)*inMessage > queued {
		t.Errorf("%d messages of %d records are committed, %d not, and only %d records are in the queue", committed, inMessage, left, queued)
	}
	writer.Kill()
	server.Start()
	writer.Restart()
	line.Over()
	line.Count(b.Expect(t, load.Open(t, "pgx", server.DSN())))
	line.Say("committed: %d messages, %d records; in the queue: %d records", committed, int(committed)*inMessage, queued)
}

// TestKafkaPoison has messages in each partition that are no OTLP, or of another signal, or too large for
// the queue. Those behind them become rows.
func TestKafkaPoison(t *testing.T) {
	line := begin(t, throughKafka, "messages in each partition that cannot be decoded, among the others")
	server, kafka := pgtest.Start(t), broker.Start(t)
	agent := startAgent(t, kafka)
	n := min(records(20_000), 100_000)
	b := bulk(n, load.HTTP(agent.HTTP))
	b.Rate = n / 2
	b.Start()
	b.WaitFor(t, n/4)
	poison := client(t, kafka, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for partition := range int32(broker.Partitions) {
		for _, value := range [][]byte{[]byte("this is not OTLP"), {}, {0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f}, []byte(`{"resourceLogs":[]}`)} {
			record := &kgo.Record{Topic: broker.Logs, Partition: partition, Value: value}
			if err := poison.ProduceSync(t.Context(), record).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
	writer := startWriter(t, kafka, server.DSN(), "", "")
	b.Wait()
	line.Over()
	line.Count(b.Expect(t, load.Open(t, "pgx", server.DSN())))
	waitForLag(t, kafka, "activitylog")
	metrics, err := writer.ReadMetrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	failed := sum(t, metrics, "otelcol_kafka_receiver_unmarshal_failed_log_records")
	if failed != 3*broker.Partitions {
		t.Errorf("%d messages could not be decoded, by the metric; want %d:\n%s", failed, 3*broker.Partitions, metrics)
	}
	line.Say("%d messages passed over, logged and counted", failed)
}

// TestKafkaTenants checks that what a sender marks as of one tenant is in one partition, and that the rest
// is spread.
func TestKafkaTenants(t *testing.T) {
	beside(t)
	kafka := broker.Start(t)
	agent := startAgent(t, kafka)
	for n := range 60 {
		tenant := http.Header{}
		if n < 40 {
			tenant.Set("x-tenant-id", fmt.Sprint("tenant-", n%10))
		}
		if err := load.HTTPAs(http.DefaultClient, agent.HTTP, tenant)(t.Context(), load.BulkRequest(n*10, 10)); err != nil {
			t.Fatal(err)
		}
	}
	reader := client(t, kafka, kgo.ConsumeTopics(broker.Logs), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	partitions, messages := map[string]map[int32]int{}, 0
	for messages < 60 && ctx.Err() == nil {
		reader.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			messages++
			if partitions[string(r.Key)] == nil {
				partitions[string(r.Key)] = map[int32]int{}
			}
			partitions[string(r.Key)][r.Partition]++
		})
	}
	if messages != 60 || len(partitions) != 11 {
		t.Fatalf("%d messages with %d keys, want 60 with 11", messages, len(partitions))
	}
	for key, in := range partitions {
		if key != "" && len(in) != 1 {
			t.Errorf("%s is in %d partitions, want 1", key, len(in))
		}
		if key == "" && len(in) < 2 {
			t.Errorf("messages without a tenant are in %d partition, want several", len(in))
		}
	}
}

// TestKafkaLargeActivity sends an activity that is larger than Kafka's default for messages, also when
// it is compressed.
func TestKafkaLargeActivity(t *testing.T) {
	beside(t)
	server, kafka := pgtest.Start(t), broker.Start(t)
	agent := startAgent(t, kafka)
	startWriter(t, kafka, server.DSN(), "", "")
	request := load.BulkRequest(0, 10)
	noise := make([]byte, 2_500_000)
	_, _ = rand.Read(noise) // never fails
	body := request.GetResourceLogs()[0].GetScopeLogs()[0].GetLogRecords()[5].GetBody()
	body.Value = &common.AnyValue_StringValue{StringValue: hex.EncodeToString(noise)}
	if err := load.HTTP(agent.HTTP)(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	db := load.Open(t, "pgx", server.DSN())
	eventually(t, func() (n int) {
		_ = db.QueryRowContext(t.Context(), "SELECT count(*) FROM activity_log").Scan(&n)
		return n
	}, 10, "rows")
}
