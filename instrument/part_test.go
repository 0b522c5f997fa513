package instrument_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

var deletion = instrument.Part{Name: "mutation deleteArticle", Action: activity.ActionDelete, Object: activity.Object{Type: "article", ID: "17"}}

// split serves a request whose parts are handled by the function.
func split(t *testing.T, tracker *instrument.Tracker, opts []instrument.Option, parts func(ctx context.Context)) {
	t.Helper()
	h := instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		tracker.Split(r.Context())
		parts(r.Context())
	}), "test", opts...)
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	r.Header.Set("User-Agent", "test/1")
	h.ServeHTTP(httptest.NewRecorder(), r)
}

// TestParts is about who acts in a part, and from where.
func TestParts(t *testing.T) {
	dave := activity.Actor{ID: "4", Name: "dave"}
	whole := map[string]string{
		activity.ActionTypeKey: "Delete", activity.ActionNameKey: "mutation deleteArticle", activity.ObjectTypeKey: "article", activity.ObjectIDKey: "17",
		activity.ActorIDKey: "9", activity.TenantIDKey: "acme", activity.StatusKey: "Success", activity.RemarksKey: "carol deleted article 17",
		activity.ClientAddressKey: "192.0.2.1", activity.UserAgentKey: "test/1", activity.SessionIDKey: "s9",
	}
	with := func(more map[string]string) map[string]string {
		m := map[string]string{}
		for k, v := range whole {
			m[k] = v
		}
		for k, v := range more {
			m[k] = v
		}
		return m
	}
	carolHere := func(ctx context.Context) context.Context {
		instrument.FromContext(ctx).SetActor(carol)
		return ctx
	}
	for name, tt := range map[string]struct {
		authenticate func(context.Context) context.Context
		handler      func(context.Context)
		answer       instrument.Answer
		want         map[string]string
	}{
		"by SetActor of the request": {carolHere, nil, instrument.Answer{}, whole},
		"by the context":             {func(ctx context.Context) context.Context { return activity.ContextWithActor(ctx, carol) }, nil, instrument.Answer{}, whole},
		"somebody else": {carolHere, func(ctx context.Context) { instrument.FromContext(ctx).SetActor(dave) }, instrument.Answer{}, with(map[string]string{
			activity.ActorIDKey: "4", activity.TenantIDKey: "", activity.RemarksKey: "dave deleted article 17", activity.SessionIDKey: "",
		})},
		"a change": {carolHere, func(ctx context.Context) { instrument.FromContext(ctx).SetChange("state", "draft", "gone") }, instrument.Answer{}, with(map[string]string{
			activity.DataKey: `{"changes":{"state":["draft","gone"]}}`,
		})},
		"a failure": {carolHere, nil, instrument.Answer{Code: 403, ErrorType: "FORBIDDEN"}, with(map[string]string{
			activity.StatusKey: "Failed", activity.ErrorTypeKey: "FORBIDDEN", activity.RemarksKey: "carol failed to delete article 17",
		})},
		"a panic": {carolHere, nil, instrument.Answer{Panicked: true, Panic: errors.New("no")}, with(map[string]string{
			activity.StatusKey: "Failed", activity.ErrorTypeKey: "*errors.errorString", activity.RemarksKey: "carol failed to delete article 17",
		})},
		"a login": {func(ctx context.Context) context.Context { return ctx }, func(ctx context.Context) { instrument.RecordLogin(ctx, carol) }, instrument.Answer{}, with(map[string]string{
			activity.ActionTypeKey: "Login", activity.ObjectTypeKey: "session", activity.ObjectIDKey: "", activity.SessionIDKey: "s9",
			activity.RemarksKey: "carol logged in from 192.0.2.1",
		})},
	} {
		t.Run(name, func(t *testing.T) {
			requests, requestOpts := newRecorded(t)
			rec, opts := newRecorded(t)
			tracker := instrument.NewTracker(opts...)
			split(t, tracker, requestOpts, func(ctx context.Context) {
				ctx = tt.authenticate(ctx)
				request := instrument.FromContext(ctx)
				request.SetSession("s9")
				ctx, call := tracker.StartPart(ctx, deletion)
				if part := instrument.FromContext(ctx); part == nil || part == request {
					t.Error("the part has no activity of its own")
				}
				if tt.handler != nil {
					tt.handler(ctx)
				}
				call.End(tt.answer)
			})
			requests.none()
			check(t, rec.one(), tt.want)
		})
	}
}

