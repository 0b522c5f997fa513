package instrument_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// All that is recorded with the context of a batch has its id, and the request only if it says so.
func TestBatch(t *testing.T) {
	for _, joins := range []bool{false, true} {
		rec, opts := newRecorded(t)
		recorder := instrument.NewRecorder(opts...)
		h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			ctx := instrument.Batch(r.Context())
			for _, id := range []string{"1", "2"} {
				recorder.Record(instrument.Batch(ctx), activity.Activity{ActionType: activity.ActionDelete, Object: activity.Object{Type: "article", ID: id}})
			}
			recorder.Record(r.Context(), activity.Activity{ActionType: activity.ActionRead})
			if joins {
				instrument.FromContext(ctx).SetBatch(instrument.BatchID(ctx))
			}
		})
		serve(instrument.NewHandler(h, "test", append(opts, instrument.WithActor(asAlice))...), "POST", "/articles/clean")
		if len(rec.records) != 4 {
			t.Fatalf("%d records, want 4", len(rec.records))
		}
		first := recordMap(&rec.records[0])
		batch, err := activity.ParseID(first[activity.BatchIDKey])
		id, err2 := activity.ParseID(first[activity.IDKey])
		if err != nil || err2 != nil || batch.Time().After(id.Time()) {
			t.Errorf("the batch %q is newer than its activity %q: %v", first[activity.BatchIDKey], first[activity.IDKey], err)
		}
		want := []string{batch.String(), batch.String(), "", ""}
		if joins {
			want[3] = want[0]
		}
		for i := range rec.records {
			check(t, recordMap(&rec.records[i]), map[string]string{activity.BatchIDKey: want[i], activity.ActorIDKey: "42"})
			if rec.records[i].TraceID() != rec.records[0].TraceID() {
				t.Errorf("record %d is in another trace", i)
			}
		}
		check(t, spanMap(rec.spans.Ended()[0]), map[string]string{activity.BatchIDKey: want[3]})
	}
}

// A batch that goes on in another process has its id from there.
func TestBatchOfAnActivity(t *testing.T) {
	rec, opts := newRecorded(t)
	id := activity.NewID()
	ctx := instrument.Batch(context.Background())
	instrument.NewRecorder(opts...).Record(ctx, activity.Activity{ActionType: activity.ActionDelete, BatchID: id})
	check(t, rec.one(), map[string]string{activity.BatchIDKey: id.String()})
	if instrument.BatchID(context.Background()) != (activity.ID{}) || instrument.BatchID(nil) != (activity.ID{}) { //nolint:staticcheck // as FromContext
		t.Error("a context without a batch has one")
	}
	(*instrument.Current)(nil).SetBatch(id)
}
