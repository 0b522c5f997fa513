package instrument_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

var testNet = netip.MustParsePrefix("192.0.2.0/24")

// handled collects what is reported to otel.Handle.
type handled struct {
	mu     sync.Mutex
	errors []string
}

func collectErrors(t *testing.T) *handled {
	t.Helper()
	h := &handled{}
	before := otel.GetErrorHandler()
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.errors = append(h.errors, err.Error())
	}))
	t.Cleanup(func() { otel.SetErrorHandler(before) })
	return h
}

func (h *handled) text() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.errors, "\n")
}

// A panic in a function of the service is reported. The answer reaches the client, and
// the activity is recorded.
func TestPanicsOfFunctionsAreReported(t *testing.T) {
	boom := func(*http.Request) bool { panic("boom") }
	for option, opts := range map[string][]instrument.Option{
		"WithActor": {instrument.WithAnonymous(), instrument.WithActor(func(*http.Request) activity.Actor { panic("boom") })},
		"WithRemarksFunc": {instrument.WithAnonymous(),
			instrument.WithRemarksFunc(func(*http.Request, *activity.Activity) string { panic("boom") })},
		"WithFilter": {instrument.WithAnonymous(), instrument.WithFilter(boom)},
	} {
		t.Run(option, func(t *testing.T) {
			reported := collectErrors(t)
			rec, base := newRecorded(t)
			h := instrument.NewHandler(instrument.CaptureRoute(answer(http.StatusCreated)), "test", append(base, opts...)...)
			if w := serve(h, "POST", "/articles"); w.Code != http.StatusCreated {
				t.Errorf("answer %d, want 201", w.Code)
			}
			check(t, rec.one(), map[string]string{activity.ActionTypeKey: "Create", activity.StatusKey: "Success"})
			if got := reported.text(); !strings.Contains(got, option) || !strings.Contains(got, "boom") {
				t.Errorf("reported %q, want it to name %s and the panic", got, option)
			}
		})
	}
}

// reusingRouter keeps what it knows of a request in a context that it uses again for
// the next one, as chi does.
type reusingRouter struct {
	next   http.Handler
	params map[string]string
}

type paramsKey struct{}

func (router *reusingRouter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	router.params["id"] = strings.TrimPrefix(r.URL.Path, "/articles/")
	router.next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), paramsKey{}, router.params)))
	router.params["id"] = "another request's"
}

// The service's functions are asked while the router's context is of their request.
func TestFunctionsAreAskedWithinTheRouter(t *testing.T) {
	rec, opts := newRecorded(t)
	param := func(r *http.Request) string { return r.Context().Value(paramsKey{}).(map[string]string)["id"] }
	router := &reusingRouter{instrument.CaptureRoute(answer(http.StatusOK)), map[string]string{}}
	h := instrument.NewHandler(router, "test", append(opts,
		instrument.WithActor(func(r *http.Request) activity.Actor { return activity.Actor{ID: "user of " + param(r)} }),
		instrument.WithRemarksFunc(func(r *http.Request, a *activity.Activity) string {
			return a.Actor.ID + " did something to " + param(r) + ": " + string(a.Status)
		}))...)
	serve(h, "PUT", "/articles/17")
	check(t, rec.one(), map[string]string{
		activity.ActorIDKey: "user of 17", activity.RemarksKey: "user of 17 did something to 17: Success",
	})
}

// Remarks about an outcome that changes after the router are asked for again.
func TestRemarksOfAChangedOutcome(t *testing.T) {
	rec, opts := newRecorded(t)
	failing := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		instrument.CaptureRoute(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
		w.WriteHeader(http.StatusBadGateway)
	})
	serve(instrument.NewHandler(failing, "test", append(opts, instrument.WithActor(asAlice),
		instrument.WithRemarksFunc(func(_ *http.Request, a *activity.Activity) string { return string(a.Status) }))...), "PUT", "/x")
	check(t, rec.one(), map[string]string{activity.StatusKey: "Failed", activity.RemarksKey: "Failed"})
}

// A function of the service that takes long does not answer about a later context.
func TestAnswerThatIsLate(t *testing.T) {
	rec, opts := newRecorded(t)
	asked, answer := make(chan struct{}), make(chan struct{})
	r, call := instrument.NewTracker(append(opts, instrument.WithActor(func(r *http.Request) activity.Actor {
		actor := activity.ActorFromContext(r.Context())
		if actor == alice {
			close(asked)
			<-answer
		}
		return actor
	}))...).Start(httptest.NewRequest(http.MethodPut, "/articles/17", nil))
	var wg sync.WaitGroup
	wg.Go(func() { instrument.CaptureContext(activity.ContextWithActor(r.Context(), alice)) })
	<-asked
	instrument.CaptureContext(activity.ContextWithActor(r.Context(), carol))
	close(answer)
	wg.Wait()
	call.End(instrument.Answer{})
	check(t, rec.one(), map[string]string{activity.ActorIDKey: carol.ID})
}

