package activity_test

import (
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

func TestParseActionType(t *testing.T) {
	for s, want := range map[string]activity.ActionType{
		"Create": activity.Create, "READ": activity.Read, "update": activity.Update, "dElEtE": activity.Delete,
		"login": activity.Login, "log_out": activity.Logout, "login_failed": activity.LoginFailed,
		"LOGIN-FAILED": activity.LoginFailed, "LoginFailed": activity.LoginFailed,
	} {
		if got, ok := activity.ParseActionType(s); got != want || !ok {
			t.Errorf("ParseActionType(%q) = %q, %v; want %q", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "Publish", "Creat", "Creates", "login failed twice"} {
		if got, ok := activity.ParseActionType(s); ok || string(got) != s {
			t.Errorf("ParseActionType(%q) = %q, %v; want it back unknown", s, got, ok)
		}
	}
}

func TestParseStatus(t *testing.T) {
	for s, want := range map[string]activity.Status{
		"Success": activity.Success, "SUCCEEDED": activity.Success, "ok": activity.Success,
		"failed": activity.Failed, "FAILURE": activity.Failed, "Error": activity.Failed,
	} {
		if got, ok := activity.ParseStatus(s); got != want || !ok {
			t.Errorf("ParseStatus(%q) = %q, %v; want %q", s, got, ok, want)
		}
	}
	if got, ok := activity.ParseStatus("perhaps"); ok || got != "" {
		t.Errorf("ParseStatus(perhaps) = %q, %v", got, ok)
	}
}

func TestHTTPSemantics(t *testing.T) {
	for method, want := range map[string]activity.ActionType{
		"GET": activity.Read, "HEAD": activity.Read, "POST": activity.Create,
		"PUT": activity.Update, "PATCH": activity.Update, "DELETE": activity.Delete,
		"OPTIONS": "", "TRACE": "", "CONNECT": "", "get": "", "": "",
	} {
		if got, ok := activity.ActionTypeFromMethod(method); got != want || ok != (want != "") {
			t.Errorf("ActionTypeFromMethod(%q) = %q, %v", method, got, ok)
		}
	}
	for code, want := range map[int]activity.Status{
		200: activity.Success, 302: activity.Success, 399: activity.Success,
		400: activity.Failed, 404: activity.Failed, 500: activity.Failed,
	} {
		if got := activity.StatusFromHTTP(code); got != want {
			t.Errorf("StatusFromHTTP(%d) = %q, want %q", code, got, want)
		}
	}
}

func TestDefaultRemarks(t *testing.T) {
	for want, a := range map[string]activity.Activity{
		"alice: Update article 17 failed": {
			Actor: activity.Actor{ID: "1", Name: "alice"}, ActionType: activity.Update, Status: activity.Failed,
			Object: activity.Object{Type: "article", ID: "17"}},
		"7: Read":                 {Actor: activity.Actor{ID: "7"}, ActionType: activity.Read},
		"anonymous: Login Failed": {ActionType: activity.LoginFailed, Status: activity.Failed},
		"system: Delete session":  {Actor: activity.Actor{Type: activity.ActorSystem}, ActionType: activity.Delete, Object: activity.Object{Type: "session"}},
	} {
		if got := a.DefaultRemarks(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
