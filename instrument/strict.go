package instrument

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/felixge/httpsnoop"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/receipt"
)

// DefaultStrictBytes is how much of a response [WithStrict] holds back.
const DefaultStrictBytes = 1 << 20

// WithStrict promises of the activities of these types that the client gets its response only
// once the record is on disk. The logger provider needs a spool in disk mode
// (github.com/otelactivity/activitylog/instrument/spool) for that. If the record cannot be
// written, the client gets 503 (Service Unavailable), the metric activity.strict.refused counts
// it, and [otel.Handle] gets the reason. The act may have happened nevertheless, as after any
// 503: an outbox writes activity and change in one transaction.
//
// Responses are held back until the handler returns, up to [DefaultStrictBytes]. A longer one,
// one that is flushed and a connection that is hijacked are recorded at that moment as
// [Current.RecordNow] does, before their first byte leaves.
//
// It works in [NewHandler] and [NewMiddleware], and so in the adapters for chi and gorilla/mux.
// Those for gRPC and Connect refuse calls, with UNAVAILABLE. With Echo, Gin and gqlgen, put the
// server into [NewHandler] with this option; gqlgen's extension has the option as well, and the
// response is refused if the record of one of its fields is not on disk.
func WithStrict(types ...activity.ActionType) Option {
	return optionFunc(func(c *config) { c.strict = append(c.strict, types...) })
}

// errNoReceipt says that no spool on disk has taken a record.
var errNoReceipt = errors.New("no spool on disk has taken the record")

// ErrNotStored is what a [Call] ends with whose activity [WithStrict] wants on disk, and is not.
var ErrNotStored = errors.New("the activity could not be recorded")

var errStrictAdapter = errors.New("WithStrict has no effect in the adapter of a framework; " +
	"give it to instrument.NewHandler around the server")

// isStrict reports whether an activity must be on disk before the response.
func (c *config) isStrict(a *activity.Activity) bool { return slices.Contains(c.strict, a.ActionType) }

// emitStrictly emits the log record of a, and returns why it is not on disk, nil if it is.
func (c *config) emitStrictly(ctx context.Context, a *activity.Activity, attrs []attribute.KeyValue) error {
	ctx, r := receipt.With(ctx)
	c.emit(ctx, a, attrs)
	stored, err := r.Result()
	if stored {
		return nil
	}
	if err == nil {
		err = errNoReceipt
	}
	otel.Handle(fmt.Errorf("record activity %s, which WithStrict wants on disk: %w", a.ID, err))
	c.refused.count(ctx)
	return fmt.Errorf("%w: %w", ErrNotStored, err)
}

// refused counts the requests that were answered with 503.
type refused struct {
	once    sync.Once
	counter metric.Int64Counter
}

func (r *refused) count(ctx context.Context) {
	r.once.Do(func() {
		var err error
		r.counter, err = otel.GetMeterProvider().Meter(ScopeName, metric.WithInstrumentationVersion(Version)).Int64Counter(
			"activity.strict.refused", metric.WithUnit("{request}"),
			metric.WithDescription("Requests that were answered with 503, because their activity could not be written to disk."))
		if err != nil {
			otel.Handle(fmt.Errorf("create the metric activity.strict.refused: %w", err))
		}
	})
	if r.counter != nil {
		r.counter.Add(ctx, 1)
	}
}

// held is a response that is held back until its activity is on disk.
type held struct {
	cur         *Current
	header      http.Header
	writeHeader func(int)
	write       func([]byte) (int, error)

	mu       sync.Mutex
	code     int         // 0: the handler has said none
	sent     http.Header // as it was when the handler sent it, nil before that
	body     []byte
	released bool
	refused  bool
}

