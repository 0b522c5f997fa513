package instrument_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

func setAll(c *instrument.Current) {
	c.SetActor(alice)
	c.SetAction(activity.ActionUpdate, "article.publish")
	c.SetStatus(activity.StatusFailed)
	c.SetErrorType("conflict")
	c.SetObject(activity.Object{Type: "article", ID: "17", Name: "Hello"})
	c.SetRemarks("alice published too early")
	c.SetData("reason", "embargo")
	c.SetChange("state", "draft", "public")
	c.SetSession("s1")
	_ = c.ID()
}

func TestSettersWin(t *testing.T) {
	rec, opts := newRecorded(t)
	opts = append(opts, instrument.WithRemarks("fixed"),
		instrument.WithActor(func(*http.Request) activity.Actor { return activity.Actor{ID: "0"} }),
		instrument.WithRoute("/x", instrument.Route{Object: "thing"}))
	var id activity.ID
	serve(instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		c := instrument.FromContext(r.Context())
		id = c.ID()
		setAll(c)
	}), "test", opts...), "POST", "/x")
	got := rec.one()
	check(t, got, map[string]string{
		activity.IDKey:         id.String(),
		activity.ActorIDKey:    "42",
		activity.ActionTypeKey: "Update",
		activity.ActionNameKey: "article.publish",
		activity.StatusKey:     "Failed",
		activity.ErrorTypeKey:  "conflict",
		activity.ObjectTypeKey: "article",
		activity.ObjectIDKey:   "17",
		activity.ObjectNameKey: "Hello",
		activity.RemarksKey:    "alice published too early",
		activity.DataKey:       `{"changes":{"state":["draft","public"]},"reason":"embargo"}`,
		activity.SessionIDKey:  "s1",
	})
}

func TestSetActionTracksAnyMethod(t *testing.T) {
	rec, opts := newRecorded(t)
	serve(instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		instrument.FromContext(r.Context()).SetAction("Probe", "")
	}), "test", append(opts, instrument.WithActor(asAlice))...), "OPTIONS", "/x")
	check(t, rec.one(), map[string]string{activity.ActionTypeKey: "Probe", activity.ActionNameKey: "OPTIONS /x"})
}

func TestRemarks(t *testing.T) {
	wording := instrument.WithRemarksFunc(func(r *http.Request, a *activity.Activity) string {
		if r.URL.Path == "/default" {
			return ""
		}
		return a.Actor.Name + " is reading blog posts: " + string(a.Status)
	})
	for _, tt := range []struct {
		path string
		opts []instrument.Option
		code int
		want string
	}{
		{"/", nil, 200, "alice: Read"},
		{"/", nil, 404, "alice: Read failed"},
		{"/x", []instrument.Option{instrument.WithRemarks("fixed")}, 200, "fixed"},
		{"/x", []instrument.Option{instrument.WithRemarks("fixed"), wording}, 200, "alice is reading blog posts: Success"},
		{"/default", []instrument.Option{instrument.WithRemarks("fixed"), wording}, 200, "fixed"},
	} {
		rec, opts := newRecorded(t)
		opts = append(append(opts, instrument.WithActor(asAlice)), tt.opts...)
		serve(instrument.NewHandler(answer(tt.code), "test", opts...), "GET", tt.path)
		check(t, rec.one(), map[string]string{activity.RemarksKey: tt.want})
	}
}

func TestNilCurrent(t *testing.T) {
	c := instrument.FromContext(context.Background())
	if c != nil {
		t.Fatal("an activity without a request")
	}
	setAll(c)
	c.Skip()
	if !c.ID().IsZero() {
		t.Error("a nil Current has an id")
	}
}

// Setters from other goroutines, during the request and after it, are safe;
// those after it do nothing, and the id stays.
func TestSettersConcurrentlyAndLate(t *testing.T) {
	rec, opts := newRecorded(t)
	var c *instrument.Current
	var wg, busy sync.WaitGroup
	stop := make(chan struct{})
	h := instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		c = instrument.FromContext(r.Context())
		busy.Add(4)
		for range 4 {
			wg.Go(func() {
				for i := 0; ; i++ {
					setAll(c)
					if i == 100 {
						busy.Done()
					}
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		busy.Wait() // all are setting while the activity ends
	}), "test", opts...)
	serve(h, "POST", "/x")
	before := rec.one()
	time.Sleep(time.Millisecond)
	close(stop)
	wg.Wait()
	c.SetRemarks("too late")
	c.Skip()
	if after := rec.one(); after[activity.RemarksKey] != before[activity.RemarksKey] {
		t.Errorf("remarks became %q", after[activity.RemarksKey])
	}
	check(t, before, map[string]string{activity.IDKey: c.ID().String()})
}

// A handler that http.TimeoutHandler gave up on still runs, and still writes to
// its request, when the activity ends.
func TestTimeoutHandler(t *testing.T) {
	rec, opts := newRecorded(t)
	release, done := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		defer close(done)
		for range 3 {
			r.Pattern = strings.Clone(r.Pattern)
			r.SetPathValue("id", "18")
			select {
			case <-release:
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	mux := http.NewServeMux()
	mux.Handle("/articles/{id}", slow)
	h := http.TimeoutHandler(authenticate(instrument.CaptureRoute(mux)), 30*time.Millisecond, "slow")
	server := httptest.NewServer(instrument.NewHandler(h, "test", append(opts, instrument.WithActor(userOf))...))
	defer server.Close()
	if resp := request(t, server, "PUT", "/articles/17"); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("code %d", resp.StatusCode)
	}
	waitForSpan(t, rec)
	close(release)
	<-done
	check(t, rec.one(), map[string]string{
		activity.ActorIDKey:    "42",
		activity.StatusKey:     "Failed",
		activity.ErrorTypeKey:  "503",
		activity.ActionNameKey: "PUT /articles/{id}",
	})
}
