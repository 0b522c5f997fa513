package instrument_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/otelactivity/activitylog/instrument"
)

// slowDisk is a processor that takes its time, as one that waits for a disk.
type slowDisk struct{ release chan struct{} }

func (slowDisk) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }
func (slowDisk) Shutdown(context.Context) error                         { return nil }
func (slowDisk) ForceFlush(context.Context) error                       { return nil }
func (d slowDisk) OnEmit(context.Context, *sdklog.Record) error {
	<-d.release
	return nil
}

// Whoever has the end of an answer may rely on the record: it was emitted
// before. docs/delivery.md names the exceptions, which are tested here too.
func TestAnswerEndsAfterItsRecord(t *testing.T) {
	large := make([]byte, 100<<10)
	cases := []struct {
		name    string
		handler http.HandlerFunc
		early   bool // the answer ends before the record is emitted
	}{
		{"small", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }, false},
		{"empty", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, false},
		{"small, its length set", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "2")
			_, _ = w.Write([]byte("ok"))
		}, false},
		{"large", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(large) }, false},
		{"flushed", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("event"))
			_ = http.NewResponseController(w).Flush()
		}, false},
		{"large, its length set", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(large)))
			_, _ = w.Write(large)
		}, true},
		{"flushed, its length set", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "2")
			_, _ = w.Write([]byte("ok"))
			_ = http.NewResponseController(w).Flush()
		}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			disk := slowDisk{make(chan struct{})}
			logs := sdklog.NewLoggerProvider(sdklog.WithProcessor(disk))
			srv := httptest.NewServer(instrument.NewHandler(c.handler, "test",
				instrument.WithLoggerProvider(logs), instrument.WithAnonymous()))
			defer srv.Close()
			answered := make(chan error, 1)
			go func() {
				res, err := srv.Client().Get(srv.URL)
				if err == nil {
					_, err = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
				}
				answered <- err
			}()
			early := false
			select {
			case <-answered:
				early = true
			case <-time.After(100 * time.Millisecond):
			}
			close(disk.release)
			if !early {
				if err := <-answered; err != nil {
					t.Error(err)
				}
			}
			if early != c.early {
				t.Errorf("the answer ended before its record: %v, want %v", early, c.early)
			}
		})
	}
}
