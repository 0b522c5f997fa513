package instrument

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/felixge/httpsnoop"
)

// A handler may ask its response writer for more than [http.ResponseWriter]: whether it is a
// Flusher, a Hijacker and so on. What the middleware passes on must have exactly the methods of
// what it got. The writers of net/http have one of three sets, which the types below have; they
// are a part of the Current and cost no allocation. Any other set is a case for httpsnoop.

// plainWriter notes the status code that a handler answers with.
type plainWriter struct {
	w http.ResponseWriter
	s *response
}

func (p *plainWriter) Header() http.Header         { return p.w.Header() }
func (p *plainWriter) Unwrap() http.ResponseWriter { return p.w } // for http.ResponseController

func (p *plainWriter) WriteHeader(code int) {
	p.s.note(code)
	p.w.WriteHeader(code)
}

func (p *plainWriter) Write(b []byte) (int, error) {
	p.s.wrote(b)
	return p.w.Write(b) //nolint:wrapcheck // it is the handler's
}

// sharedWriter has the methods that the writers of both versions of HTTP have.
type sharedWriter struct{ plainWriter }

type flusher interface {
	http.Flusher
	FlushError() error
}

func (p *sharedWriter) Flush() {
	p.s.ok()
	p.w.(flusher).Flush()
}

//nolint:wrapcheck // these, too, are the handler's
func (p *sharedWriter) FlushError() error {
	p.s.ok()
	return p.w.(flusher).FlushError()
}

//nolint:wrapcheck // as above
func (p *sharedWriter) WriteString(text string) (int, error) {
	if p.s.rpc != nil {
		return p.Write([]byte(text))
	}
	p.s.ok()
	return p.w.(io.StringWriter).WriteString(text)
}

func (p *sharedWriter) CloseNotify() <-chan bool {
	return p.w.(http.CloseNotifier).CloseNotify() //nolint:staticcheck // handlers may still use it
}

type deadliner interface {
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
}

//nolint:wrapcheck // as above
func (p *sharedWriter) SetReadDeadline(t time.Time) error {
	return p.w.(deadliner).SetReadDeadline(t)
}

//nolint:wrapcheck // as above
func (p *sharedWriter) SetWriteDeadline(t time.Time) error {
	return p.w.(deadliner).SetWriteDeadline(t)
}

type fullDuplexer interface{ EnableFullDuplex() error }

func (p *sharedWriter) EnableFullDuplex() error { return p.w.(fullDuplexer).EnableFullDuplex() } //nolint:wrapcheck // as above

// http1Writer is for the writer of HTTP/1, http2Writer for that of HTTP/2.
type (
	http1Writer struct{ sharedWriter }
	http2Writer struct{ sharedWriter }
)

//nolint:wrapcheck // as above
func (p *http1Writer) ReadFrom(src io.Reader) (int64, error) {
	p.s.ok()
	return p.w.(io.ReaderFrom).ReadFrom(src)
}

//nolint:wrapcheck // as above
func (p *http1Writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return p.w.(http.Hijacker).Hijack()
}

//nolint:wrapcheck // as above
func (p *http2Writer) Push(target string, opts *http.PushOptions) error {
	return p.w.(http.Pusher).Push(target, opts)
}

// The methods that a writer may have, as bits.
const (
	canFlush = 1 << iota
	canFlushError
	canWriteString
	canNotify
	canDeadline
	canDuplex
	canReadFrom
	canHijack
	canPush

	shared = canFlush | canFlushError | canWriteString | canNotify | canDeadline | canDuplex
	http1  = shared | canReadFrom | canHijack
	http2  = shared | canPush
)

// abilities returns which methods w has besides those of [http.ResponseWriter].
func abilities(w http.ResponseWriter) (found int) {
	if _, ok := w.(http.Flusher); ok {
		found |= canFlush
	}
	if _, ok := w.(interface{ FlushError() error }); ok {
		found |= canFlushError
	}
	if _, ok := w.(io.StringWriter); ok {
		found |= canWriteString
	}
	if _, ok := w.(http.CloseNotifier); ok { //nolint:staticcheck // handlers may still use it
		found |= canNotify
	}
	if _, ok := w.(deadliner); ok {
		found |= canDeadline
	}
	if _, ok := w.(fullDuplexer); ok {
		found |= canDuplex
	}
	if _, ok := w.(io.ReaderFrom); ok {
		found |= canReadFrom
	}
	if _, ok := w.(http.Hijacker); ok {
		found |= canHijack
	}
	if _, ok := w.(http.Pusher); ok {
		found |= canPush
	}
	return found
}

// wrap returns w with methods that note the status code. All other methods of w are
// unchanged. room is memory for the result.
func (s *response) wrap(w http.ResponseWriter, r *http.Request, room *http1Writer) http.ResponseWriter {
	if s.rpc = rpcOf(r); s.rpc != nil {
		s.header = w.Header()
	}
	room.plainWriter = plainWriter{w: w, s: s}
	switch abilities(w) {
	case 0:
		return &room.plainWriter
	case http1:
		return room
	case http2:
		return (*http2Writer)(room)
	}
	return s.snoop(w)
}

// snoop is wrap for any writer.
func (s *response) snoop(w http.ResponseWriter) http.ResponseWriter {
	return httpsnoop.Wrap(w, httpsnoop.Hooks{
		WriteHeader: func(next httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
			return func(code int) { s.note(code); next(code) }
		},
		Write: func(next httpsnoop.WriteFunc) httpsnoop.WriteFunc {
			return func(b []byte) (int, error) { s.wrote(b); return next(b) }
		},
		WriteString: func(next httpsnoop.WriteStringFunc) httpsnoop.WriteStringFunc {
			return func(text string) (int, error) {
				if s.rpc != nil {
					s.rpc.write([]byte(text))
				}
				s.ok()
				return next(text)
			}
		},
		ReadFrom: func(next httpsnoop.ReadFromFunc) httpsnoop.ReadFromFunc {
			return func(src io.Reader) (int64, error) { s.ok(); return next(src) }
		},
		// It is also called for FlushError, if the writer has both.
		Flush: func(next httpsnoop.FlushFunc) httpsnoop.FlushFunc {
			return func() { s.ok(); next() }
		},
	})
}
