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
	most      int64         // bytes that all requests may hold
	held      atomic.Int64  // bytes that they do
	turn      atomic.Bool   // a request goes beyond that
	lane      chan struct{} // one for each large request that is worked on
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
		limits:    wire.Limits{Depth: cfg.MaxDepth, Elements: cfg.MaxElements},
		timeout:   cfg.Timeout,
		most:      int64(cfg.MaxInFlightMiB) << 20,
		lane:      make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)),
		patience:  min(patience, cfg.Timeout),
		telemetry: telemetry,
	}, nil
}

// What a request needs in memory, as far as it can be told from its bytes: a body
// is copied while it is read, decoded, cleaned and written to the queue.
const (
	costOfByte = 6
	free       = 256 << 10 // bytes of each request that do not count
)

// hold is what one request holds of the memory of all.
type hold struct {
	g     *guard
	bytes int64
	turn  bool  // it may go beyond what all may hold
	begun bool  // it is one of the large ones that are worked on
	err   error // why it was refused
}

// grow makes the hold one for a request of so many bytes and what is decoded from
// them. If all requests together would hold too much it waits, and fails when that
// takes too long.
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

// takesTurn reports whether the request may go beyond what all may hold. One at a
// time may: else requests that hold some and wait for more could all wait.
func (h *hold) takesTurn() bool {
	h.turn = h.turn || h.g.turn.CompareAndSwap(false, true)
	return h.turn
}

// How long a request waits for memory, and how often it looks. A sender that waits
// sends no more meanwhile, one that is refused comes again.
const (
	patience     = 5 * time.Second
	betweenLooks = 10 * time.Millisecond
)

// begin waits until a large request may be decoded. Of those only as many are worked
// on at once as leave a processor for all others: what writes to the queue and to the
// database makes many system calls, and would wait for its turn after each.
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

// large is how many bytes a large request needs, by estimate: more than a batch of
// a thousand records.
const large = 8 << 20

// release gives back all that is held.
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
	errMemory = errors.New("requests in flight hold too much memory; send it again later")
	errSignal = errors.New("only traces, logs and metrics are accepted here")
	errSize   = errors.New("request body too large")
)

// retryAfter is how long a sender waits that was refused for lack of memory.
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
