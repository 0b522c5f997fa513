package instrument_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// adapt is a small adapter: it serves a request as a framework does that has a router of its
// own.
func adapt(tracker *instrument.Tracker, r *http.Request, pattern, id string, answer instrument.Answer, handler func(*http.Request)) {
	r, call := tracker.Start(r)
	defer func() {
		answer.Request = r
		if value := recover(); value != nil {
			answer.Panicked, answer.Panic = true, value
			defer panic(value)
		}
		call.End(answer)
	}()
	r.Pattern = pattern
	r.SetPathValue("id", id)
	if handler != nil {
		handler(r)
	}
}

func TestTracker(t *testing.T) {
	request := func(method, path string) *http.Request {
		r := httptest.NewRequest(method, path, nil)
		return r.WithContext(activity.ContextWithActor(r.Context(), carol))
	}
	for name, tt := range map[string]struct {
		request *http.Request
		pattern string
		answer  instrument.Answer
		handler func(*http.Request)
		want    map[string]string
	}{
		"a route": {request("PUT", "/articles/17"), "/articles/:id", instrument.Answer{}, nil, map[string]string{
			activity.ActionTypeKey: "Update", activity.ActionNameKey: "PUT /articles/:id", activity.ObjectTypeKey: "article", activity.ObjectIDKey: "17",
			activity.StatusKey: "Success", activity.ActorIDKey: "9", activity.ClientAddressKey: "192.0.2.1",
		}},
		"an error": {request("PUT", "/articles/17"), "/articles/:id", instrument.Answer{Code: 409}, nil, map[string]string{
			activity.StatusKey: "Failed", activity.ErrorTypeKey: "409",
		}},
		"a panic": {request("PUT", "/articles/17"), "/articles/:id", instrument.Answer{}, func(*http.Request) { panic("no") }, map[string]string{
			activity.StatusKey: "Failed", activity.ErrorTypeKey: "panic",
		}},
		"something new": {request("POST", "/articles"), "/articles", instrument.Answer{Code: 201, Header: http.Header{"Location": {"/articles/18"}}}, nil, map[string]string{
			activity.ActionTypeKey: "Create", activity.ObjectIDKey: "18",
		}},
		"a handler that knows better": {
			request("POST", "/articles"), "/articles", instrument.Answer{Object: activity.Object{Type: "article", ID: "1", Name: "old"}},
			func(r *http.Request) {
				instrument.FromContext(r.Context()).SetObject(activity.Object{ID: "2"})
			},
			map[string]string{activity.ObjectTypeKey: "article", activity.ObjectIDKey: "2", activity.ObjectNameKey: "old"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			func() {
				defer func() {
					if value := recover(); (value != nil) != (name == "a panic") {
						t.Errorf("panicked with %v", value)
					}
				}()
				adapt(instrument.NewTracker(opts...), tt.request, tt.pattern, "17", tt.answer, tt.handler)
			}()
			check(t, rec.one(), tt.want)
		})
	}
}

func TestTrackerLeavesOut(t *testing.T) {
	for name, opts := range map[string][]instrument.Option{
		"disabled":    {instrument.WithDisabled()},
		"a filter":    {instrument.WithFilter(func(*http.Request) bool { return false })},
		"no actor":    {instrument.WithActor(func(*http.Request) activity.Actor { return activity.Actor{} })},
		"no reads":    {instrument.WithoutReads(), instrument.WithAnonymous()},
		"nil handler": nil,
	} {
		t.Run(name, func(t *testing.T) {
			rec, base := newRecorded(t)
			adapt(instrument.NewTracker(append(base, opts...)...), httptest.NewRequest("GET", "/articles/17", nil), "/articles/:id", "17", instrument.Answer{}, nil)
			rec.none()
		})
	}
	instrument.Call{}.End(instrument.Answer{}) // it must not panic
}

// TestTrackerInsideARequest is about a framework inside our handler: its router is known, and
// there is one activity.
func TestTrackerInsideARequest(t *testing.T) {
	rec, opts := newRecorded(t)
	tracker := instrument.NewTracker(opts...)
	h := instrument.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(activity.ContextWithActor(r.Context(), carol))
		adapt(tracker, r, "/articles/:id", "17", instrument.Answer{Code: 404}, nil)
		w.WriteHeader(http.StatusNotFound)
	}), "test", opts...)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("DELETE", "/articles/17", nil))
	check(t, rec.one(), map[string]string{
		activity.ActionNameKey: "DELETE /articles/:id", activity.ObjectTypeKey: "article", activity.ObjectIDKey: "17", activity.ActorIDKey: "9", activity.ErrorTypeKey: "404",
	})
}