// TestPartsAtOnce is about a query, whose fields are resolved by goroutines.
func TestPartsAtOnce(t *testing.T) {
	rec, opts := newRecorded(t)
	tracker := instrument.NewTracker(opts...)
	split(t, tracker, opts, func(ctx context.Context) {
		instrument.FromContext(ctx).SetActor(carol)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, call := tracker.StartPart(ctx, instrument.Part{Name: "query article", Action: activity.ActionRead})
				call.End(instrument.Answer{})
			})
		}
		wg.Wait()
	})
	ids := map[string]bool{}
	for i := range rec.records {
		ids[recordMap(&rec.records[i])[activity.IDKey]] = true
	}
	if len(ids) != 8 {
		t.Errorf("%d activities", len(ids))
	}
}

// TestPartAlone is about a part of a request that is not tracked.
func TestPartAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		opts []instrument.Option
		want map[string]string // nil: no activity
	}{
		"by the context": {nil, map[string]string{activity.ActorIDKey: "9", activity.UserAgentKey: "test/1", activity.ClientAddressKey: ""}},
		"by WithActor": {[]instrument.Option{instrument.WithActor(func(r *http.Request) activity.Actor { return activity.Actor{ID: r.Header.Get("User-Agent")} })}, map[string]string{
			activity.ActorIDKey: "test/1",
		}},
		"by WithCallObject": {[]instrument.Option{instrument.WithCallObject(func(name string, request any) activity.Object {
			return activity.Object{Type: "draft", Name: name, ID: request.(string)}
		})}, map[string]string{activity.ObjectTypeKey: "draft", activity.ObjectIDKey: "3", activity.ObjectNameKey: "mutation deleteArticle"}},
		"a filter": {[]instrument.Option{instrument.WithFilter(func(*http.Request) bool { return false })}, nil},
		"disabled": {[]instrument.Option{instrument.WithDisabled()}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			tracker := instrument.NewTracker(append(opts, tt.opts...)...)
			part := deletion
			part.Request = "3"
			part.Header = http.Header{"User-Agent": {"test/1"}}
			tracker.Split(t.Context())
			_, call := tracker.StartPart(activity.ContextWithActor(t.Context(), carol), part)
			call.End(instrument.Answer{})
			if tt.want == nil {
				rec.none()
				return
			}
			check(t, rec.one(), tt.want)
		})
	}
	rec, opts := newRecorded(t)
	_, call := instrument.NewTracker(opts...).StartPart(t.Context(), deletion) // nobody, without a header
	call.End(instrument.Answer{})
	rec.none()
}

// TestFailedLoginOfAPart is about a login that says nothing but that it failed.
func TestFailedLoginOfAPart(t *testing.T) {
	rec, opts := newRecorded(t)
	tracker := instrument.NewTracker(opts...)
	split(t, tracker, opts, func(ctx context.Context) {
		_, call := tracker.StartPart(ctx, instrument.Part{Name: "mutation login", Action: activity.ActionLogin})
		call.End(instrument.Answer{Code: http.StatusUnauthorized, ErrorType: "UNAUTHENTICATED"})
	})
	check(t, rec.one(), map[string]string{
		activity.ActionTypeKey: "Login Failed", activity.ActorIDKey: "", activity.ClientAddressKey: "192.0.2.1", activity.ErrorTypeKey: "UNAUTHENTICATED",
	})
}

// TestRecorderInAPart is about one more activity, which belongs to who does the part.
func TestRecorderInAPart(t *testing.T) {
	_, opts := newRecorded(t)
	rec, recorderOpts := newRecorded(t)
	tracker := instrument.NewTracker(opts...)
	split(t, tracker, opts, func(ctx context.Context) {
		instrument.FromContext(ctx).SetActor(carol)
		ctx, call := tracker.StartPart(ctx, deletion)
		instrument.NewRecorder(recorderOpts...).Record(ctx, activity.Activity{ActionType: activity.ActionUpdate})
		call.End(instrument.Answer{})
	})
	check(t, rec.one(), map[string]string{activity.ActorIDKey: "9", activity.ClientAddressKey: "192.0.2.1", activity.UserAgentKey: "test/1"})
}

// TestSpanOfASplitRequest must not become a row.
func TestSpanOfASplitRequest(t *testing.T) {
	rec, opts := newRecorded(t)
	tracker := instrument.NewTracker(opts...)
	split(t, tracker, opts, func(ctx context.Context) {
		_, call := tracker.StartPart(activity.ContextWithActor(ctx, carol), deletion)
		call.End(instrument.Answer{})
	})
	span := spanMap(rec.spans.Ended()[0])
	if span[activity.SkippedKey] != "true" || span[activity.ActionTypeKey] != "" {
		t.Errorf("the span has %v", span)
	}
}
