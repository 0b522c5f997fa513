package activityguardextension

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/extensionmiddleware"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"golang.org/x/sync/semaphore"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/otelactivity/activitylog/extension/activityguardextension/internal/metadata"
	"github.com/otelactivity/activitylog/extension/activityguardextension/internal/wire"
)

// guard is the extension. It is safe for concurrent use.
type guard struct {
	component.StartFunc
	component.ShutdownFunc

	limits    wire.Limits
	timeout   time.Duration
	most      int64           // bytes that all requests together may hold
	held      atomic.Int64    // bytes that they hold
	turn      atomic.Bool     // one request may exceed most
	lane      chan struct{}   // has one element for each large request in process
	small     [3]smallOnes    // by signal
	growing   [3]atomic.Int64 // requests that wait for memory, by signal
	patience  time.Duration
	schedule  schedule
	telemetry *metadata.TelemetryBuilder
}

var (
	_ extension.Extension            = (*guard)(nil)
	_ extensionmiddleware.HTTPServer = (*guard)(nil)
	_ extensionmiddleware.GRPCServer = (*guard)(nil)
)

func newGuard(cfg *Config, set component.TelemetrySettings) (*guard, error) {
	telemetry, err := metadata.NewTelemetryBuilder(set)
	if err != nil {
		return nil, fmt.Errorf("create metrics: %w", err)
	}
	g := &guard{
		limits:    wire.Limits{Depth: int(cfg.MaxDepth), Elements: int(cfg.MaxElements)},
		timeout:   time.Duration(cfg.Timeout),
		most:      int64(cfg.MaxInFlightMiB) << 20,
		lane:      make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)),
		patience:  min(patience, time.Duration(cfg.Timeout)),
		telemetry: telemetry,
	}
	for i := range g.small {
		g.small[i].bytes = semaphore.NewWeighted(mostSmall)
	}
	return g, nil
}

// smallOnes are the small requests of one signal. Those of log records must not wait for
// those of spans, which may wait for log records themselves (coverage::wait).
type smallOnes struct {
	bytes   *semaphore.Weighted // that those in process may hold together
	waiting atomic.Int64        // requests that wait for these
}

// Estimate of the memory of a request by its bytes: a body is copied while it is read,
// decoded, redacted and written to the queue.
const (
	costOfByte = 6
	free       = 256 << 10 // bytes of each request that do not count
)

// hold is the share of one request in the memory of all requests.
type hold struct {
	g      *guard
	signal wire.Signal
	bytes  int64
	turn   bool  // it may exceed the limit
	begun  bool  // it is a large request in process
	small  int64 // its share of what small requests in process hold
	err    error // why it was rejected
}

// grow raises the hold to that of a request with so many bytes on the wire and
// decoded. If all requests together would hold too much, it waits, and fails after a
// timeout, or at once if too many wait.
func (h *hold) grow(bytes, decoded int64) error {
	want := max(0, bytes*costOfByte+decoded-free)
	more := want - h.bytes
	if more <= 0 {
		return nil
	}
	if h.g.held.Add(more) > h.g.most && !h.takesTurn() {
		h.g.held.Add(-more)
		if err := h.waitFor(more); err != nil {
			return err
		}
	}
	h.bytes = want
	return nil
}

// waitFor waits until so many more bytes can be held, and holds them. If too many requests wait
// already, it fails at once.
func (h *hold) waitFor(more int64) error {
	growing := &h.g.growing[h.signal]
	defer growing.Add(-1)
	if growing.Add(1) > mostWaiting {
		return errMemory
	}
	for start := time.Now(); ; {
		time.Sleep(betweenLooks)
		if h.g.held.Add(more) <= h.g.most || h.takesTurn() {
			return nil
		}
		h.g.held.Add(-more)
		if time.Since(start) >= h.g.patience {
			return errMemory
		}
	}
}

// takesTurn reports whether the request may exceed the limit. One at a time may:
// otherwise requests that hold some memory and wait for more could all wait for ever.
func (h *hold) takesTurn() bool {
	h.turn = h.turn || h.g.turn.CompareAndSwap(false, true)
	return h.turn
}

