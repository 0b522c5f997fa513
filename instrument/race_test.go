package instrument_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// TestThousandGoroutines has a thousand goroutines use one request in all ways, most of them
// after it has ended. It is for the race detector. TestMain looks for goroutines that are left.
func TestThousandGoroutines(t *testing.T) {
	rec, opts := newRecorded(t)
	recorder := instrument.NewRecorder(opts...)
	opts = append(opts,
		instrument.WithActor(func(r *http.Request) activity.Actor { return activity.ActorFromContext(r.Context()) }),
		instrument.WithRemarksFunc(func(_ *http.Request, a *activity.Activity) string { return a.Actor.String() + " was here" }))
	var wg sync.WaitGroup
	mux := http.NewServeMux()
	mux.HandleFunc("POST /articles/{id}", func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		current := instrument.FromContext(ctx)
		for i := range 1000 {
			wg.Go(func() { useRequest(ctx, current, recorder, i) })
		}
		w.WriteHeader(http.StatusCreated)
	})
	authenticated := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		instrument.CaptureRoute(mux).ServeHTTP(w, r.WithContext(activity.ContextWithActor(r.Context(), carol)))
	})
	h := instrument.NewHandler(authenticated, "test", opts...)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/articles/17", nil))
	wg.Wait()

	rec.mu.Lock()
	defer rec.mu.Unlock()
	requests := 0
	for i := range rec.records {
		if recordMap(&rec.records[i])[activity.ActionNameKey] == "POST /articles/{id}" {
			requests++
		}
	}
	if requests != 1 {
		t.Errorf("%d activities of the request, want 1", requests)
	}
}

// useRequest does the i-th of all things that can be done with a request.
func useRequest(ctx context.Context, current *instrument.Current, recorder *instrument.Recorder, i int) {
	name := strconv.Itoa(i)
	for _, use := range []func(){
		func() { current.SetData(name, map[string]any{name: i}) },
		func() { current.SetChange(name, i, i+1) },
		func() { current.SetChanges(instrument.Diff(map[string]int{"a": i}, map[string]int{"a": i + 1})) },
		func() { current.SetObject(activity.Object{Name: name}) },
		func() { current.SetSession(name) },
		func() { current.SetActor(carol) },
		func() { _ = current.ID() },
		func() { recorder.Record(ctx, activity.Activity{ActionType: activity.ActionRead}) },
		func() { _ = instrument.OriginOf(ctx) },
		func() { _ = instrument.Baggage{Key: key}.Context(ctx) },
		func() { instrument.CaptureContext(ctx) },
		func() { current.SetClientAddress("192.0.2.5") },
	} {
		if i--; i%12 == 0 || i < 0 {
			use()
		}
	}
}

// TestTimeout is about handlers that return at the moment when http.TimeoutHandler gives up. It
// is for the race detector.
func TestTimeout(t *testing.T) {
	_, opts := newRecorded(t)
	opts = append(opts, instrument.WithActor(func(*http.Request) activity.Actor { return carol }),
		instrument.WithRoute("GET /articles/{id}", instrument.Route{Object: "article", ID: "id"}))
	const limit = 2 * time.Millisecond
	mux := http.NewServeMux()
	mux.HandleFunc("GET /articles/{id}", func(http.ResponseWriter, *http.Request) { time.Sleep(limit) })
	h := instrument.NewHandler(http.TimeoutHandler(instrument.CaptureRoute(mux), limit, ""), "test", opts...)
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/articles/17", nil))
		})
	}
	wg.Wait()
	time.Sleep(10 * limit) // the handlers that are left
}

// TestFormAndRecorder is about a handler that reads its form while another goroutine records one
// more activity, whose actor follows from the route.
func TestFormAndRecorder(t *testing.T) {
	_, requestOpts := newRecorded(t)
	rec, opts := newRecorded(t)
	recorder := instrument.NewRecorder(opts...)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{tenant}/articles/{rest...}", func(_ http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		ctx := r.Context()
		wg.Go(func() { recorder.Record(ctx, activity.Activity{ActionType: activity.ActionUpdate}) })
		_ = r.FormValue("title")
		wg.Wait()
	})
	h := instrument.NewHandler(mux, "test", append(requestOpts, instrument.WithActor(func(r *http.Request) activity.Actor {
		return activity.Actor{ID: "9", TenantID: r.PathValue("tenant"), Name: r.Pattern + " " + r.PathValue("rest")}
	}))...)
	serve(h, http.MethodPost, "/acme/articles/17/title")
	check(t, rec.one(), map[string]string{activity.TenantIDKey: "acme", activity.ActorNameKey: "POST /{tenant}/articles/{rest...} 17/title"})
}

// TestPartAfterATimeout is about parts of a request that http.TimeoutHandler has given up.
func TestPartAfterATimeout(t *testing.T) {
	_, opts := newRecorded(t)
	tracker := instrument.NewTracker(opts...)
	const limit = 2 * time.Millisecond
	var wg sync.WaitGroup
	h := instrument.NewHandler(http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		wg.Go(func() {
			for range 100 {
				time.Sleep(limit / 50)
				_, call := tracker.StartPart(ctx, instrument.Part{Name: "mutation pay", Action: activity.ActionUpdate})
				call.End(instrument.Answer{})
			}
		})
		time.Sleep(limit)
	}), limit, ""), "test", opts...)
	for range 20 {
		wg.Go(func() { serve(h, http.MethodPost, "/graphql") })
	}
	wg.Wait()
}

// TestRecordNowAtTheEnd is about another goroutine that records the activity when the handler
// panics.
func TestRecordNowAtTheEnd(t *testing.T) {
	_, opts := newRecorded(t)
	opts = append(opts, instrument.WithAnonymous())
	tracker := instrument.NewTracker(opts...)
	var wg sync.WaitGroup
	h := instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		current := instrument.FromContext(r.Context())
		wg.Go(func() { current.RecordNow() })
		panic("no")
	}), "test", opts...)
	for range 100 {
		r, call := tracker.Start(httptest.NewRequest(http.MethodPut, "/articles/17", nil))
		wg.Go(func() { instrument.FromContext(r.Context()).RecordNow() })
		call.End(instrument.Answer{Panicked: true, Header: http.Header{}})
		func() {
			defer func() { _ = recover() }()
			serve(h, http.MethodPut, "/articles/17")
		}()
	}
	wg.Wait()
}
