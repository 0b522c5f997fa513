package faults_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/e2e/internal/outcome"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// What holds while a hostile sender sends what it can.
const (
	honestLate    = 5 * time.Second
	mostMemory    = 512 << 20
	mostStopTime  = 20 * time.Second
	shortAttack   = 3 * time.Second
	longAttack    = 15 * time.Second
	hostileAtOnce = 16
)

// attackTime is how long a hostile sender goes on: 3 seconds, 15 in make
// test-faults, or what ACTIVITYLOG_HOSTILE_TIME says ("10m").
func attackTime(t *testing.T) time.Duration {
	t.Helper()
	if text := os.Getenv("ACTIVITYLOG_HOSTILE_TIME"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatalf("read ACTIVITYLOG_HOSTILE_TIME: %v", err)
		}
		return d
	}
	if table.Full() {
		return longAttack
	}
	return shortAttack
}

// withHonest runs an attack with an honest sender. Each of a few workers calls it
// again and again; its error is what the collector answered.
func withHonest(t *testing.T, o *outcome.Line, attack func(ctx context.Context, c *collectortest.Collector) error) {
	t.Helper()
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn})
	withHonestOn(t, o, c, load.Open(t, "sqlite", dsn), "sqlite", hostileAtOnce, 10*time.Millisecond, attack)
}

// withHonestOn does it with a collector that runs, and its database: so many workers,
// each with a pause after an attack.
func withHonestOn(t *testing.T, o *outcome.Line, c *collectortest.Collector, db *sql.DB, driver string, atOnce int, pause time.Duration,
	attack func(ctx context.Context, c *collectortest.Collector) error) {
	t.Helper()
	pid := c.PID()
	honest := load.StartHonest(c.HTTP)
	var tries, taken atomic.Int64
	var answer atomic.Value
	ctx, cancel := context.WithCancel(t.Context())
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	for range atOnce {
		workers.Go(func() {
			for ctx.Err() == nil {
				tries.Add(1)
				if err := attack(ctx, c); err == nil {
					taken.Add(1)
				} else if ctx.Err() == nil {
					answer.CompareAndSwap(nil, err.Error())
				}
				select {
				case <-ctx.Done():
				case <-time.After(pause):
				}
			}
		})
	}
	time.Sleep(attackTime(t))
	honest.Stop()
	peak := peakMemory(t, pid)
	o.Count(honest.Expect(t, db, driver, honestLate))
	start := time.Now()
	c.Stop() // while the hostile sender goes on
	took := time.Since(start)
	t.Logf("hostile sender: %d requests, %d taken; peak memory %d MiB; SIGTERM took %v; first refusal %.150q",
		tries.Load(), taken.Load(), peak>>20, took.Round(time.Millisecond), fmt.Sprint(answer.Load()))
	o.Say("peak memory %d MiB, SIGTERM %s", peak>>20, outcome.Seconds(took))
	if peak > mostMemory {
		t.Errorf("the collector needed %d MiB; want %d at most", peak>>20, mostMemory>>20)
	}
	if took > mostStopTime {
		t.Errorf("SIGTERM took %v; want %v at most", took, mostStopTime)
	}
}

// peakMemory returns the most bytes that a process had in memory.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	peak, err := process.PeakMemory(pid)
	if err != nil {
		t.Errorf("the collector has ended: %v", err)
	}
	return peak
}

// post sends a protobuf body.
func post(body []byte, headers ...string) func(context.Context, *collectortest.Collector) error {
	header := http.Header{"Content-Type": {"application/x-protobuf"}}
	for i := 0; i < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
	}
	return func(ctx context.Context, c *collectortest.Collector) error {
		return load.PostBytes(ctx, c.HTTP, "logs", header, body)
	}
}

// export sends a protobuf message by gRPC.
func export(body []byte) func(context.Context, *collectortest.Collector) error {
	return func(ctx context.Context, c *collectortest.Collector) error {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		conn, err := grpc.NewClient(c.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
		defer conn.Close()
		return conn.Invoke(ctx, "/opentelemetry.proto.collector.logs.v1.LogsService/Export", body, new([]byte), grpc.ForceCodec(asIs{}))
	}
}

// asIs is a codec for bytes.
type asIs struct{}

func (asIs) Marshal(v any) ([]byte, error) { return v.([]byte), nil }
func (asIs) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = data
	return nil
}
func (asIs) Name() string { return "proto" }

