package instrument_test

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

func TestResponseStatus(t *testing.T) {
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		code    int
		want    string // error.type
	}{
		{"nothing", func(http.ResponseWriter, *http.Request) {}, 200, ""},
		{"write", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("hello"))
			w.WriteHeader(500)
		}, 200, ""},
		{"write string", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "hello")
			w.WriteHeader(500)
		}, 200, ""},
		{"read from", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, strings.NewReader("hello"))
			w.WriteHeader(500)
		}, 200, ""},
		{"flush", func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			w.WriteHeader(500)
		}, 200, ""},
		{"flush by controller", func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				panic(err)
			}
			w.WriteHeader(500)
		}, 200, ""},
		{"twice", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(404)
			w.WriteHeader(200)
		}, 404, "404"},
		{"informational", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusProcessing)
			w.WriteHeader(503)
		}, 503, "503"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			server := httptest.NewServer(instrument.NewHandler(tt.handler, "test",
				append(opts, instrument.WithActor(asAlice))...))
			defer server.Close()
			if resp := request(t, server, "GET", "/x"); resp.StatusCode != tt.code {
				t.Errorf("answered with %d, want %d", resp.StatusCode, tt.code)
			}
			waitForSpan(t, rec)
			check(t, rec.one(), map[string]string{activity.ErrorTypeKey: tt.want})
		})
	}
}

func TestHijack(t *testing.T) {
	rec, opts := newRecorded(t)
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, buf, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer func() { _ = conn.Close() }()
		_, _ = buf.WriteString("HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		_ = buf.Flush()
	})
	server := httptest.NewServer(instrument.NewHandler(h, "test", append(opts, instrument.WithActor(asAlice))...))
	defer server.Close()
	if resp := request(t, server, "GET", "/x"); resp.StatusCode != http.StatusTeapot {
		t.Errorf("answered with %d", resp.StatusCode)
	}
	waitForSpan(t, rec)
	check(t, rec.one(), map[string]string{activity.StatusKey: "Success"})
}

// The writer has the same optional methods with the middleware as without it.
func TestWriterKeepsItsMethods(t *testing.T) {
	_, opts := newRecorded(t)
	var flusher, hijacker, readerFrom bool
	h := instrument.NewMiddleware(opts...)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, flusher = w.(http.Flusher)
		_, hijacker = w.(http.Hijacker)
		_, readerFrom = w.(io.ReaderFrom)
	}))
	server := httptest.NewServer(h)
	defer server.Close()
	request(t, server, "GET", "/x")
	if !flusher || !hijacker || !readerFrom {
		t.Errorf("of a server: Flusher %t, Hijacker %t, ReaderFrom %t", flusher, hijacker, readerFrom)
	}
	h.ServeHTTP(bareWriter{}, httptest.NewRequest("GET", "/x", nil))
	if flusher || hijacker || readerFrom {
		t.Errorf("of a bare writer: Flusher %t, Hijacker %t, ReaderFrom %t", flusher, hijacker, readerFrom)
	}
}

type bareWriter struct{}

func (bareWriter) Header() http.Header         { return http.Header{} }
func (bareWriter) Write(b []byte) (int, error) { return len(b), nil }
func (bareWriter) WriteHeader(int)             {}

// A stream reaches the client while the handler still runs.
func TestStreaming(t *testing.T) {
	_, opts := newRecorded(t)
	received := make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "first\n")
		w.(http.Flusher).Flush()
		select {
		case <-received:
		case <-r.Context().Done():
		}
	})
	server := httptest.NewServer(instrument.NewHandler(h, "test", opts...))
	defer server.Close()
	resp, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if line, err := bufio.NewReader(resp.Body).ReadString('\n'); err != nil || line != "first\n" {
		t.Errorf("read %q, %v", line, err)
	}
	close(received)
}
