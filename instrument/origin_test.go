package instrument_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// TestOrigin is about a job that a request asks for, and that runs after it.
func TestOrigin(t *testing.T) {
	_, opts := newRecorded(t)
	var args []byte
	h := instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		instrument.FromContext(r.Context()).SetActor(carol)
		var err error
		if args, err = json.Marshal(instrument.OriginOf(r.Context())); err != nil {
			t.Error(err)
		}
	}), "shop", opts...)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/reports", nil))

	var origin instrument.Origin
	if err := json.Unmarshal(args, &origin); err != nil {
		t.Fatal(err)
	}
	spans := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)).Tracer("jobs")
	jobs, jobOpts := newRecorded(t)
	ctx, span := origin.Start(t.Context(), tracer, "report")
	instrument.NewRecorder(jobOpts...).Record(ctx, activity.Activity{ActionType: activity.ActionCreate, Object: activity.Object{Type: "report", ID: "3"}})
	span.End()
	if len(jobs.records) != 1 {
		t.Fatalf("%d records", len(jobs.records))
	}
	check(t, recordMap(&jobs.records[0]), map[string]string{activity.ActorIDKey: "9", activity.TenantIDKey: "acme", activity.ImpersonatorIDKey: "1"})
	links := spans.Ended()[0].Links()
	if len(links) != 1 || links[0].SpanContext.TraceID() == span.SpanContext().TraceID() || origin.TraceParent[3:35] != links[0].SpanContext.TraceID().String() {
		t.Errorf("links %v of trace %v, asked in %s", links, span.SpanContext().TraceID(), origin.TraceParent)
	}
	if jobs.records[0].TraceID() != span.SpanContext().TraceID() {
		t.Error("the row is not in the trace of the job")
	}
}

// TestOriginOfNobody is about a job that a service starts by itself.
func TestOriginOfNobody(t *testing.T) {
	origin := instrument.OriginOf(context.Background())
	if origin != (instrument.Origin{}) {
		t.Errorf("origin %v", origin)
	}
	spans := tracetest.NewSpanRecorder()
	ctx, span := origin.Start(t.Context(), sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)).Tracer("jobs"), "clean")
	span.End()
	if got := activity.ActorFromContext(ctx); !got.IsZero() || len(spans.Ended()[0].Links()) != 0 {
		t.Errorf("actor %v, links %v", got, spans.Ended()[0].Links())
	}
}
