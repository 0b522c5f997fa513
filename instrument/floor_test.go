package instrument_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/otelactivity/activitylog/activity"
)

// TestFloor checks that the benchmarks compare the same work: what is recorded by hand is what
// this package records, but for the id.
func TestFloor(t *testing.T) {
	ours, floor := recordedBy(t, wrapActivity), recordedBy(t, wrapFloor)
	if !slices.Equal(ours, floor) {
		t.Errorf("by this package:\n%s\nby hand:\n%s", strings.Join(ours, "\n"), strings.Join(floor, "\n"))
	}
}

// recordedBy returns the texts of the one span and the one log record of a request.
func recordedBy(t *testing.T, wrap wrapper) []string {
	t.Helper()
	spans, records := tracetest.NewInMemoryExporter(), &keptRecords{}
	tp := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(records)))
	t.Cleanup(func() { _ = tp.Shutdown(context.Background()); _ = lp.Shutdown(context.Background()) })
	serverWith(wrap, tp, lp)()
	if len(spans.GetSpans()) != 1 || len(records.kept) != 1 {
		t.Fatalf("%d spans and %d records, want one of each", len(spans.GetSpans()), len(records.kept))
	}
	span, record := spans.GetSpans()[0], records.kept[0]
	texts := []string{span.Name, record.EventName(), record.Body().String(), record.SeverityText()}
	for _, attr := range span.Attributes {
		texts = append(texts, "span: "+textOf(attr))
	}
	record.WalkAttributes(func(attr attribute.KeyValue) bool {
		texts = append(texts, "record: "+textOf(attr))
		return true
	})
	slices.Sort(texts)
	return texts
}

func textOf(attr attribute.KeyValue) string {
	if attr.Key == activity.IDKey {
		return activity.IDKey
	}
	return string(attr.Key) + "=" + attr.Value.String()
}

type keptRecords struct {
	discardRecords
	kept []sdklog.Record
}

func (k *keptRecords) Export(_ context.Context, records []sdklog.Record) error {
	for _, r := range records {
		k.kept = append(k.kept, r.Clone())
	}
	return nil
}
