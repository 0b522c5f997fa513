package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"

	"github.com/otelactivity/activitylog/activity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeExporter is an exporter whose answers a test decides.
type fakeExporter struct {
	answer func(names []string) error

	mu    sync.Mutex
	taken []string
	calls int
	ended bool
}

func (e *fakeExporter) Export(_ context.Context, records []sdklog.Record) error {
	names := make([]string, len(records))
	for i := range records {
		names[i] = records[i].Body().AsString()
	}
	e.mu.Lock()
	e.calls++
	answer := e.answer
	e.mu.Unlock()
	if answer != nil {
		if err := answer(names); err != nil {
			return err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.taken = append(e.taken, names...)
	return nil
}

func (e *fakeExporter) Shutdown(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	return nil
}
func (e *fakeExporter) ForceFlush(context.Context) error { return nil }

func (e *fakeExporter) sets(answer func([]string) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer = answer
}

func (e *fakeExporter) tries() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.calls
}

func (e *fakeExporter) names() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.taken)
}

var (
	errAway    = errors.New(`export: Post "http://localhost:4318/v1/logs": dial tcp 127.0.0.1:4318: connect: connection refused`)
	errRefused = errors.New(`failed to send logs to http://localhost:4318/v1/logs: 400 Bad Request (body: no)`)
	errUnclear = errors.New(`failed to send logs to http://localhost:4318/v1/logs: 500 Internal Server Error (body: no)`)
)

// quick makes a spool whose waits are short.
func quick(t *testing.T, e sdklog.Exporter, opts ...Option) (*Spool, log.Logger) {
	t.Helper()
	all := append([]Option{WithBatch(10, 5*time.Millisecond), WithBackoff(time.Millisecond, 5*time.Millisecond),
		WithLogger(slog.New(slog.DiscardHandler)),
		func(c *config) { c.unclearDelay = 20 * time.Millisecond }}, opts...)
	s, err := New(e, all...)
	if err != nil {
		t.Fatal(err)
	}
	p := sdklog.NewLoggerProvider(sdklog.WithProcessor(s))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		_ = p.Shutdown(ctx)
	})
	return s, p.Logger("test")
}

func emit(l log.Logger, names ...string) {
	for _, name := range names {
		var r log.Record
		r.SetEventName(activity.EventName)
		r.SetBody(attribute.StringValue(name))
		r.AddAttributes(attribute.String(activity.ActionTypeKey, "Read"))
		l.Emit(context.Background(), r)
	}
}

func names(from, to int) (out []string) {
	for i := from; i <= to; i++ {
		out = append(out, fmt.Sprint("activity ", i))
	}
	return out
}

func flush(t *testing.T, s *Spool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := s.ForceFlush(ctx); err != nil {
		t.Fatal(err)
	}
}

// modes runs a test in memory mode and in disk mode.
func modes(t *testing.T, test func(t *testing.T, opts ...Option)) {
	t.Run("memory", func(t *testing.T) { test(t) })
	t.Run("disk", func(t *testing.T) { test(t, WithDir(t.TempDir())) })
}

func TestNothingIsLostWhileTheCollectorIsAway(t *testing.T) {
	modes(t, func(t *testing.T, opts ...Option) {
		e := &fakeExporter{}
		e.sets(func([]string) error { return errAway })
		s, l := quick(t, e, opts...)
		emit(l, names(1, 95)...)
		time.Sleep(30 * time.Millisecond)
		if st := s.Stats(); st.Queued != 95 || st.Bytes == 0 || st.OldestAge < 20*time.Millisecond {
			t.Errorf("stats %+v, want 95 queued", st)
		}
		if n := e.tries(); n < 3 {
			t.Errorf("%d tries", n)
		}
		e.sets(nil)
		flush(t, s)
		if got := e.names(); !slices.Equal(got, names(1, 95)) {
			t.Errorf("got %d: %.200q", len(got), got)
		}
		if st := s.Stats(); st.Queued != 0 || st.OldestAge != 0 {
			t.Errorf("stats %+v, want none queued", st)
		}
	})
}

