package activityguardextension

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/otelactivity/activitylog/extension/activityguardextension/internal/metadata"
	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/internal/testserver"
)

// door is an OTLP receiver with a guard.
type door struct {
	guard      *guard
	http, grpc string
	consume    func(context.Context, plog.Logs) error
}

type host struct {
	extensions map[component.ID]component.Component
}

func (h host) GetExtensions() map[component.ID]component.Component { return h.extensions }

func open(t *testing.T, set func(*Config)) *door {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	if set != nil {
		set(cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	ext, err := NewFactory().Create(t.Context(), extension.Settings{
		ID: component.NewID(metadata.Type), TelemetrySettings: componenttest.NewNopTelemetrySettings(),
	}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{guard: ext.(*guard), http: freeAddr(t), grpc: freeAddr(t)}
	factory := otlpreceiver.NewFactory()
	receiverConfig := factory.CreateDefaultConfig()
	middlewares := []any{map[string]any{"id": "activity_guard"}}
	if err := confmap.NewFromStringMap(map[string]any{"protocols": map[string]any{
		"grpc": map[string]any{"endpoint": d.grpc, "max_recv_msg_size_mib": 8, "middlewares": middlewares},
		"http": map[string]any{"endpoint": d.http, "max_request_body_size": 8 << 20, "middlewares": middlewares},
	}}).Unmarshal(receiverConfig); err != nil {
		t.Fatal(err)
	}
	next, err := consumer.NewLogs(func(ctx context.Context, ld plog.Logs) error {
		if d.consume != nil {
			return d.consume(ctx, ld)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	receiver, err := factory.CreateLogs(t.Context(), receivertest.NewNopSettings(factory.Type()), receiverConfig, next)
	if err != nil {
		t.Fatal(err)
	}
	if err := receiver.Start(t.Context(), host{map[component.ID]component.Component{component.NewID(metadata.Type): ext}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := receiver.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
	return d
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// post sends a body and returns status and text of the answer.
func (d *door) post(t *testing.T, path, contentType string, body []byte, compressed bool) (code int, text string) {
	t.Helper()
	var buf bytes.Buffer
	if compressed {
		w := gzip.NewWriter(&buf)
		_, err := w.Write(body)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	} else {
		buf.Write(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+d.http+path, &buf)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if compressed {
		req.Header.Set("Content-Encoding", "gzip")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

// export sends bytes by gRPC as they are.
func (d *door) export(t *testing.T, body []byte) error {
	t.Helper()
	conn, err := grpc.NewClient(d.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.Invoke(t.Context(), "/opentelemetry.proto.collector.logs.v1.LogsService/Export", body, new([]byte), grpc.ForceCodec(raw{}))
}

// raw is a codec for bytes.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error) { return v.([]byte), nil }
func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = data
	return nil
}
func (raw) Name() string { return "proto" }

const protobuf = "application/x-protobuf"

// field is a field of a protobuf message.
func field(number int, content []byte) []byte {
	out := []byte{byte(number<<3 | 2)}
	n := len(content)
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(append(out, byte(n)), content...)
}

func emptyRecords(n int) []byte {
	return field(1, field(2, bytes.Repeat([]byte{2<<3 | 2, 0}, n)))
}

// deep is a log record with a body of so many levels. It is built from the inside, with the
// lengths first known, so that a million levels take no time.
func deep(levels int) []byte {
	var reversed []byte
	length := 0
	put := func(tag byte) {
		head := field(1, make([]byte, 0))[:0]
		n := length
		for ; n >= 0x80; n >>= 7 {
			head = append(head, byte(n)|0x80)
		}
		head = append([]byte{tag}, append(head, byte(n))...)
		for i := len(head) - 1; i >= 0; i-- {
			reversed = append(reversed, head[i])
		}
		length += len(head)
	}
	for range levels {
		put(1<<3 | 2) // a member of a list
		put(5<<3 | 2) // a list
	}
	put(5<<3 | 2) // the body
	put(2<<3 | 2)
	put(2<<3 | 2)
	put(1<<3 | 2)
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	return reversed
}

func TestRefused(t *testing.T) {
	d := open(t, nil)
	d.consume = func(context.Context, plog.Logs) error {
		t.Error("it came through")
		return nil
	}
	for name, c := range map[string]struct {
		body []byte
		says string
	}{
		"millions of empty records": {emptyRecords(4_000_000), "too many elements"},
		"a million levels":          {deep(700_000), "nested too deep"},
		"not OTLP":                  {[]byte("\x0b\x0b\x0b"), "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			if len(c.body) >= 8<<20 {
				t.Fatalf("len(c.body): got %v, want less than %v", len(c.body), 8<<20)
			}
			code, text := d.post(t, "/v1/logs", protobuf, c.body, true)
			if code != http.StatusBadRequest {
				t.Fatalf("code: got %v, want %v", code, http.StatusBadRequest)
			}
			if !strings.Contains(text, c.says) {
				t.Fatalf("%q is not in:\n%s", c.says, text)
			}
			err := d.export(t, c.body)
			if got := status.Code(err); got != codes.InvalidArgument {
				t.Fatalf("%v: got %v, want %v", err, got, codes.InvalidArgument)
			}
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want an error with %q", err, c.says)
			}
		})
	}
	code, text := d.post(t, "/v1/logs", "Application/JSON; charset=utf-8", []byte(strings.Repeat(`{"resourceLogs":[`, 100_000)), false)
	if code != http.StatusBadRequest {
		t.Fatalf("code: got %v, want %v", code, http.StatusBadRequest)
	}
	if !strings.Contains(text, "nested too deep") {
		t.Fatalf("%q is not in:\n%s", "nested too deep", text)
	}
	code, text = d.post(t, "/v1/logs", "application/json", []byte(`{"resourceLogs":[`+strings.Repeat(`{},`, 300_000)+`{}]}`), true)
	if code != http.StatusBadRequest {
		t.Fatalf("code: got %v, want %v", code, http.StatusBadRequest)
	}
	if !strings.Contains(text, "too many elements") {
		t.Fatalf("%q is not in:\n%s", "too many elements", text)
	}
	if got := d.guard.held.Load(); got != 0 {
		t.Fatalf("d.guard.held.Load(): got %v, want 0", got)
	}
}

// TestExpands is 64 kB that are 66 MB.
func TestExpands(t *testing.T) {
	d := open(t, nil)
	code, text := d.post(t, "/v1/logs", protobuf, emptyRecords(33_000_000), true)
	if code != http.StatusBadRequest {
		t.Fatalf("code: got %v, want %v", code, http.StatusBadRequest)
	}
	if !strings.Contains(text, "too many elements") {
		t.Fatalf("%q is not in:\n%s", "too many elements", text)
	}
	big := field(1, field(2, field(2, field(5, field(1, make([]byte, 9<<20))))))
	code, text = d.post(t, "/v1/logs", protobuf, big, true)
	if code != http.StatusBadRequest {
		t.Fatalf("code: got %v, want %v", code, http.StatusBadRequest)
	}
	if !strings.Contains(text, "send smaller batches") {
		t.Fatalf("%q is not in:\n%s", "send smaller batches", text)
	}
	if !strings.Contains(text, "max_request_body_size") {
		t.Fatalf("%q is not in:\n%s", "max_request_body_size", text)
	}
	if got := status.Code(d.export(t, big)); got != codes.ResourceExhausted {
		t.Fatalf("status.Code(d.export(t, big)): got %v, want %v", got, codes.ResourceExhausted)
	}
	bigger := field(1, field(2, field(2, field(5, field(1, make([]byte, 30<<20))))))
	for range 20 { // the answer comes while the body is still sent
		code, text = d.post(t, "/v1/logs", protobuf, bigger, false)
		if code != http.StatusBadRequest {
			t.Fatalf("code: got %v, want %v", code, http.StatusBadRequest)
		}
		if !strings.Contains(text, "send smaller batches") {
			t.Fatalf("%q is not in:\n%s", "send smaller batches", text)
		}
	}
}

func honest(t *testing.T) []byte {
	t.Helper()
	ld := plog.NewLogs()
	record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	record.Attributes().PutStr("activity.action.type", "Update")
	record.Attributes().PutEmptyMap("activity.data").PutEmptyMap("changes").PutEmptySlice("title").AppendEmpty().SetStr("x")
	body, err := plogotlp.NewExportRequestFromLogs(ld).MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestHonest(t *testing.T) {
	d := open(t, nil)
	var got []plog.Logs
	deadlines := 0
	d.consume = func(ctx context.Context, ld plog.Logs) error {
		got = append(got, ld)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= 30*time.Second {
			deadlines++
		}
		return nil
	}
	code, text := d.post(t, "/v1/logs", protobuf, honest(t), false)
	if code != http.StatusOK {
		t.Fatalf("%v: got %v, want %v", text, code, http.StatusOK)
	}
	if err := d.export(t, honest(t)); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 {
		t.Fatalf("got: got %v, want %v of them", got, 2)
	}
	if deadlines != 2 {
		t.Fatalf("each request has one: got %v, want %v", deadlines, 2)
	}
	for _, ld := range got {
		if got := ld.LogRecordCount(); got != 1 {
			t.Fatalf("ld.LogRecordCount(): got %v, want %v", got, 1)
		}
	}
	testserver.Eventually(t, time.Second, func() bool { return d.guard.held.Load() == 0 })
}

// TestMemory: when others hold all memory, large requests are to come again and small ones
// get through.
func TestMemory(t *testing.T) {
	d := open(t, func(cfg *Config) { cfg.MaxInFlightMiB = 1 })
	d.guard.patience = 100 * time.Millisecond
	large := emptyRecords(2000)
	if err := d.export(t, large); err != nil {
		t.Fatal(err)
	}
	d.guard.held.Add(1 << 20)
	if err := d.export(t, large); err != nil {
		t.Fatalf("one at a time goes beyond: %v", err)
	}
	testserver.Eventually(t, time.Second, func() bool { return !d.guard.turn.Load() })
	d.guard.turn.Store(true)
	code, text := d.post(t, "/v1/logs", protobuf, large, false)
	if code != http.StatusServiceUnavailable {
		t.Fatalf("code: got %v, want %v", code, http.StatusServiceUnavailable)
	}
	if !strings.Contains(text, "too much memory") {
		t.Fatalf("%q is not in:\n%s", "too much memory", text)
	}
	if got := status.Code(d.export(t, large)); got != codes.Unavailable {
		t.Fatalf("status.Code(d.export(t, large)): got %v, want %v", got, codes.Unavailable)
	}
	code, _ = d.post(t, "/v1/logs", protobuf, honest(t), false)
	if code != http.StatusOK {
		t.Fatalf("code: got %v, want %v", code, http.StatusOK)
	}
	if err := d.export(t, honest(t)); err != nil {
		t.Fatal(err)
	}
	d.guard.patience = time.Minute
	time.AfterFunc(200*time.Millisecond, func() { d.guard.held.Add(-1 << 20) })
	if err := d.export(t, large); err != nil {
		t.Fatalf("it waits: %v", err)
	}
	d.guard.turn.Store(false)
	testserver.Eventually(t, time.Second, func() bool { return d.guard.held.Load() == 0 })
}

// TestLargeOnesInTurn: a large request waits while others are worked on, and small
// ones do not.
func TestLargeOnesInTurn(t *testing.T) {
	d := open(t, nil)
	d.guard.patience = 200 * time.Millisecond
	for range cap(d.guard.lane) {
		d.guard.lane <- struct{}{}
	}
	large := emptyRecords(100_000)
	if got := status.Code(d.export(t, large)); got != codes.Unavailable {
		t.Fatalf("status.Code(d.export(t, large)): got %v, want %v", got, codes.Unavailable)
	}
	code, _ := d.post(t, "/v1/logs", protobuf, large, true)
	if code != http.StatusServiceUnavailable {
		t.Fatalf("code: got %v, want %v", code, http.StatusServiceUnavailable)
	}
	if err := d.export(t, honest(t)); err != nil {
		t.Fatal(err)
	}
	if err := d.export(t, emptyRecords(5_000)); err != nil {
		t.Fatal(err)
	}
	<-d.guard.lane
	if err := d.export(t, large); err != nil {
		t.Fatal(err)
	}
	code, _ = d.post(t, "/v1/logs", protobuf, large, true)
	if code != http.StatusOK {
		t.Fatalf("code: got %v, want %v", code, http.StatusOK)
	}
	testserver.Eventually(t, time.Second, func() bool { return d.guard.held.Load() == 0 && len(d.guard.lane) == cap(d.guard.lane)-1 })
}

// TestReleases: what a request holds is given back however it ends.
func TestReleases(t *testing.T) {
	d := open(t, nil)
	d.consume = func(context.Context, plog.Logs) error { return errors.New("no") }
	if err := d.export(t, emptyRecords(2000)); err == nil {
		t.Fatal("got no error")
	}
	code, _ := d.post(t, "/v1/logs", protobuf, emptyRecords(2000), false)
	if code != http.StatusServiceUnavailable {
		t.Fatalf("code: got %v, want %v", code, http.StatusServiceUnavailable)
	}
	if err := d.export(t, append(emptyRecords(2000), 1<<3|2, 5)); err == nil {
		t.Fatal("got no error")
	} // which the decoder refuses
	testserver.Eventually(t, time.Second, func() bool { return d.guard.held.Load() == 0 })
}

// TestSlowCall: a call whose message never comes ends.
func TestSlowCall(t *testing.T) {
	d := open(t, func(cfg *Config) { cfg.Timeout = confcheck.PositiveDuration(300 * time.Millisecond) })
	conn, err := grpc.NewClient(d.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true},
		"/opentelemetry.proto.collector.logs.v1.LogsService/Export", grpc.ForceCodec(raw{}))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if got := status.Code(stream.RecvMsg(new([]byte))); got != codes.DeadlineExceeded {
		t.Fatalf("status.Code(stream.RecvMsg(new([]byte))): got %v, want %v", got, codes.DeadlineExceeded)
	}
	if got := time.Since(start); got >= 5*time.Second {
		t.Fatalf("time.Since(start): got %v, want less than %v", got, 5*time.Second)
	}
}

func TestUnknownSignal(t *testing.T) {
	body := &guardedBody{ReadCloser: io.NopCloser(strings.NewReader("x")), ctx: t.Context(), err: errSignal, hold: hold{g: open(t, nil).guard}}
	_, err := body.Read(make([]byte, 1))
	if err == nil || !strings.Contains(err.Error(), "only traces, logs and metrics") {
		t.Fatalf("got %v, want an error with %q", err, "only traces, logs and metrics")
	}
	for path, ok := range map[string]bool{"/v1/logs": true, "/v1/traces": true, "/v1/metrics": true, "/v1development/profiles": false, "": false} {
		_, is := signalOfPath(path)
		if is != ok {
			t.Fatalf("%v: got %v, want %v", path, is, ok)
		}
	}
}
