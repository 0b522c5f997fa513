package instrument_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

func TestRecorder(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	given := activity.NewIDAt(at)
	for _, tt := range []struct {
		name string
		act  activity.Activity
		time time.Time // zero: now
		want map[string]string
	}{
		{"defaults", activity.Activity{ActionType: activity.ActionDelete, Object: activity.Object{Type: "draft", ID: "3"}}, time.Time{},
			map[string]string{activity.StatusKey: "Success", activity.RemarksKey: "anonymous deleted draft 3", activity.ActorTypeKey: ""}},
		{"time", activity.Activity{ActionType: activity.ActionRead, Time: at}, at, nil},
		{"id", activity.Activity{ActionType: activity.ActionRead, ID: given, Time: time.Now()}, at,
			map[string]string{activity.IDKey: given.String()}},
		{"all", activity.Activity{
			ActionType: "Import", Actor: activity.Actor{ID: "cron", Type: activity.ActorSystem},
			Status: activity.StatusFailed, ErrorType: "timeout", Remarks: "no answer", Data: map[string]any{"rows": 3},
			SessionID: "s", ClientAddress: "192.0.2.9", UserAgent: "cron/1",
		}, time.Time{}, map[string]string{
			activity.ActorTypeKey: "system", activity.ErrorTypeKey: "timeout", activity.RemarksKey: "no answer",
			activity.DataKey: `{"rows":3}`, activity.SessionIDKey: "s", activity.ClientAddressKey: "192.0.2.9",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			before := time.Now().Truncate(time.Microsecond)
			id := instrument.NewRecorder(opts...).Record(t.Context(), tt.act)
			got := rec.one()
			check(t, got, tt.want)
			check(t, got, map[string]string{activity.IDKey: id.String(), activity.SourceKey: "declared"})
			switch ts := rec.records[0].Timestamp(); {
			case !ts.Equal(id.Time()):
				t.Errorf("timestamp %v, id %v", ts, id.Time())
			case tt.time.IsZero() && ts.Before(before), !tt.time.IsZero() && !ts.Equal(tt.time):
				t.Errorf("timestamp %v", ts)
			}
		})
	}
}

// Several activities of one job: ids in their order, all in the job's trace,
// nothing on its span.
func TestRecorderLeavesTheSpanAlone(t *testing.T) {
	rec, opts := newRecorded(t)
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec.spans))
	ctx, span := tp.Tracer("job").Start(context.Background(), "job")
	r := instrument.NewRecorder(opts...)
	first := r.Record(ctx, activity.Activity{ActionType: activity.ActionCreate})
	time.Sleep(2 * time.Microsecond)
	second := r.Record(ctx, activity.Activity{ActionType: activity.ActionUpdate})
	span.End()
	if first.String() >= second.String() {
		t.Errorf("%s is recorded before %s", first, second)
	}
	if got := spanMap(rec.spans.Ended()[0]); len(got) != 0 {
		t.Errorf("span attributes %v", got)
	}
	for _, record := range rec.records {
		if record.SpanID() != trace.SpanContextFromContext(ctx).SpanID() {
			t.Error("a record is not of the job's span")
		}
	}
}

func TestRecorderRecordsNothing(t *testing.T) {
	rec, opts := newRecorded(t)
	if id := instrument.NewRecorder(opts...).Record(t.Context(), activity.Activity{}); !id.IsZero() {
		t.Errorf("id %v without an action type", id)
	}
	off := instrument.NewRecorder(append(opts, instrument.WithDisabled())...)
	if id := off.Record(t.Context(), activity.Activity{ActionType: activity.ActionRead}); !id.IsZero() {
		t.Errorf("id %v while disabled", id)
	}
	rec.none()
}

var globalsSet atomic.Bool

// The global providers may be set after the handler is made.
func TestGlobalProvidersSetLater(t *testing.T) {
	if globalsSet.Swap(true) {
		t.Skip("delegates follow the first provider only: once in a process")
	}
	rec, _ := newRecorded(t)
	h := instrument.NewHandler(answer(200), "test", instrument.WithActor(asAlice))
	serve(h, "GET", "/before") // lost, and harmless

	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec.spans))
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(rec))
	otel.SetTracerProvider(tp)
	otel.SetLoggerProvider(lp)
	serve(h, "GET", "/after")
	got := rec.one()
	check(t, got, map[string]string{activity.ActionNameKey: "GET /after"})
	check(t, spanMap(rec.spans.Ended()[0]), got)

	rec.records = nil
	instrument.RecordLogin(context.Background(), alice) // no request
	check(t, rec.one(), map[string]string{
		activity.ActionTypeKey: "Login",
		activity.ObjectTypeKey: "session",
		activity.RemarksKey:    "alice logged in",
	})
	_ = tp.Shutdown(context.Background())
	_ = lp.Shutdown(context.Background())
}
