package spool

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/seglog/seglogtest"
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

// BenchmarkMemory compares emitting by the spool in memory with the SDK's
// BatchProcessor, in turns of 1,000 records.
func BenchmarkMemory(b *testing.B) {
	s, err := New(nowhere{}, WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		b.Fatal(err)
	}
	compareTimes(b, emitter(b, s), emitter(b, sdklog.NewBatchProcessor(nowhere{})))
}

func emitter(b *testing.B, p sdklog.Processor) func() time.Duration {
	b.Helper()
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(p))
	b.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	logger, r := provider.Logger("bench"), usual()
	return func() time.Duration {
		start := time.Now()
		for range 1000 {
			logger.Emit(context.Background(), r)
		}
		took := time.Since(start)
		_ = provider.ForceFlush(context.Background())
		return took
	}
}

// compareTimes runs two things in turns, and reports the median of the times of
// the first as parts of those of the second.
func compareTimes(b *testing.B, ours, theirs func() time.Duration) {
	b.Helper()
	ours()
	theirs()
	var ratios []float64
	var sum time.Duration
	for b.Loop() {
		their := theirs()
		our := ours()
		sum += our
		ratios = append(ratios, float64(our)/float64(their))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "time-ratio")
	b.ReportMetric(1/ratios[len(ratios)/2], "speed-ratio")
	b.ReportMetric(float64(sum.Microseconds())/float64(len(ratios))/1000, "ours-ms")
}

const (
	writers   = 64
	perWriter = 50
)

// BenchmarkDisk64 compares 64 requests at a time, each of which waits for the
// disk, with the same bytes written and synced by whoever comes first for all
// who came meanwhile. The spool also reads and sends what was written. The
// record is made before: that is the SDK's work, whatever processor it has.
func BenchmarkDisk64(b *testing.B) {
	s, err := New(nowhere{}, WithDir(b.TempDir()), WithMaxBytes(4<<30), WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Shutdown(context.Background()) //nolint:errcheck // nothing is to be kept
	rec := made(context.Background(), usual())
	payload := encode(nil, &rec)
	groups := seglogtest.NewRawGroups(b)
	compareTimes(b,
		concurrently(b, func() error { return s.OnEmit(context.Background(), &rec) }),
		concurrently(b, func() error { return groups.Append(payload) }))
}

func concurrently(b *testing.B, one func() error) func() time.Duration {
	return func() time.Duration {
		start := time.Now()
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for range perWriter {
					if err := one(); err != nil {
						b.Error(err)
					}
				}
			})
		}
		wg.Wait()
		return time.Since(start)
	}
}
