package instrument_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

func TestMethodsAndStatuses(t *testing.T) {
	for _, tt := range []struct {
		method string
		code   int
		want   string // action type, "" untracked
		status string
	}{
		{"GET", 200, "Read", "Success"},
		{"HEAD", 304, "Read", "Success"},
		{"POST", 201, "Create", "Success"},
		{"PUT", 399, "Update", "Success"},
		{"PATCH", 400, "Update", "Failed"},
		{"DELETE", 404, "Delete", "Failed"},
		{"GET", 500, "Read", "Failed"},
		{"OPTIONS", 200, "", ""},
		{"get", 200, "", ""},
	} {
		t.Run(tt.method, func(t *testing.T) {
			rec, opts := newRecorded(t)
			opts = append(opts, instrument.WithActor(asAlice))
			serve(instrument.NewHandler(answer(tt.code), "test", opts...), tt.method, "/x")
			if tt.want == "" {
				rec.none()
				return
			}
			got := rec.one()
			check(t, got, map[string]string{
				activity.ActionTypeKey: tt.want,
				activity.StatusKey:     tt.status,
				activity.ActionNameKey: tt.method + " /x",
			})
			if failed := tt.status == "Failed"; failed != (got[activity.ErrorTypeKey] != "") {
				t.Errorf("error.type = %q with status %s", got[activity.ErrorTypeKey], tt.status)
			}
			wantSeverity := log.SeverityInfo
			if tt.status == "Failed" {
				wantSeverity = log.SeverityWarn
			}
			if s := rec.records[0].Severity(); s != wantSeverity {
				t.Errorf("severity = %v, want %v", s, wantSeverity)
			}
		})
	}
}

func TestActionTypes(t *testing.T) {
	types := map[string]activity.ActionType{"GET": "", "PURGE": "Purge"}
	for method, want := range map[string]string{"GET": "", "PURGE": "Purge", "POST": "Create"} {
		rec, opts := newRecorded(t)
		opts = append(opts, instrument.WithActor(asAlice), instrument.WithActionTypes(types))
		serve(instrument.NewHandler(answer(200), "test", opts...), method, "/x")
		if want == "" {
			rec.none()
			continue
		}
		check(t, rec.one(), map[string]string{activity.ActionTypeKey: want})
	}
}

// Span and log record of one activity have the same id, the same time and the
// same attributes.
func TestSpanAndRecordAgree(t *testing.T) {
	rec, opts := newRecorded(t)
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /api/articles/{id}", func(_ http.ResponseWriter, r *http.Request) {
		c := instrument.FromContext(r.Context())
		c.SetActor(alice)
		c.SetObject(activity.Object{Name: "Hello"})
		c.SetChange("title", "old", "new")
		c.SetSession("s1")
	})
	before := time.Now().Truncate(time.Microsecond)
	server := httptest.NewServer(instrument.NewHandler(mux, "test", opts...))
	defer server.Close()
	request(t, server, "PUT", "/api/articles/17?token=secret", "X-Forwarded-For", "6.6.6.6")

	span := waitForSpan(t, rec)
	got, record := rec.one(), &rec.records[0]
	if onSpan := spanMap(span); !maps.Equal(onSpan, got) {
		t.Errorf("span   %v\nrecord %v", onSpan, got)
	}
	check(t, got, map[string]string{
		activity.ActorIDKey:        "42",
		activity.ActorTypeKey:      "user",
		activity.ActorNameKey:      "alice",
		activity.ImpersonatorIDKey: "7",
		activity.TenantIDKey:       "acme",
		activity.ActionTypeKey:     "Update",
		activity.ActionNameKey:     "PUT /api/articles/{id}",
		activity.StatusKey:         "Success",
		activity.ObjectTypeKey:     "article",
		activity.ObjectIDKey:       "17",
		activity.ObjectNameKey:     "Hello",
		activity.SessionIDKey:      "s1",
		activity.ClientAddressKey:  "127.0.0.1", // not the forged one
		activity.UserAgentKey:      "Go-http-client/1.1",
		activity.SourceKey:         "declared",
		activity.RemarksKey:        "alice updated article 17",
		activity.DataKey:           `{"changes":{"title":["old","new"]}}`,
	})
	id, err := activity.ParseID(got[activity.IDKey])
	if err != nil {
		t.Fatal(err)
	}
	if !record.Timestamp().Equal(id.Time()) || id.Time().Before(before) || id.Time().After(span.EndTime()) {
		t.Errorf("timestamp %v, time of the id %v, span ended %v", record.Timestamp(), id.Time(), span.EndTime())
	}
	if record.TraceID() != span.SpanContext().TraceID() || record.SpanID() != span.SpanContext().SpanID() {
		t.Error("the record is not of the request's span")
	}
	if record.EventName() != activity.EventName || record.InstrumentationScope().Name != instrument.ScopeName {
		t.Errorf("event %q of scope %q", record.EventName(), record.InstrumentationScope().Name)
	}
	if span.Name() != "PUT /api/articles/{id}" {
		t.Errorf("span name %q: otelhttp does not see the route", span.Name())
	}
}