func zipped(t *testing.T, body []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// field is a field of a protobuf message.
func field(number int, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	out := []byte{byte(number<<3 | 2)}
	n := len(content)
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(append(out, byte(n)), content...)
}

func attribute(key string, value []byte) []byte {
	return field(6, field(1, []byte(key)), field(2, value))
}

func text(s string) []byte { return field(1, []byte(s)) }

// request is one log record that is an activity, with more attributes.
func request(parts ...[]byte) []byte {
	parts = append([][]byte{attribute("activity.action.type", text("Update")), attribute("activity.object.id", text("hostile"))}, parts...)
	return field(1, field(2, field(2, parts...)))
}

// hostile is a hostile sender: a request that is small and costs much.
type hostile struct {
	name   string
	attack func(t *testing.T) func(context.Context, *collectortest.Collector) error
}

var hostiles = []hostile{
	{"small gzip with 33 million records", func(t *testing.T) func(context.Context, *collectortest.Collector) error {
		body := zipped(t, field(1, field(2, bytes.Repeat([]byte{2<<3 | 2, 0}, 33_000_000))))
		t.Logf("%d kB on the wire", len(body)/1000)
		return post(body, "Content-Encoding", "gzip")
	}},
	{"4 million records in 8 MiB, by gRPC", func(*testing.T) func(context.Context, *collectortest.Collector) error {
		return export(field(1, field(2, bytes.Repeat([]byte{2<<3 | 2, 0}, 4_000_000))))
	}},
	{"240,000 empty records, as many as are allowed", func(*testing.T) func(context.Context, *collectortest.Collector) error {
		return post(field(1, field(2, bytes.Repeat([]byte{2<<3 | 2, 0}, 240_000))))
	}},
	{"a million levels", func(*testing.T) func(context.Context, *collectortest.Collector) error { return post(deep(700_000)) }},
	{"a million levels, by gRPC", func(*testing.T) func(context.Context, *collectortest.Collector) error { return export(deep(700_000)) }},
	{"a million levels of JSON", func(*testing.T) func(context.Context, *collectortest.Collector) error {
		return post([]byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":`+strings.Repeat(`{"arrayValue":{"values":[`, 300_000)), "Content-Type", "application/json")
	}},
	{"300,000 keys of data", func(*testing.T) func(context.Context, *collectortest.Collector) error {
		return post(request(attribute("activity.data", keys(300_000, "key%d"))))
	}},
	{"100,000 keys of data", func(*testing.T) func(context.Context, *collectortest.Collector) error {
		return post(request(attribute("activity.data", keys(100_000, "key%d"))))
	}},
	{"300,000 keys of data, as a text of JSON", func(*testing.T) func(context.Context, *collectortest.Collector) error {
		var object strings.Builder
		for i := range 300_000 {
			fmt.Fprintf(&object, `,"key%d":%d`, i, i)
		}
		return post(request(attribute("activity.data", text("{"+object.String()[1:]+"}"))))
	}},
	{"100,000 attributes named like addresses", func(*testing.T) func(context.Context, *collectortest.Collector) error {
		var attributes [][]byte
		for i := range 100_000 {
			attributes = append(attributes, attribute(fmt.Sprintf("k%d a%d@example.com", i, i), text("x")))
		}
		return post(request(attributes...))
	}},
	{"8 MiB of text to search for secrets", func(*testing.T) func(context.Context, *collectortest.Collector) error {
		return post(request(field(5, text(strings.Repeat("user=ada password: 'x' Bearer abc https://a:b@c/%3Ftoken%3D1 ada@example.com 4111 1111 1111 1111\n", 80_000)))))
	}},
	{"8 MiB of short texts to search for secrets", func(*testing.T) func(context.Context, *collectortest.Collector) error {
		var records [][]byte
		for range 2000 {
			records = append(records, field(2, attribute("activity.action.type", text("Update")), attribute("activity.object.id", text("hostile")),
				field(5, text(strings.Repeat("user=ada password: 'x' Bearer abc https://a:b@c/%3Ftoken%3D1 ada@example.com 4111 1111 1111 1111\n", 40)))))
		}
		return post(field(1, field(2, records...)))
	}},
	{"5,000 slow bodies", slowBodies},
	{"slow messages, by gRPC", slowMessages},
}

// deep is a log record with a body of so many levels of lists. The lengths are known from the
// inside out, so it is written from its end.
func deep(levels int) []byte {
	var reversed []byte
	put := func(number int) {
		head := field(number, make([]byte, 0))[:1]
		n := len(reversed)
		for ; n >= 0x80; n >>= 7 {
			head = append(head, byte(n)|0x80)
		}
		head = append(head, byte(n))
		for i := len(head) - 1; i >= 0; i-- {
			reversed = append(reversed, head[i])
		}
	}
	for range levels {
		put(1)
		put(5)
	}
	for _, number := range []int{5, 2, 2, 1} {
		put(number)
	}
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	return reversed
}

// keys is a map with so many keys.
func keys(n int, format string) []byte {
	var members bytes.Buffer
	for i := range n {
		members.Write(field(1, field(1, fmt.Appendf(nil, format, i)), field(2, text("x"))))
	}
	return field(6, members.Bytes())
}

// slowBodies keeps 5,000 bodies open that send a byte now and then.
func slowBodies(t *testing.T) func(context.Context, *collectortest.Collector) error {
	var open atomic.Int64
	t.Cleanup(func() { t.Logf("%d bodies were opened", open.Load()) })
	return func(ctx context.Context, c *collectortest.Collector) error {
		var bodies sync.WaitGroup
		defer bodies.Wait()
		for range 5000 / hostileAtOnce {
			bodies.Go(func() {
				conn, err := net.DialTimeout("tcp", c.HTTP, 5*time.Second)
				if err != nil {
					return
				}
				defer conn.Close()
				open.Add(1)
				_, _ = fmt.Fprintf(conn, "POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 8000000\r\n\r\n")
				for ctx.Err() == nil {
					if _, err := conn.Write([]byte{0x0a}); err != nil {
						return
					}
					select {
					case <-ctx.Done():
					case <-time.After(5 * time.Second):
					}
				}
			})
		}
		return nil
	}
}

// slowMessages opens calls whose message never comes.
func slowMessages(*testing.T) func(context.Context, *collectortest.Collector) error {
	return func(ctx context.Context, c *collectortest.Collector) error {
		conn, err := grpc.NewClient(c.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
		defer conn.Close()
		var calls sync.WaitGroup
		defer calls.Wait()
		for range 100 {
			calls.Go(func() {
				stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true},
					"/opentelemetry.proto.collector.logs.v1.LogsService/Export", grpc.ForceCodec(asIs{}))
				if err == nil {
					_ = stream.RecvMsg(new([]byte))
				}
			})
		}
		return nil
	}
}

// TestHostile: each hostile sender with an honest one, whose rows are complete
// and in time.
func TestHostile(t *testing.T) {
	for _, h := range hostiles {
		t.Run(h.name, func(t *testing.T) {
			withHonest(t, fault(t, atDoor, "hostile sender: "+h.name), h.attack(t))
		})
	}
}