// How long a request waits for memory, and how often it checks. A sender that waits
// sends nothing more meanwhile; one that is rejected retries.
const (
	patience     = 5 * time.Second
	betweenLooks = 10 * time.Millisecond
)

// crowded reports whether so many small requests wait that a further one had better come again later,
// before its body takes memory too.
func (s *smallOnes) crowded() bool { return s.waiting.Load() >= mostWaiting }

// Bounds of the requests whose bodies are complete and small. Slow senders have none of
// these bytes, since they are taken when a body has ended.
const (
	mostSmall   = 48 << 20 // bytes of all of a signal that are in process, by the estimate
	mostWaiting = 200      // requests of a signal that wait to be processed, and that wait for memory
)

// begin waits until a request with a complete body may be decoded: bytes on the wire,
// decoded after that. The number of large requests in process is limited so that one CPU
// is free for everything else: writing to the queue and the database makes many system
// calls, and would wait for a CPU after each. That of small ones is limited because
// thousands of services may send at the same moment.
func (h *hold) begin(bytes, decoded int64) error {
	if h.begun || h.small > 0 {
		return nil
	}
	if h.bytes < large {
		err := h.beginSmall(bytes*costOfByte + decoded)
		if err == nil {
			h.g.schedule.accept(time.Now())
		}
		return err
	}
	select {
	case h.g.lane <- struct{}{}:
		h.begun = true
		h.g.schedule.accept(time.Now())
		return nil
	case <-time.After(h.g.patience):
		return errMemory
	}
}

func (h *hold) beginSmall(estimate int64) error {
	estimate = min(max(estimate, 4<<10), mostSmall)
	small := &h.g.small[h.signal]
	if !small.bytes.TryAcquire(estimate) {
		if small.crowded() {
			return errMemory
		}
		ctx, cancel := context.WithTimeout(context.Background(), h.g.patience)
		defer cancel()
		small.waiting.Add(1)
		defer small.waiting.Add(-1)
		if small.bytes.Acquire(ctx, estimate) != nil {
			return errMemory
		}
	}
	h.small = estimate
	return nil
}

// large is the estimate from which a request is large: more than a batch of a thousand
// records.
const large = 8 << 20

// release releases the whole hold.
func (h *hold) release() {
	h.g.held.Add(-h.bytes)
	if h.turn {
		h.g.turn.Store(false)
	}
	if h.begun {
		<-h.g.lane
	}
	if h.small > 0 {
		h.g.small[h.signal].bytes.Release(h.small)
	}
	h.bytes, h.turn, h.begun, h.small = 0, false, false, 0
}

var (
	errMemory = errors.New("requests in flight use too much memory; send the request again later")
	errSignal = errors.New("only traces, logs and metrics are accepted here")
	errSize   = errors.New("request body too large")
	errSlow   = errors.New("the body of the request did not come in time; send the request again")
)

// refuse counts a refusal and returns it as both protocols need it. Senders do
// not repeat what is refused as an invalid argument. A slow body is not counted, as by gRPC.
func (g *guard) refuse(ctx context.Context, protocol string, err error) error {
	if errors.Is(err, errSlow) {
		return status.Error(codes.Unavailable, "activity_guard: "+err.Error())
	}
	g.telemetry.ExtensionActivityGuardRefused.Add(ctx, 1, metric.WithAttributes(attribute.String("protocol", protocol), attribute.String("reason", reason(err))))
	message := "activity_guard: " + err.Error()
	if !errors.Is(err, errMemory) {
		return status.Error(codes.InvalidArgument, message)
	}
	s := status.New(codes.Unavailable, message)
	wait := g.schedule.wait(time.Now(), timeLeft(ctx))
	if protocol == "http" { // Retry-After is in whole seconds, and the receiver leaves out the rest
		wait = (wait + time.Second - 1).Truncate(time.Second)
	}
	if detailed, err := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(wait)}); err == nil {
		s = detailed
	}
	return s.Err()
}

func reason(err error) string {
	for _, known := range []struct {
		err  error
		name string
	}{{wire.ErrDepth, "depth"}, {wire.ErrElements, "elements"}, {errMemory, "memory"}, {errSize, "size"}, {errSignal, "signal"}} {
		if errors.Is(err, known.err) {
			return known.name
		}
	}
	return "malformed"
}
