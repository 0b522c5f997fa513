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
	most      int64         // bytes that all requests together may hold
	held      atomic.Int64  // bytes that they hold
	turn      atomic.Bool   // one request may exceed most
	lane      chan struct{} // has one element for each large request in process
	patience  time.Duration
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
	return &guard{
		limits:    wire.Limits{Depth: int(cfg.MaxDepth), Elements: int(cfg.MaxElements)},
		timeout:   time.Duration(cfg.Timeout),
		most:      int64(cfg.MaxInFlightMiB) << 20,
		lane:      make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)),
		patience:  min(patience, time.Duration(cfg.Timeout)),
		telemetry: telemetry,
	}, nil
}

// Estimate of the memory of a request by its bytes: a body is copied while it is read,
// decoded, redacted and written to the queue.
const (
	costOfByte = 6
	free       = 256 << 10 // bytes of each request that do not count
)

// hold is the share of one request in the memory of all requests.
type hold struct {
	g     *guard
	bytes int64
	turn  bool  // it may exceed the limit
	begun bool  // it is a large request in process
	err   error // why it was rejected
}

// grow raises the hold to that of a request with so many bytes on the wire and
// decoded. If all requests together would hold too much, it waits, and fails after a
// timeout.
func (h *hold) grow(bytes, decoded int64) error {
	want := max(0, bytes*costOfByte+decoded-free)
	more := want - h.bytes
	if more <= 0 {
		return nil
	}
	for start := time.Now(); h.g.held.Add(more) > h.g.most && !h.takesTurn(); time.Sleep(betweenLooks) {
		h.g.held.Add(-more)
		if time.Since(start) >= h.g.patience {
			return errMemory
		}
	}
	h.bytes = want
	return nil
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

// begin waits until a large request may be decoded. The number of large requests in
// process is limited so that one CPU is free for everything else: writing to the queue
// and the database makes many system calls, and would wait for a CPU after each.
func (h *hold) begin() error {
	if h.begun || h.bytes < large {
		return nil
	}
	select {
	case h.g.lane <- struct{}{}:
		h.begun = true
		return nil
	case <-time.After(h.g.patience):
		return errMemory
	}
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
	h.bytes, h.turn, h.begun = 0, false, false
}

var (
	errMemory = errors.New("requests in flight use too much memory; send the request again later")
	errSignal = errors.New("only traces, logs and metrics are accepted here")
	errSize   = errors.New("request body too large")
)

// retryAfter is the backoff for the sender of a request rejected for lack of memory.
const retryAfter = time.Second

// refuse counts a refusal and returns it as both protocols need it. Senders do
// not repeat what is refused as an invalid argument.
func (g *guard) refuse(ctx context.Context, protocol string, err error) error {
	g.telemetry.ExtensionActivityGuardRefused.Add(ctx, 1, metric.WithAttributes(attribute.String("protocol", protocol), attribute.String("reason", reason(err))))
	message := "activity_guard: " + err.Error()
	if !errors.Is(err, errMemory) {
		return status.Error(codes.InvalidArgument, message)
	}
	s := status.New(codes.Unavailable, message)
	if detailed, err := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(retryAfter)}); err == nil {
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