// A server that wants https answers 400 to everything, as does one that is no
// collector. That is not a refusal of what is sent.
// Where only bad activities are left, they go once others were taken.
// A batch that fails for a reason of its own, which the collector does not call
// a refusal, is tried again and holds nobody up.
func TestFullMemoryDropsTheNewest(t *testing.T) {
	e := &fakeExporter{}
	e.sets(func([]string) error { return errAway })
	var out bytes.Buffer
	var dropped int
	reader := metric.NewManualReader()
	meters := metric.NewMeterProvider(metric.WithReader(reader))
	s, l := quick(t, e, WithMaxBytes(20*1100), WithMeterProvider(meters),
		WithLogger(slog.New(slog.NewTextHandler(&out, nil))),
		WithDropped(func(d Drop) {
			if d.Reason != Full {
				t.Errorf("dropped: %+v", d)
			}
			dropped += d.Count
		}))
	emit(l, names(1, 100)...)
	if dropped < 75 || dropped > 85 {
		t.Fatalf("%d of 100 dropped, want about 80", dropped)
	}
	want := map[string]float64{"activity.spool.queued": float64(100 - dropped), "activity.spool.dropped": float64(dropped)}
	if got := read(t, reader); got["activity.spool.queued"] != want["activity.spool.queued"] ||
		got["activity.spool.dropped"] != want["activity.spool.dropped"] || got["activity.spool.bytes"] < 10000 || got["activity.spool.oldest_age"] <= 0 {
		t.Errorf("metrics %v, want %v", got, want)
	}
	e.sets(nil)
	flush(t, s)
	if got := e.names(); !slices.Equal(got, names(1, 100-dropped)) {
		t.Errorf("sent %q", got)
	}
	if got := read(t, reader); got["activity.spool.sent"] != float64(100-dropped) {
		t.Errorf("metrics %v", got)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	// One line at the first, and one with the rest.
	if n := strings.Count(out.String(), "activities are lost"); n != 2 ||
		!strings.Contains(out.String(), `activities are lost: 1 when the spool was full"`) || !strings.Contains(out.String(), "full=1 ") && !strings.Contains(out.String(), "full=1\n") ||
		!strings.Contains(out.String(), fmt.Sprintf("full=%d", dropped-1)) {
		t.Errorf("logged:\n%s", &out)
	}
}

func read(t *testing.T, r *metric.ManualReader) map[string]float64 {
	t.Helper()
	var rm metricdata.ResourceMetrics
	if err := r.Collect(context.Background(), &rm); err != nil {
		t.Fatal(err)
	}
	out := make(map[string]float64)
	for _, sm := range rm.ScopeMetrics {
		for _, m := range sm.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				out[m.Name] = float64(data.DataPoints[0].Value)
			case metricdata.Gauge[float64]:
				out[m.Name] = data.DataPoints[0].Value
			}
		}
	}
	return out
}

func TestOtherRecordsGoToTheNextProcessor(t *testing.T) {
	e, others := &fakeExporter{}, &fakeExporter{}
	s, l := quick(t, e, WithNext(sdklog.NewSimpleProcessor(others)))
	var plain, byAttribute log.Record
	plain.SetBody(attribute.StringValue("plain"))
	byAttribute.SetBody(attribute.StringValue("by attribute"))
	byAttribute.AddAttributes(attribute.String(activity.ActionTypeKey, "Read"))
	l.Emit(t.Context(), plain)
	l.Emit(t.Context(), byAttribute)
	emit(l, "activity")
	flush(t, s)
	if got, rest := e.names(), others.names(); !slices.Equal(got, []string{"by attribute", "activity"}) || !slices.Equal(rest, []string{"plain"}) {
		t.Errorf("spool %q, next %q", got, rest)
	}
	if err := s.Shutdown(t.Context()); err != nil || !others.ended || !e.ended {
		t.Errorf("shutdown: %v, next ended %v, exporter ended %v", err, others.ended, e.ended)
	}
}

func TestShutdownSendsUntilItsTimeIsUp(t *testing.T) {
	e := &fakeExporter{}
	e.sets(func([]string) error { return errAway })
	s, l := quick(t, e, WithBatch(10, time.Hour))
	emit(l, names(1, 25)...)
	time.AfterFunc(100*time.Millisecond, func() { e.sets(nil) })
	if err := s.Shutdown(t.Context()); err != nil || len(e.names()) != 25 {
		t.Errorf("shutdown: %v, %d sent", err, len(e.names()))
	}

	e = &fakeExporter{}
	e.sets(func([]string) error { return errAway })
	var drop Drop
	s, l = quick(t, e, WithDropped(func(d Drop) { drop = d }))
	emit(l, names(1, 25)...)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); err == nil || !strings.Contains(err.Error(), "25 activities") {
		t.Errorf("shutdown: %v, want an error with the number", err)
	}
	if drop.Reason != Shutdown || drop.Count != 25 || len(drop.Records) != 25 {
		t.Errorf("dropped: %+v", drop)
	}
}

// TestShutdownEndsWithAnExporterThatHangs: it heeds no context.
func TestShutdownEndsWithAnExporterThatHangs(t *testing.T) {
	hold := make(chan struct{})
	e := &fakeExporter{}
	e.sets(func([]string) error { <-hold; return nil })
	s, l := quick(t, e)
	emit(l, "a")
	time.Sleep(20 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	start := time.Now()
	_ = s.Shutdown(ctx)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	close(hold)
}

// When the disk takes nothing, memory does.
func TestEmitAfterShutdownIsCounted(t *testing.T) {
	drops := 0
	s, _ := quick(t, &fakeExporter{}, WithDropped(func(d Drop) { drops += d.Count }))
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	var r sdklog.Record
	r.SetEventName(activity.EventName)
	if err := s.OnEmit(t.Context(), &r); err != nil || drops != 1 {
		t.Errorf("%v, %d drops", err, drops)
	}
}

// TestDiskThatHangs: emitting waits a bounded time, and the activity is sent
// all the same, from memory.
// TestDamagedSpool: what a flipped bit makes unreadable is counted, all else is
// sent.
// Records that are sent a moment after they were emitted are not decoded, and
// none of them stays in memory.