func TestTrustedProxies(t *testing.T) {
	proxy := netip.MustParsePrefix("192.0.2.0/24") // of httptest's requests
	for name, want := range map[string]string{"trusted": "198.51.100.7", "default": "192.0.2.1"} {
		rec, opts := newRecorded(t)
		opts = append(opts, instrument.WithActor(asAlice))
		if name == "trusted" {
			opts = append(opts, instrument.WithTrustedProxies(proxy))
		}
		h := instrument.NewHandler(answer(200), "test", opts...)
		r := httptest.NewRequest("GET", "/x", nil)
		r.Header.Set("X-Forwarded-For", "6.6.6.6, 198.51.100.7")
		h.ServeHTTP(httptest.NewRecorder(), r)
		check(t, rec.one(), map[string]string{activity.ClientAddressKey: want})
		check(t, spanMap(rec.spans.Ended()[0]), map[string]string{activity.ClientAddressKey: want})
	}
}

// An address that otelhttp took from a forged header does not stay on the
// span, even if the client's own is unknown.
func TestUnknownAddressIsNotForged(t *testing.T) {
	rec, opts := newRecorded(t)
	h := instrument.NewHandler(answer(200), "test", append(opts, instrument.WithActor(asAlice))...)
	r := httptest.NewRequest("GET", "/x", nil)
	r.RemoteAddr = "@" // a Unix domain socket
	r.Header.Set("X-Forwarded-For", "6.6.6.6")
	h.ServeHTTP(httptest.NewRecorder(), r)
	check(t, spanMap(rec.spans.Ended()[0]), map[string]string{activity.ClientAddressKey: ""})
	check(t, rec.one(), map[string]string{activity.ClientAddressKey: ""})
}

func TestAnonymous(t *testing.T) {
	nobody := func(*http.Request) activity.Actor { return activity.Actor{} }
	for _, tt := range []struct {
		name string
		code int
		opt  instrument.Option
		want bool
	}{
		{"default", 200, instrument.WithActor(nobody), false},
		{"default refused", 401, instrument.WithActor(nobody), false},
		{"anonymous", 200, instrument.WithAnonymous(), true},
		{"failures, success", 200, instrument.WithAnonymousFailures(), false},
		{"failures, 401", 401, instrument.WithAnonymousFailures(), true},
		{"failures, 403", 403, instrument.WithAnonymousFailures(), true},
		{"failures, 404", 404, instrument.WithAnonymousFailures(), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			serve(instrument.NewHandler(answer(tt.code), "test", append(opts, tt.opt)...), "GET", "/x")
			if !tt.want {
				rec.none()
				// No collector is to derive what the service does not track.
				check(t, spanMap(rec.spans.Ended()[0]), map[string]string{activity.SkippedKey: "true"})
				return
			}
			check(t, rec.one(), map[string]string{
				activity.ActorTypeKey: "anonymous",
				activity.ActorIDKey:   "",
			})
		})
	}
}

func TestFilterSkipDisabled(t *testing.T) {
	skip := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		instrument.FromContext(r.Context()).Skip()
	})
	login := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := instrument.FromContext(r.Context())
		c.SetData("k", 1)
		if c.ID().IsZero() {
			w.WriteHeader(http.StatusTeapot)
		}
		instrument.RecordLogin(r.Context(), alice)
	})
	for _, tt := range []struct {
		name    string
		handler http.Handler
		opt     instrument.Option
		skipped string
	}{
		{"filter", answer(200), instrument.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/x" }), "true"},
		{"skip", skip, instrument.WithAnonymous(), "true"},
		{"disabled", login, instrument.WithDisabled(), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			opts = append(opts, instrument.WithActor(asAlice), tt.opt)
			if w := serve(instrument.NewHandler(tt.handler, "test", opts...), "GET", "/x"); w.Code != 200 {
				t.Errorf("code %d", w.Code)
			}
			rec.none()
			check(t, spanMap(rec.spans.Ended()[0]), map[string]string{activity.SkippedKey: tt.skipped})
		})
	}
}

