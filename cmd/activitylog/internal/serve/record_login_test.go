package serve

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/activitytest"
)

// recordedAs asks for a path, and checks what is recorded: an activity of this type, or
// nothing if it is "".
func recordedAs(t *testing.T, login middleware, path string, change func(*http.Request), want activity.ActionType) activity.Activity {
	t.Helper()
	rec := activitytest.NewRecorder()
	ask(Recording{Options: []instrument.Option{rec.Option()}}.Wrap(login(hello)), path, change)
	got := rec.Activities()
	switch {
	case want == "" && len(got) == 0:
		return activity.Activity{}
	case want != "" && len(got) == 1 && got[0].ActionType == want:
		return got[0]
	}
	t.Errorf("%s: got %+v, want %q", path, got, want)
	return activity.Activity{}
}

// A logout without a session ends none, and a callback that is no login is a login that failed.
func TestRecordedSessions(t *testing.T) {
	p := &relying{pending: newSealer("a"), sessions: newSealer("b"), now: time.Now, logger: quiet}
	with := func(s *sealer, value any) func(*http.Request) {
		w := httptest.NewRecorder()
		s.set(w, value, time.Minute)
		return func(r *http.Request) { r.AddCookie(w.Result().Cookies()[0]) }
	}
	until := time.Now().Add(time.Minute)
	begun := with(p.pending, pending{State: "s", Until: until})
	session := with(p.sessions, session{ID: "1", Person: Person{ID: "42"}, Until: until})
	recordedAs(t, p.middleware, logoutPath, nil, "")
	if a := recordedAs(t, p.middleware, logoutPath, session, activity.ActionLogout); a.Actor.ID != "42" {
		t.Errorf("the logout is of %+v", a.Actor)
	}
	recordedAs(t, p.middleware, logoutPath, session, "") // it has ended before
	recordedAs(t, p.middleware, callbackPath, nil, activity.ActionLoginFailed)
	recordedAs(t, p.middleware, callbackPath+"?state=other&code=x", begun, activity.ActionLoginFailed)
	recordedAs(t, p.middleware, callbackPath+"?state=s&error=access_denied", begun, activity.ActionLoginFailed)
	recordedAs(t, p.middleware, "/", nil, "") // the login begins
}

// With --auth basic there is no such thing as a logout, and a password that nobody compared was
// not wrong.
func TestRecordedPasswords(t *testing.T) {
	b := &basic{hashes: map[string][]byte{"alice": []byte(hash(t, "secret", 4))}, slots: make(chan struct{}, 1), key: make([]byte, 32)}
	alice := func(password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth("alice", password) }
	}
	recordedAs(t, b.middleware, "/", alice("guess"), activity.ActionLoginFailed)
	for _, path := range []string{logoutPath, callbackPath} {
		recordedAs(t, b.middleware, path, nil, "")
	}
	b.slots <- struct{}{} // all others are being compared
	left, cancel := context.WithCancel(t.Context())
	cancel()
	recordedAs(t, b.middleware, "/", func(r *http.Request) {
		alice("guess")(r)
		*r = *r.WithContext(left)
	}, "")
}
