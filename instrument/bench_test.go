package instrument_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	lognoop "go.opentelemetry.io/otel/log/noop"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// The benchmarks serve the same request with the same handler, behind the same
// authentication: otelhttp alone, otelhttp with this package, otelhttp with the bare SDK calls
// for the same attributes and record, and this package with a filter that leaves the request out.

func BenchmarkOTelHTTP(b *testing.B)  { benchmark(b, wrapOTelHTTP) }
func BenchmarkActivity(b *testing.B)  { benchmark(b, wrapActivity) }
func BenchmarkFloor(b *testing.B)     { benchmark(b, wrapFloor) }
func BenchmarkUntracked(b *testing.B) { benchmark(b, wrapUntracked) }

// BenchmarkRatio interleaves them in short rounds, since the speed of a shared machine changes
// while they run, and compares the fastest round of each, with 1 and 8 goroutines.
// "request-ratio" is a whole request, Activity / Floor; "added-ratio" is what is added to
// otelhttp, (Activity - OTelHTTP) / (Floor - OTelHTTP); "untracked-ratio" is Untracked /
// OTelHTTP. "added-µs" is what is added to otelhttp, in µs for a request; with 1 goroutine only,
// since with 8 a request waits for others.
func BenchmarkRatio(b *testing.B) {
	for _, goroutines := range []int{1, 8} {
		b.Run(strconv.Itoa(goroutines), func(b *testing.B) { ratio(b, goroutines) })
	}
}

func ratio(b *testing.B, goroutines int) {
	const requests = 2000
	wrappers := [...]wrapper{wrapOTelHTTP, wrapActivity, wrapFloor, wrapUntracked}
	var serve [len(wrappers)]func()
	var best [len(wrappers)]time.Duration
	for i, wrap := range wrappers {
		serve[i] = server(b, wrap)
	}
	for b.Loop() {
		for i := range serve {
			start := time.Now()
			var wg sync.WaitGroup
			for range goroutines {
				wg.Go(func() {
					for range requests / goroutines {
						serve[i]()
					}
				})
			}
			wg.Wait()
			if took := time.Since(start); best[i] == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	otelHTTP, ours, floor := best[0].Seconds(), best[1].Seconds(), best[2].Seconds()
	b.ReportMetric(ours/floor, "request-ratio")
	b.ReportMetric((ours-otelHTTP)/(floor-otelHTTP), "added-ratio")
	b.ReportMetric(best[3].Seconds()/otelHTTP, "untracked-ratio")
	if goroutines == 1 {
		b.ReportMetric((ours-otelHTTP)*1e6/requests, "added-µs")
	}
	b.ReportMetric(0, "ns/op")
}

// TestNobodyListens checks that nothing is built if neither the span nor a log processor takes
// the activity.
func TestNobodyListens(t *testing.T) {
	asked := 0
	h := instrument.NewHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), "test",
		instrument.WithTracerProvider(tracenoop.NewTracerProvider()), instrument.WithLoggerProvider(lognoop.NewLoggerProvider()),
		instrument.WithActor(func(*http.Request) activity.Actor { asked++; return activity.Actor{ID: "42"} }),
		instrument.WithRemarksFunc(func(*http.Request, *activity.Activity) string { asked++; return "" }))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/articles", nil))
	if asked != 0 {
		t.Errorf("the functions of the service were called %d times", asked)
	}
}

// TestAllocations bounds what the package adds to a request: to the bare SDK calls 4
// allocations, and to otelhttp 1 where it records nothing.
func TestAllocations(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates, too; make test runs this without it")
	}
	count := func(wrap wrapper) float64 {
		serve := server(t, wrap)
		least := testing.AllocsPerRun(200, serve)
		for range 9 { // others allocate too: the SDK's goroutines, and pools after a collection
			least = min(least, testing.AllocsPerRun(200, serve))
		}
		return least
	}
	otelHTTP := count(wrapOTelHTTP)
	if ours, floor := count(wrapActivity), count(wrapFloor); ours > floor+4 {
		t.Errorf("%v allocations a request, by hand %v: at most 4 more", ours, floor)
	}
	if untracked := count(wrapUntracked); untracked > otelHTTP+1 {
		t.Errorf("%v allocations for a request that is not tracked, otelhttp alone %v: at most 1 more", untracked, otelHTTP)
	}
}

func wrapOTelHTTP(h http.Handler, tp trace.TracerProvider, _ log.LoggerProvider) http.Handler {
	return otelhttp.NewHandler(benchAuthenticate(h), "bench", otelhttp.WithTracerProvider(tp))
}

func wrapActivity(h http.Handler, tp trace.TracerProvider, lp log.LoggerProvider) http.Handler {
	return wrapWith(h, tp, lp)
}

