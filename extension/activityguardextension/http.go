package activityguardextension

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/collector/extension/extensionmiddleware"

	"github.com/otelactivity/activitylog/extension/activityguardextension/internal/wire"
)

// GetHTTPHandler implements [extensionmiddleware.HTTPServer]. The Collector calls
// the handler after authentication, and with a body that is not compressed.
func (g *guard) GetHTTPHandler(context.Context) (extensionmiddleware.WrapHTTPHandlerFunc, error) {
	return func(_ context.Context, next http.Handler) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serve(next, w, r) }), nil
	}, nil
}

func (g *guard) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), g.timeout)
	defer cancel()
	g.endBody(w, r)
	ctx = withCertificate(ctx, r.TLS)
	r = r.WithContext(ctx)
	signal, ok := signalOfPath(r.URL.Path)
	body := &guardedBody{ReadCloser: r.Body, ctx: ctx, hold: hold{g: g, signal: signal}, length: r.ContentLength}
	defer body.hold.release()
	switch {
	case !ok:
		body.err = errSignal
	case isJSON(r.Header.Get("Content-Type")):
		body.scanner = wire.NewJSON(g.limits)
	default:
		body.scanner = wire.NewProtobuf(signal, g.limits)
	}
	r.Body = body
	next.ServeHTTP(w, r)
}

// endBody ends a body that does not come within the timeout, as the deadline of a call of gRPC does. A
// context does not end the reading of a body. An earlier read_timeout of the receiver stays.
func (g *guard) endBody(w http.ResponseWriter, r *http.Request) {
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && server.ReadTimeout > 0 && server.ReadTimeout <= g.timeout {
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(g.timeout)) // an error: there is no connection, as in tests
}

// isJSON reports whether a content type is JSON, by the same rules as the receiver.
func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == "application/json"
}

// signalOfPath returns the signal of a path, such as /v1/logs, by its end.
func signalOfPath(path string) (signal wire.Signal, ok bool) {
	switch path[strings.LastIndexByte(path, '/')+1:] {
	case "traces":
		return wire.Traces, true
	case "logs":
		return wire.Logs, true
	case "metrics":
		return wire.Metrics, true
	}
	return 0, false
}

// guardedBody is a body that ends with an error as soon as it exceeds a limit. The
// receiver answers with that error.
type guardedBody struct {
	io.ReadCloser
	ctx     context.Context
	scanner wire.Scanner
	hold    hold
	length  int64 // -1 if it is not known, as with gzip
	read    int64
	err     error
}

func (b *guardedBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.refuse(b.err)
	}
	if b.hold.bytes == 0 && b.crowded() {
		b.err = errMemory
		b.drain()
		return 0, b.refuse(b.err)
	}
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if b.err = b.scanner.Scan(p[:n]); b.err == nil {
		b.err = b.hold.grow(b.read, b.scanner.Memory())
	}
	if b.err == nil && err == io.EOF {
		b.err = b.hold.begin(b.read, b.scanner.Memory())
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		b.err = fmt.Errorf("%w: at most %d bytes are allowed (max_request_body_size of the receiver); send smaller batches", errSize, tooLarge.Limit)
	}
	if b.err == nil && errors.Is(err, os.ErrDeadlineExceeded) {
		b.err = errSlow
	}
	if errors.Is(b.err, errMemory) {
		b.drain()
	}
	if b.err != nil {
		return 0, b.refuse(b.err)
	}
	return n, err
}

// crowded reports whether so many requests wait that this one had better come again later. Those that
// need no memory beside what is free for each request do not suffer from a crowd that waits for memory.
func (b *guardedBody) crowded() bool {
	g, signal := b.hold.g, b.hold.signal
	return g.small[signal].crowded() || b.length*costOfByte > free && g.growing[signal].Load() >= mostWaiting
}

// mostDrained is how much of a rejected body is read: more than a batch of an SDK.
const mostDrained = 2 << 20

// drain reads what is left of a rejected body, and keeps nothing. Of a body with more than 256 KiB left
// net/http closes the connection. Then the sender often learns of that and not of the answer with
// the time to wait, and thousands of senders at once do nothing but connect and send again.
func (b *guardedBody) drain() {
	_, _ = io.CopyN(io.Discard, b.ReadCloser, mostDrained)
}

func (b *guardedBody) refuse(err error) error { return b.hold.g.refuse(b.ctx, "http", err) }
