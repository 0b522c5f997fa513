package activitytest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/activitytest"
)

// full has a value in each field of an activity.
var full = activity.Activity{
	ID:         activity.NewIDAt(time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)),
	Time:       time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC),
	Actor:      activity.Actor{ID: "1", Type: activity.ActorService, Name: "alice", ImpersonatorID: "2", TenantID: "acme"},
	ActionType: activity.ActionUpdate, ActionName: "article.publish",
	Status: activity.StatusFailed, ErrorType: "timeout",
	Object: activity.Object{
		Type: "comment", ID: "3", Name: "Hello",
		Parent: &activity.Object{Type: "article", ID: "17", Parent: &activity.Object{Type: "blog", ID: "b"}},
	},
	Objects: []activity.Object{{Type: "article", ID: "18", Name: "Tea", Parent: &activity.Object{Type: "blog", ID: "b"}}, {Type: "user", ID: "2"}},
	BatchID: activity.NewIDAt(time.Date(2026, 1, 2, 3, 4, 5, 5000, time.UTC)),
	Remarks: "alice published it",
	Data: map[string]any{
		"changes": map[string]any{"title": []any{"a", nil}},
		"n":       int64(1) << 60, "f": 1.5, "ok": true, "bytes": []byte{1}, "none": nil, "list": []any{},
	},
	ClientAddress: "192.0.2.1", UserAgent: "curl", SessionID: "s",
}

// Each field comes back as it was recorded.
func TestRoundTrip(t *testing.T) {
	v := reflect.ValueOf(full)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Fatalf("the test does not set %s", v.Type().Field(i).Name)
		}
	}
	rec := activitytest.NewRecorder()
	instrument.NewRecorder(rec.Option()).Record(t.Context(), full)
	got := rec.Activities()
	if !reflect.DeepEqual(got, []activity.Activity{full}) {
		t.Errorf("got\n%+v\nwant\n%+v", got, full)
	}
	rec.Want(t, full)
	if none := activitytest.WithoutIDs(got)[0]; !none.ID.IsZero() || !none.Time.IsZero() || none.Remarks != full.Remarks || got[0].ID.IsZero() {
		t.Errorf("without ids: %+v, of %+v", none, got[0])
	}
}

// go-cmp panics on unexported fields, unless their type has a method Equal.
func TestNoUnexportedFields(t *testing.T) {
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch {
		case typ == reflect.TypeFor[time.Time]():
		case typ.Kind() == reflect.Struct:
			for i := range typ.NumField() {
				f := typ.Field(i)
				if !f.IsExported() {
					t.Errorf("%s.%s is not exported", typ, f.Name)
				}
				if f.Type != reflect.PointerTo(typ) {
					walk(f.Type)
				}
			}
		}
	}
	walk(reflect.TypeFor[activity.Activity]())
}

// What a test gets is its own: changing it changes nothing.
func TestActivitiesAreCopies(t *testing.T) {
	rec := activitytest.NewRecorder()
	instrument.NewRecorder(rec.Option()).Record(t.Context(), full)
	first := rec.Activities()[0]
	first.Data["changes"].(map[string]any)["title"].([]any)[0] = "changed"
	first.Data["bytes"].([]byte)[0] = 9
	first.Object.Parent.Parent.ID = "changed"
	if got := rec.Activities()[0]; !reflect.DeepEqual(got, full) {
		t.Errorf("got %+v", got)
	}
	rec.Reset()
	rec.Want(t)
}

// Other log records pass, and so do activities from elsewhere than package instrument.
func TestOtherRecords(t *testing.T) {
	rec := activitytest.NewRecorder()
	logger := rec.LoggerProvider().Logger("test")
	if !logger.Enabled(t.Context(), log.EnabledParameters{}) {
		t.Error("the logger is not enabled")
	}
	emit := func(attrs ...attribute.KeyValue) {
		var r log.Record
		r.SetTimestamp(full.Time)
		r.AddAttributes(attrs...)
		logger.Emit(context.Background(), r)
	}
	emit(attribute.String("a", "b"))
	emit(attribute.String(activity.ActionTypeKey, ""))
	emit(attribute.String(activity.ActionTypeKey, "Read"), attribute.String(activity.RemarksKey, "x"), attribute.String(activity.IDKey, "no"),
		attribute.Int(activity.ObjectIDKey, 7), attribute.String(activity.DataKey, `{"a": [1]}`))
	emit(attribute.String(activity.ActionTypeKey, "Read"), attribute.String(activity.DataKey, "no JSON"))
	emit(attribute.String(activity.ActionTypeKey, "Read"), attribute.Map(activity.DataKey,
		attribute.Bool("b", true), attribute.StringSlice("s", []string{"x"}), attribute.Int64Slice("i", []int64{1}),
		attribute.BoolSlice("l", []bool{true}), attribute.Float64Slice("f", []float64{1}),
		attribute.Map(activity.ParentKey, attribute.String("type", "user"), attribute.Bool("own", true))))
	want := []activity.Activity{
		{Time: full.Time},
		{Time: full.Time, ActionType: "Read", Remarks: "x", Object: activity.Object{ID: "7"}, Data: map[string]any{"a": []any{1.0}}},
		{Time: full.Time, ActionType: "Read"},
		{Time: full.Time, ActionType: "Read", Data: map[string]any{
			"b": true, "s": []any{"x"}, "i": []any{int64(1)}, "l": []any{true}, "f": []any{1.0},
			"parent": map[string]any{"type": "user", "own": true}, // more than an object: it stays in the data
		}},
	}
	if got := rec.Activities(); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

// A client that has read its answer finds the activity, and those of others do no harm.
func TestConcurrentRequests(t *testing.T) {
	rec := activitytest.NewRecorder()
	mux := http.NewServeMux()
	mux.HandleFunc("DELETE /articles/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	srv := httptest.NewServer(handler(rec, mux))
	defer srv.Close()
	var wg sync.WaitGroup
	var want []activity.Activity
	for i := range 20 {
		id := strconv.Itoa(i)
		want = append(want, activity.Activity{ActionType: activity.ActionDelete, Object: activity.Object{Type: "article", ID: id}})
		wg.Go(func() {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, srv.URL+"/articles/"+id, http.NoBody)
			if err != nil {
				t.Error(err)
				return
			}
			r.SetBasicAuth("alice", "")
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			_ = res.Body.Close()
			if got := fmt.Sprint(rec.Activities()); !contains(rec.Activities(), id) {
				t.Errorf("the answer about %s is here, and its activity is not: %s", id, got)
			}
		})
	}
	wg.Wait()
	rec.WantAnyOrder(t, want...)
}

func contains(all []activity.Activity, id string) bool {
	for _, a := range all {
		if a.Object.ID == id {
			return true
		}
	}
	return false
}

// An activity that comes after the answer is waited for.
func TestLateActivity(t *testing.T) {
	rec := activitytest.NewRecorder()
	recorder := instrument.NewRecorder(rec.Option())
	go func() {
		time.Sleep(20 * time.Millisecond)
		recorder.Record(context.Background(), activity.Activity{ActionType: activity.ActionRead})
	}()
	rec.Want(t, activity.Activity{ActionType: activity.ActionRead})
	start := time.Now()
	if got := rec.Wait(2); len(got) != 1 || time.Since(start) < activitytest.WaitTime {
		t.Errorf("got %v after %s", got, time.Since(start))
	}
}
