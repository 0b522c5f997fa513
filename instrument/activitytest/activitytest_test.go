package activitytest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/activitytest"
)

// failures is a test that only keeps how it failed.
type failures struct {
	testing.TB

	messages []string
}

func (f *failures) Helper() {}

func (f *failures) Errorf(format string, args ...any) {
	f.messages = append(f.messages, fmt.Sprintf(format, args...))
}

func (f *failures) String() string { return strings.Join(f.messages, "\n") }

// golden compares a message, line by line.
func golden(t *testing.T, got *failures, want string) {
	t.Helper()
	if got, want := got.String(), strings.TrimPrefix(want, "\n"); got != want {
		t.Errorf("the message is\n%s\nwant\n%s", got, want)
	}
}

var alice = activity.Actor{ID: "1", Type: activity.ActorUser, Name: "alice"}

// byBasicAuth is the actor of a test's request.
func byBasicAuth(r *http.Request) activity.Actor {
	if name, _, ok := r.BasicAuth(); ok {
		return activity.Actor{ID: "1", Name: name}
	}
	return activity.Actor{}
}

// handler wraps a mux as a service does.
func handler(rec *activitytest.Recorder, mux http.Handler, opts ...instrument.Option) http.Handler {
	return instrument.NewHandler(mux, "test", append(opts, rec.Option(), instrument.WithActor(byBasicAuth))...)
}

// serve makes a request as alice.
func serve(h http.Handler, method, path string) {
	r := httptest.NewRequest(method, path, nil)
	r.SetBasicAuth("alice", "")
	h.ServeHTTP(httptest.NewRecorder(), r)
}