func wrapUntracked(h http.Handler, tp trace.TracerProvider, lp log.LoggerProvider) http.Handler {
	return wrapWith(h, tp, lp, instrument.WithFilter(func(*http.Request) bool { return false }))
}

func wrapWith(h http.Handler, tp trace.TracerProvider, lp log.LoggerProvider, opts ...instrument.Option) http.Handler {
	return instrument.NewHandler(benchAuthenticate(instrument.CaptureRoute(h)), "bench", append(opts,
		instrument.WithTracerProvider(tp),
		instrument.WithLoggerProvider(lp),
		instrument.WithActor(func(r *http.Request) activity.Actor {
			user, _ := r.Context().Value(benchKey{}).(*benchUser)
			return activity.Actor{ID: user.id, Name: user.name}
		}))...)
}

type (
	benchKey  struct{}
	benchUser struct{ id, name string }
)

// benchAuthenticate puts the user into the context of the request, as a service does.
func benchAuthenticate(next http.Handler) http.Handler {
	user := &benchUser{"42", "alice"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := r.WithContext(context.WithValue(r.Context(), benchKey{}, user))
		next.ServeHTTP(w, inner)
		r.Pattern = inner.Pattern // otelhttp names the span by it; NewHandler passes it on as well
	})
}

// wrapFloor does by hand, with constants, what wrapActivity records: TestFloor.
func wrapFloor(h http.Handler, tp trace.TracerProvider, lp log.LoggerProvider) http.Handler {
	logger := lp.Logger("bench")
	h = benchAuthenticate(h)
	return otelhttp.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		attrs := append(make([]attribute.KeyValue, 0, 13),
			attribute.String(activity.IDKey, activity.NewID().String()),
			attribute.String(activity.ActionTypeKey, "Read"),
			attribute.String(activity.StatusKey, "Success"),
			attribute.String(activity.SourceKey, "declared"),
			attribute.String(activity.ActionNameKey, "GET /articles/{id}"),
			attribute.String(activity.ActorIDKey, "42"),
			attribute.String(activity.ActorTypeKey, "user"),
			attribute.String(activity.ActorNameKey, "alice"),
			attribute.String(activity.ObjectTypeKey, "article"),
			attribute.String(activity.ObjectIDKey, "17"),
			attribute.String(activity.ClientAddressKey, "192.0.2.1"),
			attribute.String(activity.UserAgentKey, r.UserAgent()),
		)
		const remarks = "alice read article 17"
		trace.SpanFromContext(r.Context()).SetAttributes(
			append(attrs, attribute.String(activity.RemarksKey, remarks))...)
		var rec log.Record
		rec.SetEventName(activity.EventName)
		rec.SetTimestamp(time.Now())
		rec.SetSeverity(log.SeverityInfo)
		rec.SetSeverityText("INFO")
		rec.SetBody(attribute.StringValue(remarks))
		rec.AddAttributes(attrs...)
		logger.Emit(r.Context(), rec)
	}), "bench", otelhttp.WithTracerProvider(tp))
}

type wrapper func(http.Handler, trace.TracerProvider, log.LoggerProvider) http.Handler

func benchmark(b *testing.B, wrap wrapper) {
	serve := server(b, wrap)
	b.ReportAllocs()
	for b.Loop() {
		serve()
	}
}

// server returns a function that serves one request.
func server(b testing.TB, wrap wrapper) func() {
	tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(discardSpans{}))
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(discardRecords{})))
	b.Cleanup(func() {
		_ = tp.Shutdown(context.Background())
		_ = lp.Shutdown(context.Background())
	})
	return serverWith(wrap, tp, lp)
}

func serverWith(wrap wrapper, tp trace.TracerProvider, lp log.LoggerProvider) func() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /articles/{id}", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
	})
	h := wrap(mux, tp, lp)
	r := httptest.NewRequest(http.MethodGet, "/articles/17", nil)
	r.Header.Set("User-Agent", "bench/1.0")
	return func() {
		own := *r // a server has one for each request
		h.ServeHTTP(&discardResponse{header: http.Header{}}, &own)
	}
}

type discardResponse struct{ header http.Header }

func (w *discardResponse) Header() http.Header         { return w.header }
func (w *discardResponse) Write(b []byte) (int, error) { return len(b), nil }
func (w *discardResponse) WriteHeader(int)             {}

type discardSpans struct{}

func (discardSpans) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (discardSpans) Shutdown(context.Context) error                             { return nil }

type discardRecords struct{}

func (discardRecords) Export(context.Context, []sdklog.Record) error { return nil }
func (discardRecords) Shutdown(context.Context) error                { return nil }
func (discardRecords) ForceFlush(context.Context) error              { return nil }