// hold returns w with methods that hold the response back.
func (h *held) hold(w http.ResponseWriter) http.ResponseWriter {
	h.header, h.writeHeader, h.write = w.Header(), w.WriteHeader, w.Write
	return httpsnoop.Wrap(w, httpsnoop.Hooks{
		WriteHeader: func(httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc { return h.WriteHeader },
		Write:       func(httpsnoop.WriteFunc) httpsnoop.WriteFunc { return h.Write },
		WriteString: func(httpsnoop.WriteStringFunc) httpsnoop.WriteStringFunc {
			return func(text string) (int, error) { return h.Write([]byte(text)) }
		},
		ReadFrom: func(httpsnoop.ReadFromFunc) httpsnoop.ReadFromFunc {
			return func(src io.Reader) (int64, error) { return io.Copy(writerOnly{h}, src) }
		},
		Flush: func(next httpsnoop.FlushFunc) httpsnoop.FlushFunc {
			return func() {
				if h.early() == nil {
					next()
				}
			}
		},
		FlushError: func(next httpsnoop.FlushErrorFunc) httpsnoop.FlushErrorFunc {
			return func() error {
				if err := h.early(); err != nil {
					return err
				}
				return next()
			}
		},
		Hijack: func(next httpsnoop.HijackFunc) httpsnoop.HijackFunc {
			return func() (net.Conn, *bufio.ReadWriter, error) {
				if err := h.early(); err != nil {
					return nil, nil, err
				}
				return next()
			}
		},
	})
}

// writerOnly keeps io.Copy from calling ReadFrom.
type writerOnly struct{ io.Writer }

// WriteHeader implements [http.ResponseWriter].
func (h *held) WriteHeader(code int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.refused:
	case h.released, code < 200 && code != http.StatusSwitchingProtocols:
		h.writeHeader(code)
	case h.sent == nil: // else it has been sent, perhaps by Write
		h.code, h.sent = code, h.header.Clone()
	}
}

// Write implements [http.ResponseWriter].
func (h *held) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.released && !h.refused && len(h.body)+len(b) <= DefaultStrictBytes {
		if h.sent == nil {
			h.sent = h.header.Clone()
		}
		h.body = append(h.body, b...)
		return len(b), nil
	}
	if err := h.release(h.cur.storeNow); err != nil {
		return 0, err
	}
	return h.write(b)
}

// early releases what the handler has written so far.
func (h *held) early() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.release(h.cur.storeNow)
}

// end releases the response after the activity was recorded.
func (h *held) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	_ = h.release(h.cur.refusal) // it is answered
}

// release sends the response, or refuses the request if the activity is not on disk.
func (h *held) release(store func() error) error {
	switch {
	case h.refused:
		return ErrNotStored
	case h.released:
		return nil
	}
	if err := store(); err != nil {
		h.refused, h.body = true, nil
		clear(h.header)
		const text = "the activity could not be recorded, so the request was not completed\n"
		h.header.Set("Content-Type", "text/plain; charset=utf-8")
		h.header.Set("Content-Length", strconv.Itoa(len(text)))
		h.writeHeader(http.StatusServiceUnavailable)
		_, _ = h.write([]byte(text))
		return err
	}
	h.released = true
	if h.sent == nil {
		return nil
	}
	// What the handler has set since then is for trailers, or for nobody.
	later := maps.Clone(h.header)
	h.replaceHeader(h.sent)
	if h.code != 0 {
		h.writeHeader(h.code)
	}
	if len(h.body) > 0 || h.code == 0 { // it has written, be it nothing
		_, _ = h.write(h.body) // the client has gone away, or not
	}
	h.replaceHeader(later)
	h.body = nil
	return nil
}

// replaceHeader makes the header that of the argument. It is one map for all writers.
func (h *held) replaceHeader(header http.Header) {
	clear(h.header)
	maps.Copy(h.header, header)
}

// storeNow records the activity of a response that cannot wait for the handler, if it is one
// that must be on disk.
func (c *Current) storeNow() error {
	a, skipped := c.snapshot()
	if !skipped {
		req, end, said := c.innermost(), c.soFar(), c.answers()
		act := c.derive(req, &end)
		if c.identify(&a, &act, req, &end, &said) && c.cfg.isStrict(&a) {
			c.RecordNow()
		}
	}
	return c.refusal()
}

// refusal returns why the request, or a part of it that has ended, is not on disk. It waits for
// another goroutine that is recording the request.
func (c *Current) refusal() error {
	c.recording.Lock()
	c.recording.Unlock() //nolint:staticcheck // the activity is recorded, or is not going to be yet
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.notStored
}

// refuse notes that the request or a part of it is not on disk, so that the response must not
// leave.
func (c *Current) refuse(err error) {
	if c == nil || err == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notStored = err
}