// An activity that is recorded at its beginning is recorded once, and does not change.
func TestRecordNow(t *testing.T) {
	rec, opts := newRecorded(t)
	var id, again activity.ID
	h := instrument.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := instrument.FromContext(r.Context())
		c.SetAction("", "feed.subscribe")
		id = c.RecordNow()
		if rec.one()[activity.ActionNameKey] != "feed.subscribe" {
			t.Error("the activity was not recorded at once")
		}
		c.SetRemarks("too late")
		again = c.RecordNow()
		w.WriteHeader(http.StatusInternalServerError)
	}), "test", append(opts, instrument.WithActor(asAlice))...)
	serve(h, "GET", "/feed")
	check(t, rec.one(), map[string]string{activity.IDKey: id.String(), activity.StatusKey: "Success", activity.RemarksKey: "alice read feed"})
	if !again.IsZero() {
		t.Errorf("the second RecordNow returned %v, want the zero id", again)
	}
	if !(*instrument.Current)(nil).RecordNow().IsZero() {
		t.Error("a nil Current recorded something")
	}
}

func TestRecordNowOfUntracked(t *testing.T) {
	rec, opts := newRecorded(t)
	serve(instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if id := instrument.FromContext(r.Context()).RecordNow(); !id.IsZero() {
			t.Errorf("recorded %v without an actor", id)
		}
	}), "test", opts...), "GET", "/feed")
	rec.none()
}

// A service may know the client's address better, and its proxies may use another header.
func TestClientAddressOfTheService(t *testing.T) {
	for _, tt := range []struct {
		header, value, set, want string
	}{
		{"X-Real-Ip", "203.0.113.7", "", "203.0.113.7"},
		{"x-real-ip", "203.0.113.7", "", "203.0.113.7"},
		{"Forwarded", `for="[2001:db8::17]:4711";proto=https`, "", "2001:db8::17"},
		{"X-Real-Ip", "203.0.113.7", "[2001:DB8::9]:80", "2001:db8::9"},
		{"", "", "", "192.0.2.1"}, // httptest's peer
	} {
		rec, opts := newRecorded(t)
		opts = append(opts, instrument.WithActor(asAlice))
		if tt.header != "" {
			opts = append(opts, instrument.WithTrustedProxies(testNet), instrument.WithForwardedHeader(tt.header))
		}
		h := instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if tt.set != "" {
				instrument.FromContext(r.Context()).SetClientAddress(tt.set)
			}
		}), "test", opts...)
		r := httptest.NewRequest("GET", "/x", nil)
		r.Header.Set("X-Forwarded-For", "6.6.6.6")
		if tt.header != "" {
			r.Header.Set(tt.header, tt.value)
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
		check(t, rec.one(), map[string]string{activity.ClientAddressKey: tt.want})
	}
}

// A later SetObject keeps what it does not set.
func TestSetObjectKeepsEarlierFields(t *testing.T) {
	rec, opts := newRecorded(t)
	serve(instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		c := instrument.FromContext(r.Context())
		c.SetObject(activity.Object{ID: "17", Name: "Hello"})
		c.SetObject(activity.Object{Type: "post"})
	}), "test", append(opts, instrument.WithActor(asAlice))...), "PUT", "/articles/18")
	check(t, rec.one(), map[string]string{activity.ObjectTypeKey: "post", activity.ObjectIDKey: "17", activity.ObjectNameKey: "Hello"})
}

// A service whose requests never have an actor is told why it has no rows, once.
func TestNoActorIsReported(t *testing.T) {
	for name, tt := range map[string]struct {
		actor func(i int) activity.Actor
		want  int
	}{
		"never":  {func(int) activity.Actor { return activity.Actor{} }, 1},
		"always": {func(int) activity.Actor { return alice }, 0},
		"at times": {func(i int) activity.Actor {
			if i == 50 {
				return alice
			}
			return activity.Actor{}
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			reported := collectErrors(t)
			_, opts := newRecorded(t)
			i := 0
			h := instrument.NewHandler(answer(http.StatusOK), "test", append(opts,
				instrument.WithActor(func(*http.Request) activity.Actor { return tt.actor(i) }))...)
			for ; i < 250; i++ {
				serve(h, "GET", "/x")
			}
			if n := strings.Count(reported.text(), "the first 100 requests had no actor"); n != tt.want {
				t.Errorf("reported %d times, want %d: %s", n, tt.want, reported.text())
			}
		})
	}
}

// Whoever is answered with 401 is not known, whatever the request claims.
func TestClaimedActorIsNotRecorded(t *testing.T) {
	basic := instrument.WithActor(func(r *http.Request) activity.Actor {
		user, _, _ := r.BasicAuth()
		return activity.Actor{ID: user}
	})
	for code, want := range map[int]string{http.StatusOK: "mallory", http.StatusForbidden: "mallory", http.StatusUnauthorized: ""} {
		rec, opts := newRecorded(t)
		r := httptest.NewRequest("PUT", "/articles/17", nil)
		r.SetBasicAuth("mallory", "wrong")
		instrument.NewHandler(answer(code), "test", append(opts, basic, instrument.WithAnonymousFailures())...).ServeHTTP(httptest.NewRecorder(), r)
		check(t, rec.one(), map[string]string{activity.ActorIDKey: want})
	}
	rec, opts := newRecorded(t)
	serve(instrument.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		instrument.FromContext(r.Context()).SetActor(alice)
		w.WriteHeader(http.StatusUnauthorized)
	}), "test", append(opts, basic)...), "PUT", "/articles/17")
	check(t, rec.one(), map[string]string{activity.ActorIDKey: alice.ID}) // the service says so itself
}
