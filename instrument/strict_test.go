package instrument_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/internal/receipt"
)

// slot is a processor that gives receipts, as the spool does, or none.
type slot struct {
	*recorded
	give   func(*receipt.Receipt)
	before func() // it takes a record
}

func (s *slot) OnEmit(ctx context.Context, r *sdklog.Record) error {
	if s.before != nil {
		s.before()
	}
	s.give(receipt.From(ctx))
	return s.recorded.OnEmit(ctx, r)
}

func stored(r *receipt.Receipt) { r.Stored() }
func full(r *receipt.Receipt)   { r.Failed(errors.New("the disk is full")) }
func silent(*receipt.Receipt)   {}

// strict returns a server that is strict about Create and Delete, and what it records.
func strict(t *testing.T, give func(*receipt.Receipt), h http.HandlerFunc) (*httptest.Server, *slot) {
	rec, _ := newRecorded(t)
	s := &slot{recorded: rec, give: give}
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(s))
	t.Cleanup(func() { _ = lp.Shutdown(context.Background()) })
	srv := httptest.NewServer(instrument.NewHandler(h, "strict", instrument.WithLoggerProvider(lp), instrument.WithAnonymous(),
		instrument.WithStrict(activity.ActionCreate, activity.ActionDelete)))
	t.Cleanup(srv.Close)
	return srv, s
}

// ask makes a request and reads the answer.
func ask(t *testing.T, srv *httptest.Server, method string) (*http.Response, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+"/articles", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return res, string(text), err //nolint:wrapcheck // the test says what it was doing
}

func TestStrict(t *testing.T) {
	reported := collectErrors(t)
	large := strings.Repeat("x", instrument.DefaultStrictBytes+1)
	for name, tt := range map[string]struct {
		method  string
		give    func(*receipt.Receipt)
		handler http.HandlerFunc
		code    int
		body    string // its beginning
	}{
		"on disk":            {"POST", stored, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); _, _ = io.WriteString(w, "made") }, 201, "made"},
		"nothing is written": {"POST", stored, func(http.ResponseWriter, *http.Request) {}, 200, ""},
		"a status only":      {"POST", stored, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, 204, ""},
		"the disk is full":   {"POST", full, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); _, _ = io.WriteString(w, "made") }, 503, "the activity could not"},
		"no spool on disk":   {"DELETE", silent, func(http.ResponseWriter, *http.Request) {}, 503, "the activity could not"},
		"another type":       {"PUT", full, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "done") }, 200, "done"},
		"the handler says it": {"PUT", full, func(_ http.ResponseWriter, r *http.Request) {
			instrument.FromContext(r.Context()).SetAction(activity.ActionDelete, "")
		}, 503, "the activity could not"},
		"it failed anyhow": {"POST", full, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusConflict) }, 503, "the activity could not"},
		"large":            {"POST", stored, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, large) }, 200, "xxx"},
		"large, full": {"POST", full, func(w http.ResponseWriter, _ *http.Request) {
			if _, err := io.Copy(w, strings.NewReader(large)); !errors.Is(err, instrument.ErrNotStored) {
				t.Errorf("the handler got %v", err)
			}
		}, 503, "the activity could not"},
		"flushed": {"POST", stored, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "a")
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, "b")
		}, 200, "ab"},
		"flushed, full": {"POST", full, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "a")
			if err := http.NewResponseController(w).Flush(); !errors.Is(err, instrument.ErrNotStored) {
				t.Errorf("the handler got %v", err)
			}
			_, _ = io.WriteString(w, "b")
		}, 503, "the activity could not"},
		"flushed, another type": {"PUT", full, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a"); w.(http.Flusher).Flush() }, 200, "a"},
		"skipped":               {"POST", full, func(_ http.ResponseWriter, r *http.Request) { instrument.FromContext(r.Context()).Skip() }, 200, ""},
		"early hints":           {"POST", stored, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusEarlyHints); w.WriteHeader(202) }, 202, ""},
		"a header of the handler": {"POST", full, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Length", "3")
			_, _ = io.WriteString(w, "abc")
		}, 503, "the activity could not"},
	} {
		t.Run(name, func(t *testing.T) {
			srv, rec := strict(t, tt.give, tt.handler)
			res, text, err := ask(t, srv, tt.method)
			if err != nil || res.StatusCode != tt.code || !strings.HasPrefix(text, tt.body) {
				t.Errorf("answered %d %.40q, %v; want %d %q", res.StatusCode, text, err, tt.code, tt.body)
			}
			if tt.code == 503 && res.Header.Get("Content-Encoding") != "" {
				t.Error("a header of the response that was refused is left")
			}
			rec.mu.Lock()
			defer rec.mu.Unlock()
			if want := 1; name != "skipped" && len(rec.records) != want {
				t.Errorf("%d records, want %d", len(rec.records), want)
			}
		})
	}
	if got := reported.text(); !strings.Contains(got, "the disk is full") || !strings.Contains(got, "no spool on disk") {
		t.Errorf("reported: %s", got)
	}
}

