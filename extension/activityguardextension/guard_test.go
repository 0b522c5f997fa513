package activityguardextension

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/otelactivity/activitylog/extension/activityguardextension/internal/wire"
	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/internal/testserver"
)

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

// TestCrowdedAnswer: a sender that is rejected in a crowd gets the answer with the time to wait, on a
// connection that stays, however large its request is that nobody decodes.
func TestCrowdedAnswer(t *testing.T) {
	d := open(t, nil)
	d.guard.growing[wire.Logs].Store(mostWaiting)
	var connections atomic.Int64
	dialer := &net.Dialer{}
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		connections.Add(1)
		return dialer.DialContext(ctx, network, address)
	}}}
	defer client.CloseIdleConnections()
	body := emptyRecords(500_000) // 1 MB
	for range 30 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+d.http+"/v1/logs", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", protobuf)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
			t.Fatalf("got %s with Retry-After %q", response.Status, response.Header.Get("Retry-After"))
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("30 requests took %d connections", n)
	}
}

// TestCrowdGrows: while all memory is held, only so many requests wait for it with a part of their
// bodies, and the others are rejected at once.
func TestCrowdGrows(t *testing.T) {
	const crowd = 1000
	g := open(t, nil).guard
	g.patience = time.Minute
	g.turn.Store(true) // somebody has it
	g.held.Store(g.most)
	results := make(chan error, crowd)
	for range crowd {
		go func() {
			h := hold{g: g, signal: wire.Logs}
			err := h.grow(1<<20, 0)
			h.release()
			results <- err
		}()
	}
	for range crowd - mostWaiting {
		if err := <-results; !errors.Is(err, errMemory) {
			t.Fatalf("got %v, want %v", err, errMemory)
		}
	}
	if n := g.growing[wire.Logs].Load(); n != mostWaiting {
		t.Errorf("%d wait, want %d", n, mostWaiting)
	}
	g.held.Add(-g.most)
	for range mostWaiting {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if waiting, held := g.growing[wire.Logs].Load(), g.held.Load(); waiting != 0 || held != 0 {
		t.Errorf("at the end %d wait and %d bytes are held", waiting, held)
	}
	g.turn.Store(false)
}

// TestSmallBesideCrowd: while all memory is held and a crowd of large requests waits for it, small ones
// are accepted, by both protocols.
func TestSmallBesideCrowd(t *testing.T) {
	d := open(t, nil)
	g := d.guard
	g.turn.Store(true) // somebody has it
	g.held.Store(g.most)
	g.growing[wire.Logs].Store(mostWaiting)
	for _, compressed := range []bool{false, true} {
		if code, text := d.post(t, "/v1/logs", protobuf, honest(t), compressed); code != http.StatusOK {
			t.Errorf("a small request, compressed %v: got %d %s", compressed, code, text)
		}
		if code, text := d.post(t, "/v1/logs", protobuf, emptyRecords(50_000), compressed); code != http.StatusServiceUnavailable {
			t.Errorf("a large request, compressed %v: got %d %s", compressed, code, text)
		}
	}
	if err := d.export(t, honest(t)); err != nil {
		t.Errorf("a small request by gRPC: %v", err)
	}
	if err := d.export(t, emptyRecords(50_000)); status.Code(err) != codes.Unavailable {
		t.Errorf("a large request by gRPC: %v", err)
	}
}

// TestSmallOnesInTurn: small requests wait for those that are in process, and when too many
// wait, further ones are refused before their body takes memory.
func TestSmallOnesInTurn(t *testing.T) {
	d := open(t, nil)
	d.guard.patience = 200 * time.Millisecond
	small := &d.guard.small[wire.Logs]
	if !small.bytes.TryAcquire(mostSmall) {
		t.Fatal("not all is free at the start")
	}
	if got := status.Code(d.export(t, honest(t))); got != codes.Unavailable {
		t.Errorf("gRPC: got %v, want %v", got, codes.Unavailable)
	}
	if code, _ := d.post(t, "/v1/logs", protobuf, honest(t), false); code != http.StatusServiceUnavailable {
		t.Errorf("HTTP: got %v, want %v", code, http.StatusServiceUnavailable)
	}
	spans := hold{g: d.guard, signal: wire.Traces}
	if err := spans.begin(100, 100); err != nil {
		t.Errorf("spans wait for log records: %v", err)
	}
	spans.release()
	d.guard.patience = time.Minute
	small.waiting.Store(mostWaiting)
	answer := httptest.NewRecorder()
	handler, err := d.guard.GetHTTPHandler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := handler(t.Context(), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if got, err := io.ReadAll(r.Body); status.Code(err) != codes.Unavailable || len(got) > 0 {
			t.Errorf("a crowd: got %d bytes, %v, want %v", len(got), err, codes.Unavailable)
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	wrapped.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/logs", bytes.NewReader(honest(t))))
	if got := status.Code(d.export(t, honest(t))); got != codes.Unavailable {
		t.Errorf("gRPC in a crowd: got %v, want %v", got, codes.Unavailable)
	}
	small.waiting.Store(0)
	small.bytes.Release(mostSmall)
	if err := d.export(t, honest(t)); err != nil {
		t.Error(err)
	}
	if code, _ := d.post(t, "/v1/logs", protobuf, honest(t), false); code != http.StatusOK {
		t.Errorf("HTTP, when there is room again: %d", code)
	}
	testserver.Eventually(t, time.Second, func() bool { // all is given back
		free := small.bytes.TryAcquire(mostSmall)
		if free {
			small.bytes.Release(mostSmall)
		}
		return free
	})
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

// TestSlowBody is TestSlowCall by HTTP: a body that does not come ends, also that of a request that is
// rejected. The answer is one after which senders send again.
func TestSlowBody(t *testing.T) {
	for name, crowded := range map[string]bool{"alone": false, "rejected": true} {
		t.Run(name, func(t *testing.T) {
			d := open(t, func(cfg *Config) { cfg.Timeout = confcheck.PositiveDuration(300 * time.Millisecond) })
			if crowded {
				d.guard.small[wire.Logs].waiting.Store(mostWaiting)
			}
			conn, err := net.Dial("tcp", d.http)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
				t.Fatal(err)
			}
			body := honest(t)
			_, _ = fmt.Fprintf(conn, "POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", protobuf, len(body), body[:len(body)/2])
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusServiceUnavailable {
				text, _ := io.ReadAll(answer.Body)
				t.Errorf("got %s, want %d: %s", answer.Status, http.StatusServiceUnavailable, text)
			}
		})
	}
}

// TestDeadlineOfSender: a sender that will give up is told to come before that, even in a crowd.
func TestDeadlineOfSender(t *testing.T) {
	d := open(t, nil)
	d.guard.small[wire.Logs].waiting.Store(mostWaiting)
	d.guard.schedule.next = time.Now().Add(latest / 2)
	if !d.guard.small[wire.Logs].bytes.TryAcquire(mostSmall) {
		t.Fatal("there are other requests")
	}
	told := func(timeout time.Duration) (longest time.Duration) {
		conn, err := grpc.NewClient(d.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for range 50 {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			err := conn.Invoke(ctx, "/opentelemetry.proto.collector.logs.v1.LogsService/Export", honest(t), new([]byte), grpc.ForceCodec(raw{}))
			cancel()
			for _, detail := range status.Convert(err).Details() {
				longest = max(longest, detail.(*errdetails.RetryInfo).GetRetryDelay().AsDuration())
			}
		}
		return longest
	}
	if got := told(5 * time.Second); got < soonest || got > 4*time.Second {
		t.Errorf("with a deadline of 5 s: %v at most, want %v to 4 s", got, soonest)
	}
	if got := told(time.Hour); got <= 15*time.Second || got > latest {
		t.Errorf("with a deadline of an hour: %v at most, want 15 s to %v", got, latest)
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
