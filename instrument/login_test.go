package instrument_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

func TestLogins(t *testing.T) {
	for _, tt := range []struct {
		name    string
		method  string
		handler http.HandlerFunc
		want    map[string]string
	}{
		{"login", "POST", func(w http.ResponseWriter, r *http.Request) {
			instrument.RecordLogin(r.Context(), alice)
			w.Header().Set("Location", "/session/secret")
			w.WriteHeader(http.StatusCreated)
		}, map[string]string{
			activity.ActionTypeKey: "Login",
			activity.ActionNameKey: "POST /session",
			activity.StatusKey:     "Success",
			activity.ActorIDKey:    "42",
			activity.ObjectTypeKey: "session",
			activity.ObjectIDKey:   "", // Location may hold the session's secret
			activity.RemarksKey:    "alice logged in from 192.0.2.1",
		}},
		{"logout", "DELETE", func(_ http.ResponseWriter, r *http.Request) {
			instrument.RecordLogout(r.Context(), alice)
		}, map[string]string{activity.ActionTypeKey: "Logout", activity.RemarksKey: "alice logged out from 192.0.2.1"}},
		{"failed with 200", "POST", func(_ http.ResponseWriter, r *http.Request) {
			instrument.FromContext(r.Context()).SetActor(alice)
			instrument.RecordLoginFailed(r.Context(), "alice@example.com")
		}, map[string]string{
			activity.ActionTypeKey: "Login Failed",
			activity.StatusKey:     "Failed",
			activity.ErrorTypeKey:  "",
			activity.ActorIDKey:    "",
			activity.ActorTypeKey:  "",
			activity.DataKey:       `{"claimed":"alice@example.com"}`,
			activity.RemarksKey:    "alice@example.com failed to log in from 192.0.2.1",
		}},
		{"failed with 401", "POST", func(w http.ResponseWriter, r *http.Request) {
			instrument.RecordLoginFailed(r.Context(), "")
			w.WriteHeader(http.StatusUnauthorized)
		}, map[string]string{
			activity.StatusKey:    "Failed",
			activity.ErrorTypeKey: "401",
			activity.DataKey:      "",
			activity.RemarksKey:   "anonymous failed to log in from 192.0.2.1",
		}},
		{"second try", "POST", func(_ http.ResponseWriter, r *http.Request) {
			instrument.FromContext(r.Context()).SetData("k", 1)
			instrument.RecordLoginFailed(r.Context(), "alice@example.com")
			instrument.RecordLogin(r.Context(), alice)
		}, map[string]string{
			activity.ActionTypeKey: "Login",
			activity.StatusKey:     "Success",
			activity.DataKey:       `{"k":1}`,
		}},
		{"untracked method", "OPTIONS", func(_ http.ResponseWriter, r *http.Request) {
			instrument.RecordLogin(r.Context(), alice)
		}, map[string]string{activity.ActionTypeKey: "Login"}},
		{"SetAction", "POST", func(_ http.ResponseWriter, r *http.Request) {
			instrument.FromContext(r.Context()).SetAction(activity.ActionLoginFailed, "")
		}, map[string]string{activity.StatusKey: "Failed", activity.ActorTypeKey: ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			serve(instrument.NewHandler(handle(tt.handler, "/session"), "test", opts...), tt.method, "/session")
			check(t, rec.one(), tt.want)
			check(t, spanMap(rec.spans.Ended()[0]), tt.want)
		})
	}
}

// A login after the request ended is one more record, by the same provider.
func TestLoginAfterTheRequest(t *testing.T) {
	rec, opts := newRecorded(t)
	var ctx context.Context
	serve(instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx = r.Context()
	}), "test", opts...), "GET", "/x")
	rec.none()
	instrument.RecordLoginFailed(ctx, "alice@example.com")
	check(t, rec.one(), map[string]string{
		activity.ActionTypeKey: "Login Failed",
		activity.ObjectTypeKey: "session",
		activity.RemarksKey:    "alice@example.com failed to log in",
	})
}