// TestStrictComesFirst checks that no byte of a response leaves before the record is on disk.
func TestStrictComesFirst(t *testing.T) {
	for name, flush := range map[string]bool{"at the end": false, "flushed": true} {
		t.Run(name, func(t *testing.T) {
			release := make(chan struct{})
			srv, rec := strict(t, stored, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(201)
				_, _ = io.WriteString(w, "made")
				if flush {
					w.(http.Flusher).Flush()
				}
			})
			rec.before = func() { <-release }
			first := make(chan byte, 1)
			go func() {
				res, err := srv.Client().Post(srv.URL+"/articles", "", nil)
				if err != nil {
					t.Error(err)
					return
				}
				defer func() { _ = res.Body.Close() }()
				b, err := bufio.NewReader(res.Body).ReadByte()
				if err != nil {
					t.Error(err)
				}
				first <- b
			}()
			select {
			case <-first:
				t.Error("the client has the response before the record is on disk")
			case <-time.After(50 * time.Millisecond):
			}
			close(release)
			if got := <-first; got != 'm' {
				t.Errorf("got %c", got)
			}
		})
	}
}

// TestStrictRecordNow is about another goroutine that is recording the activity when the handler
// returns.
func TestStrictRecordNow(t *testing.T) {
	for name, flush := range map[string]bool{"at the end": false, "flushed": true} {
		t.Run(name, func(t *testing.T) {
			collectErrors(t)
			begun := make(chan struct{})
			srv, rec := strict(t, full, func(w http.ResponseWriter, r *http.Request) {
				current := instrument.FromContext(r.Context())
				go current.RecordNow()
				<-begun
				_, _ = io.WriteString(w, "made")
				if flush {
					w.(http.Flusher).Flush()
				}
			})
			rec.before = func() { close(begun); time.Sleep(20 * time.Millisecond) }
			if res, text, err := ask(t, srv, http.MethodPost); res.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("answered %d %q, %v", res.StatusCode, text, err)
			}
		})
	}
}

// TestStrictHeader checks that the header is as it was when the handler sent it, and that the
// trailers are those of the end.
func TestStrictHeader(t *testing.T) {
	for name, send := range map[string]func(http.ResponseWriter){
		"by WriteHeader": func(w http.ResponseWriter) { w.WriteHeader(http.StatusCreated) },
		"by both":        func(w http.ResponseWriter) { _, _ = io.WriteString(w, "made"); w.WriteHeader(http.StatusConflict) },
		"by Write":       func(w http.ResponseWriter) { _, _ = io.WriteString(w, "made") },
	} {
		t.Run(name, func(t *testing.T) {
			srv, _ := strict(t, stored, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Trailer", "X-Sum")
				w.Header().Set("X-Title", "first")
				w.WriteHeader(http.StatusEarlyHints)
				w.Header().Set("X-Ready", "yes")
				send(w)
				w.Header().Set("X-Title", "second")
				w.Header().Set("X-Late", "yes")
				_, _ = io.WriteString(w, "more")
				w.Header().Set("X-Sum", "7")
				w.Header().Set(http.TrailerPrefix+"X-More", "8")
			})
			res, _, err := ask(t, srv, http.MethodPost)
			if err != nil {
				t.Fatal(err)
			}
			for _, tt := range []struct {
				header    http.Header
				key, want string
			}{
				{res.Header, "X-Title", "first"},
				{res.Header, "X-Ready", "yes"},
				{res.Header, "X-Late", ""},
				{res.Header, "X-Sum", ""},
				{res.Trailer, "X-Sum", "7"},
				{res.Trailer, "X-More", "8"},
			} {
				if got := tt.header.Get(tt.key); got != tt.want {
					t.Errorf("%s: %q, want %q", tt.key, got, tt.want)
				}
			}
		})
	}
}

// TestStrictPanic checks that a handler that panics ends the connection, as without us.
func TestStrictPanic(t *testing.T) {
	srv, rec := strict(t, stored, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "made")
		panic(http.ErrAbortHandler)
	})
	res, err := srv.Client().Post(srv.URL+"/articles", "", nil)
	if err == nil {
		_ = res.Body.Close()
		t.Errorf("answered %d", res.StatusCode)
	}
	check(t, rec.one(), map[string]string{activity.StatusKey: "Failed", activity.ErrorTypeKey: "client_abort"})
}

// TestStrictMetric checks that requests that were refused are counted.
func TestStrictMetric(t *testing.T) {
	collectErrors(t)
	reader := sdkmetric.NewManualReader()
	before := otel.GetMeterProvider()
	otel.SetMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	t.Cleanup(func() { otel.SetMeterProvider(before) })
	srv, _ := strict(t, full, func(http.ResponseWriter, *http.Request) {})
	for range 3 {
		request(t, srv, "POST", "/articles")
	}
	var got metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	for _, scope := range got.ScopeMetrics {
		for _, m := range scope.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[int64]); ok && m.Name == "activity.strict.refused" && sum.DataPoints[0].Value == 3 {
				return
			}
		}
	}
	t.Errorf("the metric is not 3: %v", got)
}

// TestStrictCall is about calls of an adapter, which can refuse them.
func TestStrictCall(t *testing.T) {
	collectErrors(t)
	for give, want := range map[bool]bool{true: false, false: true} {
		rec, _ := newRecorded(t)
		s := &slot{recorded: rec, give: full}
		if give {
			s.give = stored
		}
		lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(s))
		tracker := instrument.NewTracker(instrument.WithLoggerProvider(lp), instrument.WithAnonymous(), instrument.WithStrict(activity.ActionCreate))
		_, call := tracker.StartProcedure(t.Context(), instrument.Procedure{Name: "CreateTag"})
		call.End(instrument.Answer{})
		if got := errors.Is(call.Err(), instrument.ErrNotStored); got != want {
			t.Errorf("stored %v: error %v", give, call.Err())
		}
		_ = lp.Shutdown(t.Context())
	}
	if err := (instrument.Call{}).Err(); err != nil {
		t.Errorf("a call that is not tracked: %v", err)
	}
}
