package spool

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/otelactivity/activitylog/activity"
)

// nowhere is an exporter that takes everything.
type nowhere struct{}

func (nowhere) Export(context.Context, []sdklog.Record) error { return nil }
func (nowhere) Shutdown(context.Context) error                { return nil }
func (nowhere) ForceFlush(context.Context) error              { return nil }

// usual is an activity as package instrument records it.
func usual() log.Record {
	var r log.Record
	r.SetEventName(activity.EventName)
	r.SetTimestamp(time.Now())
	r.SetSeverity(log.SeverityInfo)
	r.SetSeverityText("INFO")
	r.SetBody(attribute.StringValue("alice read the article 17"))
	r.AddAttributes(
		attribute.String(activity.IDKey, activity.NewID().String()),
		attribute.String(activity.ActionTypeKey, "Read"), attribute.String(activity.StatusKey, "Success"),
		attribute.String(activity.SourceKey, "declared"), attribute.String(activity.ActionNameKey, "GET /articles/{id}"),
		attribute.String(activity.ActorIDKey, "17"), attribute.String(activity.ActorTypeKey, "user"),
		attribute.String(activity.ActorNameKey, "alice"), attribute.String(activity.ObjectTypeKey, "article"),
		attribute.String(activity.ObjectIDKey, "17"), attribute.String(activity.ClientAddressKey, "192.0.2.1"),
		attribute.String(activity.UserAgentKey, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"),
		attribute.Map(activity.DataKey, attribute.String("title", "On benchmarks"), attribute.Int("words", 1200)))
	return r
}

func benchmarkEmit(b *testing.B, p sdklog.Processor) {
	b.Helper()
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(p))
	defer provider.Shutdown(context.Background()) //nolint:errcheck // what is left is dropped
	logger := provider.Logger("bench")
	r := usual()
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		logger.Emit(context.Background(), r)
	}
	b.StopTimer()
}

// BenchmarkEmitBatchProcessor is what BenchmarkEmitMemory is compared with.
func BenchmarkEmitBatchProcessor(b *testing.B) {
	benchmarkEmit(b, sdklog.NewBatchProcessor(nowhere{}))
}

func BenchmarkEmitMemory(b *testing.B) {
	s, err := New(nowhere{}, WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		b.Fatal(err)
	}
	benchmarkEmit(b, s)
}

const benchWriters = 64

// BenchmarkEmitDisk64 is 64 requests at a time, each of which waits for the
// disk, while the spool reads and sends what they wrote. The record is made
// before: that is the SDK's work, whatever processor it has.
func BenchmarkEmitDisk64(b *testing.B) {
	s, err := New(nowhere{}, WithDir(b.TempDir()), WithMaxBytes(4<<30), WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Shutdown(context.Background()) //nolint:errcheck // what is left stays on disk
	rec := made(context.Background(), usual())
	benchmarkWriters(b, func() error { return s.OnEmit(context.Background(), &rec) })
}

// BenchmarkRawGroups64 is what BenchmarkEmitDisk64 is compared with: the same
// bytes, written and synced by whoever comes first for all who came meanwhile.
func BenchmarkRawGroups64(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	rec := made(context.Background(), usual())
	payload := encode(nil, &rec)
	groups := &rawGroups{f: f}
	benchmarkWriters(b, func() error { return groups.append(payload) })
}

func benchmarkWriters(b *testing.B, one func() error) {
	b.Helper()
	work := make(chan struct{}, benchWriters)
	var wg sync.WaitGroup
	b.ResetTimer()
	for range benchWriters {
		wg.Go(func() {
			for range work {
				if err := one(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

type rawGroups struct {
	f    *os.File
	mu   sync.Mutex
	next *rawGroup
	busy bool
}

type rawGroup struct {
	buf  []byte
	done chan struct{}
	err  error
}

func (r *rawGroups) append(p []byte) error {
	r.mu.Lock()
	if r.next == nil {
		r.next = &rawGroup{done: make(chan struct{})}
	}
	g := r.next
	g.buf = append(g.buf, p...)
	leads := !r.busy
	r.busy = true
	r.mu.Unlock()
	if leads {
		r.lead()
	}
	<-g.done
	return g.err
}

func (r *rawGroups) lead() {
	r.mu.Lock()
	g := r.next
	r.next = nil
	r.mu.Unlock()
	if _, g.err = r.f.Write(g.buf); g.err == nil {
		g.err = r.f.Sync()
	}
	close(g.done)
	r.mu.Lock()
	more := r.next != nil
	r.busy = more
	r.mu.Unlock()
	if more {
		go r.lead()
	}
}
