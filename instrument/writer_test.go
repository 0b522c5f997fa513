package instrument

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// odd is a writer that is a Hijacker only.
type odd struct{ http.ResponseWriter }

func (odd) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, nil }

// plain has no methods besides those of http.ResponseWriter.
type only struct{ http.ResponseWriter }

// TestWriterHasTheMethodsOfItsOwn checks that a handler finds the methods that it would find
// without us, whatever server is below.
func TestWriterHasTheMethodsOfItsOwn(t *testing.T) {
	got := map[string][2]int{}
	note := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			cur := &Current{}
			got[name] = [2]int{abilities(w), abilities(cur.response.wrap(w, r, &cur.writer))}
			if unwrapped, ok := cur.response.wrap(w, r, &cur.writer).(interface{ Unwrap() http.ResponseWriter }); !ok || unwrapped.Unwrap() != w {
				t.Errorf("%s: a http.ResponseController does not find the writer below", name)
			}
		})
	}
	ask := func(client *http.Client, url string) {
		res, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	one := httptest.NewServer(note("HTTP/1"))
	defer one.Close()
	ask(one.Client(), one.URL)
	two := httptest.NewUnstartedServer(note("HTTP/2"))
	two.EnableHTTP2 = true
	two.StartTLS()
	defer two.Close()
	ask(two.Client(), two.URL)
	late := httptest.NewServer(http.TimeoutHandler(note("a timeout handler"), time.Minute, ""))
	defer late.Close()
	ask(late.Client(), late.URL)
	r := httptest.NewRequest("GET", "/", nil)
	note("a recorder").ServeHTTP(httptest.NewRecorder(), r)
	note("an odd one").ServeHTTP(odd{httptest.NewRecorder()}, r)
	note("nothing else").ServeHTTP(only{httptest.NewRecorder()}, r)

	if got["HTTP/1"][0] != http1 || got["HTTP/2"][0] != http2 || got["nothing else"][0] != 0 {
		t.Errorf("net/http has other writers now: %v", got)
	}
	for name, found := range got {
		if found[0] != found[1] {
			t.Errorf("%s: the methods are %b, with us %b", name, found[0], found[1])
		}
	}
	if len(got) != 6 {
		t.Errorf("ran %d of 6 servers", len(got))
	}
}

// full is a writer with all methods of HTTP/1 and Push, which counts their calls.
type full struct {
	http.ResponseWriter
	calls []string
}

func (f *full) called(name string)                { f.calls = append(f.calls, name) }
func (f *full) Flush()                            { f.called("Flush") }
func (f *full) FlushError() error                 { f.called("FlushError"); return nil }
func (f *full) WriteString(string) (int, error)   { f.called("WriteString"); return 1, nil }
func (f *full) CloseNotify() <-chan bool          { f.called("CloseNotify"); return nil }
func (f *full) SetReadDeadline(time.Time) error   { f.called("SetReadDeadline"); return nil }
func (f *full) SetWriteDeadline(time.Time) error  { f.called("SetWriteDeadline"); return nil }
func (f *full) EnableFullDuplex() error           { f.called("EnableFullDuplex"); return nil }
func (f *full) ReadFrom(io.Reader) (int64, error) { f.called("ReadFrom"); return 1, nil }
func (f *full) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	f.called("Hijack")
	return nil, nil, nil
}
func (f *full) Push(string, *http.PushOptions) error { f.called("Push"); return nil }

// TestWriterPassesOn checks that each method calls that of the writer below.
func TestWriterPassesOn(t *testing.T) {
	var s response
	f := &full{ResponseWriter: httptest.NewRecorder()}
	one := &http1Writer{sharedWriter{plainWriter{f, &s}}}
	two := (*http2Writer)(one)
	one.Flush()
	_ = one.FlushError()
	_, _ = one.WriteString("x")
	_ = one.CloseNotify()
	_ = one.SetReadDeadline(time.Time{})
	_ = one.SetWriteDeadline(time.Time{})
	_ = one.EnableFullDuplex()
	_, _ = one.ReadFrom(strings.NewReader("x"))
	_, _, _ = one.Hijack()
	_ = two.Push("/x", nil)
	want := "Flush FlushError WriteString CloseNotify SetReadDeadline SetWriteDeadline EnableFullDuplex ReadFrom Hijack Push"
	if got := strings.Join(f.calls, " "); got != want {
		t.Errorf("called %s, want %s", got, want)
	}
	if code := s.code.Load(); code != 200 {
		t.Errorf("code %d after a flush", code)
	}
}

// TestWriterReadsTexts checks that the end of an answer of gRPC-Web is found in a text, too.
func TestWriterReadsTexts(t *testing.T) {
	r := httptest.NewRequest("POST", "/blog.v1.Blog/Get", nil)
	r.Header.Set("Content-Type", "application/grpc-web+proto")
	trailer := "grpc-status: 7\r\n"
	message := append([]byte{0x80, 0, 0, 0, byte(len(trailer))}, trailer...)
	for name, w := range map[string]http.ResponseWriter{"a recorder": httptest.NewRecorder(), "all methods": &full{ResponseWriter: httptest.NewRecorder()}} {
		cur := &Current{}
		wrapped := cur.response.wrap(w, r, &cur.writer)
		_, _ = io.Copy(struct{ io.Writer }{wrapped}, bytes.NewReader(message[:3]))
		_, _ = io.WriteString(wrapped, string(message[3:])) //nolint:staticcheck // it must go by WriteString
		if got := cur.response.status(false); got != http.StatusForbidden {
			t.Errorf("%s: status %d, want 403", name, got)
		}
	}
}
