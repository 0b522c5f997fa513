package activity_test

import (
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

func TestParseActionType(t *testing.T) {
	for s, want := range map[string]activity.ActionType{
		"Create": activity.ActionCreate, "READ": activity.ActionRead, "update": activity.ActionUpdate, "dElEtE": activity.ActionDelete,
		"login": activity.ActionLogin, "log_out": activity.ActionLogout, "login_failed": activity.ActionLoginFailed,
		"LOGIN-FAILED": activity.ActionLoginFailed, "LoginFailed": activity.ActionLoginFailed,
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
		"Success": activity.StatusSuccess, "SUCCEEDED": activity.StatusSuccess, "ok": activity.StatusSuccess,
		"failed": activity.StatusFailed, "FAILURE": activity.StatusFailed, "Error": activity.StatusFailed,
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
		"GET": activity.ActionRead, "HEAD": activity.ActionRead, "POST": activity.ActionCreate,
		"PUT": activity.ActionUpdate, "PATCH": activity.ActionUpdate, "DELETE": activity.ActionDelete,
		"OPTIONS": "", "TRACE": "", "CONNECT": "", "get": "", "": "",
	} {
		if got, ok := activity.ActionTypeFromMethod(method); got != want || ok != (want != "") {
			t.Errorf("ActionTypeFromMethod(%q) = %q, %v", method, got, ok)
		}
	}
	for code, want := range map[int]activity.Status{
		200: activity.StatusSuccess, 302: activity.StatusSuccess, 399: activity.StatusSuccess,
		400: activity.StatusFailed, 404: activity.StatusFailed, 500: activity.StatusFailed,
	} {
		if got := activity.StatusFromHTTP(code); got != want {
			t.Errorf("StatusFromHTTP(%d) = %q, want %q", code, got, want)
		}
	}
}
