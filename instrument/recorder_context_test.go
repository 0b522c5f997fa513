package instrument_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

var carol = activity.Actor{ID: "9", Type: activity.ActorUser, Name: "carol", ImpersonatorID: "1", TenantID: "acme"}

// TestRecordTakesTheActorOfItsContext is about activities that are recorded within a request,
// after it, and in jobs.
func TestRecordTakesTheActorOfItsContext(t *testing.T) {
	deleted := activity.Activity{ActionType: activity.ActionDelete, Object: activity.Object{Type: "draft", ID: "3"}}
	in := func(change func(*activity.Activity)) activity.Activity { a := deleted; change(&a); return a }
	request := map[string]string{activity.ClientAddressKey: "192.0.2.1", activity.UserAgentKey: "test/1", activity.SessionIDKey: "s9"}
	nothing := map[string]string{activity.ClientAddressKey: "", activity.UserAgentKey: "", activity.SessionIDKey: ""}
	whole := map[string]string{activity.ActorIDKey: "9", activity.ActorNameKey: "carol", activity.ImpersonatorIDKey: "1", activity.TenantIDKey: "acme"}
	handlers := map[string]func(*http.Request){
		"by SetActor":    func(r *http.Request) { instrument.FromContext(r.Context()).SetActor(carol) },
		"by the context": func(r *http.Request) { *r = *r.WithContext(activity.ContextWithActor(r.Context(), carol)) },
	}
	for name, authenticate := range handlers {
		for when, later := range map[string]bool{"within": false, "after": true} {
			for _, tt := range []struct {
				name string
				act  activity.Activity
				want []map[string]string
			}{
				{"who is not said", deleted, []map[string]string{whole, request}},
				{"who is the same", in(func(a *activity.Activity) { a.Actor = activity.Actor{ID: "9"} }), []map[string]string{whole, request}},
				{"somebody else", in(func(a *activity.Activity) { a.Actor = activity.Actor{ID: "5"} }), []map[string]string{{activity.ActorIDKey: "5", activity.TenantIDKey: "", activity.ActorNameKey: ""}, nothing}},
				{"the same id of a service", in(func(a *activity.Activity) { a.Actor = activity.Actor{ID: "9", Type: activity.ActorService} }), []map[string]string{{activity.ActorTypeKey: "service", activity.TenantIDKey: "", activity.ActorNameKey: "", activity.ImpersonatorIDKey: ""}, nothing}},
				{"no type, which is a user", in(func(a *activity.Activity) { a.Actor = activity.Actor{ID: "9", TenantID: "acme"} }), []map[string]string{whole, request}},
				{"the same id of another tenant", in(func(a *activity.Activity) { a.Actor = activity.Actor{ID: "9", TenantID: "other"} }), []map[string]string{{activity.TenantIDKey: "other", activity.ActorNameKey: "", activity.ImpersonatorIDKey: ""}, nothing}},
				{"nobody has logged in", in(func(a *activity.Activity) { a.ActionType = activity.ActionLoginFailed }), []map[string]string{{activity.ActorIDKey: "", activity.ActorNameKey: "", activity.TenantIDKey: ""}, nothing}},
				{"the service itself", in(func(a *activity.Activity) { a.Actor.Type = activity.ActorSystem }), []map[string]string{{activity.ActorIDKey: "", activity.ActorTypeKey: "system"}, nothing}},
				{"where is said", in(func(a *activity.Activity) { a.ClientAddress = "198.51.100.7" }), []map[string]string{whole, {activity.ClientAddressKey: "198.51.100.7", activity.SessionIDKey: "s9"}}},
			} {
				t.Run(name+", "+when+", "+tt.name, func(t *testing.T) {
					requests, requestOpts := newRecorded(t)
					rec, opts := newRecorded(t)
					recorder := instrument.NewRecorder(opts...)
					var ctx context.Context
					h := instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
						authenticate(r)
						instrument.FromContext(r.Context()).SetSession("s9")
						instrument.CaptureRoute(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
							if ctx = r.Context(); !later {
								recorder.Record(ctx, tt.act)
							}
						})).ServeHTTP(httptest.NewRecorder(), r)
					}), "test", requestOpts...)
					r := httptest.NewRequest(http.MethodPost, "/drafts", nil)
					r.Header.Set("User-Agent", "test/1")
					h.ServeHTTP(httptest.NewRecorder(), r)
					if later {
						recorder.Record(context.WithoutCancel(ctx), tt.act)
					}
					for _, want := range tt.want {
						check(t, rec.one(), want)
					}
					check(t, requests.one(), whole)
				})
			}
		}
	}
}