func TestTrackerOfProcedures(t *testing.T) {
	const service = "/blog.v1.ArticleService/"
	for name, tt := range map[string]struct {
		call   string
		answer instrument.Answer
		opts   []instrument.Option
		want   map[string]string // nil: no activity
	}{
		"a read": {service + "GetArticle", instrument.Answer{}, nil, map[string]string{
			activity.ActionTypeKey: "Read", activity.ActionNameKey: "blog.v1.ArticleService/GetArticle", activity.ObjectTypeKey: "article",
			activity.ActorIDKey: "9", activity.StatusKey: "Success", activity.UserAgentKey: "grpc-go/1", activity.ClientAddressKey: "192.0.2.7",
		}},
		"its object": {service + "DeleteArticle", instrument.Answer{Object: activity.Object{ID: "17"}}, nil, map[string]string{
			activity.ActionTypeKey: "Delete", activity.ObjectTypeKey: "article", activity.ObjectIDKey: "17",
		}},
		"refused": {service + "DeleteArticle", instrument.Answer{Code: 403, ErrorType: "PERMISSION_DENIED"}, nil, map[string]string{
			activity.StatusKey: "Failed", activity.ErrorTypeKey: "PERMISSION_DENIED", activity.ActorIDKey: "9",
		}},
		"a failed login": {"/blog.v1.UserService/Login", instrument.Answer{Code: 401, ErrorType: "UNAUTHENTICATED"}, nil, map[string]string{
			activity.ActionTypeKey: "Login Failed", activity.ActorIDKey: "", activity.ErrorTypeKey: "UNAUTHENTICATED",
		}},
		"a login": {"/blog.v1.UserService/Login", instrument.Answer{}, nil, map[string]string{activity.ActionTypeKey: "Login", activity.ActorIDKey: "9"}},
		"a rule": {service + "Publish", instrument.Answer{}, []instrument.Option{instrument.WithRoute("POST "+service+"Publish", instrument.Route{Name: "article.publish"})}, map[string]string{
			activity.ActionNameKey: "article.publish",
		}},
		"a health check": {"grpc.health.v1.Health/Check", instrument.Answer{}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			ctx, call := instrument.NewTracker(append(opts, tt.opts...)...).StartProcedure(
				activity.ContextWithActor(t.Context(), carol),
				instrument.Procedure{Name: tt.call, Peer: "192.0.2.7:1234", Header: http.Header{"User-Agent": {"grpc-go/1"}}})
			if instrument.FromContext(ctx) == nil {
				t.Error("the handler does not find its activity")
			}
			call.End(tt.answer)
			if tt.want == nil {
				rec.none()
				return
			}
			check(t, rec.one(), tt.want)
		})
	}
}

// TestTrackerOfProceduresInsideARequest is about Connect inside our handler.
func TestTrackerOfProceduresInsideARequest(t *testing.T) {
	rec, opts := newRecorded(t)
	tracker := instrument.NewTracker(opts...)
	h := instrument.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := activity.ContextWithActor(r.Context(), carol)
		_, call := tracker.StartProcedure(ctx, instrument.Procedure{Name: r.URL.Path, Header: r.Header})
		call.End(instrument.Answer{Code: 403, ErrorType: "PERMISSION_DENIED", Object: activity.Object{ID: "17"}})
		w.WriteHeader(http.StatusForbidden)
	}), "test", opts...)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/blog.v1.ArticleService/DeleteArticle", nil))
	check(t, rec.one(), map[string]string{
		activity.ActionTypeKey: "Delete", activity.ActionNameKey: "blog.v1.ArticleService/DeleteArticle", activity.ObjectTypeKey: "article",
		activity.ObjectIDKey: "17", activity.ErrorTypeKey: "PERMISSION_DENIED", activity.StatusKey: "Failed", activity.ActorIDKey: "9",
	})
}

func TestTrackerWithoutAPeer(t *testing.T) {
	rec, opts := newRecorded(t)
	_, call := instrument.NewTracker(opts...).StartProcedure(activity.ContextWithActor(context.Background(), carol), instrument.Procedure{Name: "CreateTag"})
	call.End(instrument.Answer{})
	check(t, rec.one(), map[string]string{activity.ActionTypeKey: "Create", activity.ObjectTypeKey: "tag", activity.ClientAddressKey: ""})
}