// A middleware within a middleware, under an otelhttp handler of the service's
// own: still one activity.
func TestNestedRecordsOnce(t *testing.T) {
	rec, opts := newRecorded(t)
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec.spans))
	defer func() { _ = tp.Shutdown(context.Background()) }()
	mw := instrument.NewMiddleware(append(opts, instrument.WithActor(asAlice))...)
	mux := http.NewServeMux()
	mux.Handle("GET /articles/{id}", mw(answer(200)))
	h := otelhttp.NewHandler(mw(mux), "outer", otelhttp.WithTracerProvider(tp))
	serve(h, "GET", "/articles/17")
	got := rec.one()
	check(t, got, map[string]string{activity.ObjectIDKey: "17"})
	check(t, spanMap(rec.spans.Ended()[0]), got)
}

func TestMiddlewareWithoutSpan(t *testing.T) {
	rec, opts := newRecorded(t)
	mw := instrument.NewMiddleware(append(opts, instrument.WithActor(asAlice))...)
	serve(mw(answer(200)), "GET", "/x")
	check(t, rec.one(), map[string]string{activity.ActorIDKey: "42"})
}

func TestCancelledRequestIsRecorded(t *testing.T) {
	rec, opts := newRecorded(t)
	ctx, cancel := context.WithCancel(context.Background())
	h := instrument.NewHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() }),
		"test", append(opts, instrument.WithActor(asAlice))...)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "POST", "/x", nil))
	rec.one()
	if err := rec.contextErrs[0]; err != nil {
		t.Errorf("the record's context: %v", err)
	}
}

type customPanic struct{}

func TestPanics(t *testing.T) {
	for _, tt := range []struct {
		value any
		write bool
		want  string
	}{
		{"boom", false, "panic"},
		{errors.New("boom"), true, "*errors.errorString"},
		{customPanic{}, false, "instrument_test.customPanic"},
		{http.ErrAbortHandler, false, "client_abort"},
	} {
		rec, opts := newRecorded(t)
		h := instrument.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			instrument.FromContext(r.Context()).SetStatus(activity.StatusSuccess)
			if tt.write {
				w.WriteHeader(200)
			}
			panic(tt.value)
		}), "test", append(opts, instrument.WithActor(asAlice))...)
		func() {
			defer func() {
				if v := recover(); v != tt.value {
					t.Errorf("panic went on as %v, want %v", v, tt.value)
				}
			}()
			serve(h, "GET", "/x")
		}()
		check(t, rec.one(), map[string]string{activity.StatusKey: "Failed", activity.ErrorTypeKey: tt.want})
		check(t, spanMap(rec.spans.Ended()[0]), rec.one())
	}
}

// A panic in WithActor does not replace the handler's.
func TestPanicKeepsItsValue(t *testing.T) {
	_, opts := newRecorded(t)
	opts = append(opts, instrument.WithActor(func(*http.Request) activity.Actor { panic("second") }))
	h := instrument.NewHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("first") }), "test", opts...)
	defer func() {
		if v := recover(); v != "first" {
			t.Errorf("recovered %v", v)
		}
	}()
	serve(h, "GET", "/x")
}

// runtime.Goexit, as t.FailNow calls it in a handler, is a failure as well.
func TestGoexit(t *testing.T) {
	rec, opts := newRecorded(t)
	h := instrument.NewHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { runtime.Goexit() }),
		"test", append(opts, instrument.WithActor(asAlice))...)
	done := make(chan struct{})
	go func() {
		defer close(done)
		serve(h, "GET", "/x")
		t.Error("Goexit was stopped")
	}()
	<-done
	check(t, rec.one(), map[string]string{activity.StatusKey: "Failed", activity.ErrorTypeKey: "panic"})
}

// What is not UTF-8 in path and headers does not get into the record.
func TestInvalidUTF8(t *testing.T) {
	rec, opts := newRecorded(t)
	h := instrument.NewHandler(answer(200), "test", append(opts, instrument.WithActor(asAlice))...)
	r := httptest.NewRequest("GET", "/x%ff", nil)
	r.Header.Set("User-Agent", "a\xffb")
	h.ServeHTTP(httptest.NewRecorder(), r)
	check(t, rec.one(), map[string]string{
		activity.UserAgentKey:  "a\uFFFDb",
		activity.ActionNameKey: "GET /x\uFFFD",
		activity.RemarksKey:    "alice: Read",
	})
}

func request(t *testing.T, server *httptest.Server, method, path string, header ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp
}

// waitForSpan returns the one span, which ends after the client has its answer.
func waitForSpan(t *testing.T, rec *recorded) sdktrace.ReadOnlySpan {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if spans := rec.spans.Ended(); len(spans) == 1 {
			return spans[0]
		}
	}
	t.Fatal("no span ended")
	return nil
}