func TestRecordInAJob(t *testing.T) {
	rec, opts := newRecorded(t)
	instrument.NewRecorder(opts...).Record(activity.ContextWithActor(t.Context(), carol), activity.Activity{ActionType: activity.ActionUpdate})
	check(t, rec.one(), map[string]string{activity.ActorIDKey: "9", activity.TenantIDKey: "acme", activity.RemarksKey: "carol: Update"})
}

// TestRecordWhileTheRequestEnds is for the race detector.
// TestRecordWhenRefused is about a request whose answer says that nobody knows who it was.
func TestRecordWhenRefused(t *testing.T) {
	rec, opts := newRecorded(t)
	h := instrument.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		instrument.NewRecorder(opts...).Record(r.Context(), activity.Activity{ActionType: activity.ActionUpdate})
	}), "test", append(opts, instrument.WithActor(asAlice))...)
	serve(h, http.MethodPost, "/articles")
	check(t, rec.one(), map[string]string{activity.ActorIDKey: "", activity.ClientAddressKey: "192.0.2.1"})
}

func TestRecordWhileTheRequestEnds(t *testing.T) {
	_, opts := newRecorded(t)
	recorder := instrument.NewRecorder(opts...)
	var wg sync.WaitGroup
	h := instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		instrument.FromContext(r.Context()).SetActor(carol)
		for range 8 {
			wg.Go(func() {
				for range 20 {
					recorder.Record(context.WithoutCancel(r.Context()), activity.Activity{ActionType: activity.ActionRead})
				}
			})
		}
	}), "test", opts...)
	for range 20 {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/drafts", nil))
	}
	wg.Wait()
}

type typedError struct{ error }

func (typedError) ErrorType() string { return "quota" }

func TestDo(t *testing.T) {
	plain := errors.New("no")
	path := &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}
	for name, tt := range map[string]struct {
		act  activity.Activity
		f    func(context.Context) error
		want map[string]string
	}{
		"success":          {activity.Activity{}, func(context.Context) error { return nil }, map[string]string{activity.StatusKey: "Success", activity.ErrorTypeKey: ""}},
		"an error":         {activity.Activity{}, func(context.Context) error { return plain }, map[string]string{activity.StatusKey: "Failed", activity.ErrorTypeKey: "error"}},
		"a wrapped error":  {activity.Activity{}, func(context.Context) error { return fmt.Errorf("read: %w", path) }, map[string]string{activity.ErrorTypeKey: "*fs.PathError"}},
		"its own type":     {activity.Activity{}, func(context.Context) error { return fmt.Errorf("read: %w", typedError{plain}) }, map[string]string{activity.ErrorTypeKey: "quota"}},
		"a deadline":       {activity.Activity{}, func(context.Context) error { return context.DeadlineExceeded }, map[string]string{activity.ErrorTypeKey: "timeout"}},
		"canceled":         {activity.Activity{}, func(context.Context) error { return context.Canceled }, map[string]string{activity.ErrorTypeKey: "canceled"}},
		"a panic":          {activity.Activity{}, func(context.Context) error { panic(plain) }, map[string]string{activity.StatusKey: "Failed", activity.ErrorTypeKey: "*errors.errorString"}},
		"what is said":     {activity.Activity{ErrorType: "busy"}, func(context.Context) error { return plain }, map[string]string{activity.ErrorTypeKey: "busy"}},
		"success, as said": {activity.Activity{Status: activity.StatusSuccess}, func(context.Context) error { return plain }, map[string]string{activity.StatusKey: "Success"}},
	} {
		t.Run(name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			tt.act.ActionType, tt.act.Data = "Import", map[string]any{"rows": 3}
			var err error
			var panicked any
			func() {
				defer func() { panicked = recover() }()
				err = instrument.NewRecorder(opts...).Do(t.Context(), tt.act, tt.f)
			}()
			if (panicked != nil) != (name == "a panic") {
				t.Errorf("panicked with %v", panicked)
			}
			if wantErr := name != "success" && name != "a panic"; (err != nil) != wantErr {
				t.Errorf("error %v", err)
			}
			got := rec.one()
			check(t, got, tt.want)
			if data := got[activity.DataKey]; !strings.HasPrefix(data, `{"duration_ms":`) || !strings.HasSuffix(data, `,"rows":3}`) {
				t.Errorf("data %s", data)
			}
			if len(tt.act.Data) != 1 {
				t.Errorf("the data of the caller is %v", tt.act.Data)
			}
		})
	}
}