// TestCaptureContext is about authentication inside the tracker.
func TestCaptureContext(t *testing.T) {
	rec, opts := newRecorded(t)
	ctx, call := instrument.NewTracker(opts...).StartProcedure(t.Context(), instrument.Procedure{Name: "CreateTag"})
	instrument.CaptureContext(activity.ContextWithActor(ctx, carol))
	call.End(instrument.Answer{})
	check(t, rec.one(), map[string]string{activity.ActorIDKey: "9"})
	instrument.CaptureContext(t.Context()) // it must not panic
}

type (
	textID   struct{ id string }
	int64ID  struct{ id int64 }
	int32ID  struct{ id int32 }
	uint64ID struct{ id uint64 }
	uint32ID struct{ id uint32 }
)

func (m textID) GetId() string   { return m.id } //nolint:revive // the name that protoc-gen-go gives it
func (m int64ID) GetId() int64   { return m.id } //nolint:revive // as above
func (m int32ID) GetId() int32   { return m.id } //nolint:revive // as above
func (m uint64ID) GetId() uint64 { return m.id } //nolint:revive // as above
func (m uint32ID) GetId() uint32 { return m.id } //nolint:revive // as above

func TestObjectOfCalls(t *testing.T) {
	const get = "/blog.v1.ArticleService/GetArticle"
	byRule := instrument.WithCallObject(func(_ string, request any) activity.Object {
		return activity.Object{Type: "draft", Name: request.(string)}
	})
	for _, tt := range []struct {
		name    string
		request any
		want    string // the id
	}{
		{get, textID{"a-17"}, "a-17"}, {get, int64ID{17}, "17"}, {get, int64ID{-1}, "-1"}, {get, int64ID{0}, ""}, {get, int32ID{17}, "17"},
		{get, uint64ID{1 << 63}, "9223372036854775808"}, {get, uint64ID{0}, ""}, {get, uint32ID{17}, "17"}, {get, "17", ""}, {get, nil, ""},
		{"/blog.v1.TokenService/GetToken", textID{"s3cret"}, ""}, {"/blog.v1.Blog/Get", textID{"17"}, ""},
	} {
		if got := instrument.NewTracker().Object(tt.name, tt.request); got != (activity.Object{ID: tt.want}) {
			t.Errorf("%s of %v: %v, want id %q", tt.name, tt.request, got, tt.want)
		}
	}
	if got := instrument.NewTracker(byRule).Object(get, "x"); got != (activity.Object{Type: "draft", Name: "x"}) {
		t.Errorf("by WithCallObject: %v", got)
	}
	if got := instrument.NewTracker(byRule).Object(get, int64ID{17}); got != (activity.Object{ID: "17"}) {
		t.Errorf("a function that panics: %v", got)
	}
}

// TestRun is about handlers that end in all ways. What they end with goes on.
func TestRun(t *testing.T) {
	failed := errors.New("no")
	for name, tt := range map[string]struct {
		handler func() error
		want    map[string]string
		panics  any
	}{
		"success":        {func() error { return nil }, map[string]string{activity.StatusKey: "Success", activity.ErrorTypeKey: ""}, nil},
		"an error":       {func() error { return failed }, map[string]string{activity.StatusKey: "Failed", activity.ErrorTypeKey: "409"}, nil},
		"a panic":        {func() error { panic(failed) }, map[string]string{activity.StatusKey: "Failed", activity.ErrorTypeKey: "*errors.errorString"}, failed},
		"runtime.Goexit": {func() error { runtime.Goexit(); return nil }, map[string]string{activity.StatusKey: "Failed", activity.ErrorTypeKey: "panic"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			_, call := instrument.NewTracker(append(opts, instrument.WithAnonymous())...).Start(httptest.NewRequest(http.MethodPut, "/articles/17", nil))
			done := make(chan struct{})
			go func() {
				defer close(done)
				defer func() {
					if value := recover(); value != tt.panics {
						t.Errorf("panics with %v", value)
					}
				}()
				if err := call.Run(tt.handler, func(err error, panicked bool) instrument.Answer {
					if panicked != (name == "a panic" || name == "runtime.Goexit") {
						t.Errorf("panicked %v", panicked)
					}
					if err != nil {
						return instrument.Answer{Code: http.StatusConflict}
					}
					return instrument.Answer{}
				}); (err != nil) != (name == "an error") {
					t.Errorf("returned %v", err)
				}
			}()
			<-done
			check(t, rec.one(), tt.want)
		})
	}
}
