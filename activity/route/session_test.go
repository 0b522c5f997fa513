package route_test

import (
	"testing"

	"github.com/otelactivity/activitylog/activity/route"
)

// TestSession is about requests that log in or out, and others whose routes have the same
// words: a Login that was none accuses somebody.
func TestSession(t *testing.T) {
	const login, logout, none = route.Login, route.Logout, route.NoSession
	for _, tt := range []struct {
		method, path string
		want         route.Session
	}{
		{"POST", "/session", login},
		{"POST", "/_session", login},
		{"POST", "/api/v1/sessions", login},
		{"POST", "/api/auth", login},
		{"POST", "/rest/auth", login},
		{"POST", "/api/token", login},
		{"POST", "/admin/session", login},
		{"POST", "/user/session", login},
		{"POST", "/users/sessions/new", login},
		{"POST", "/ghost/api/admin/session", login},
		{"POST", "/web/session", login},
		{"POST", "/identity/token", login},
		{"POST", "/oauth/token", login},
		{"POST", "/login/access-token", login},
		{"POST", "/api/login_check", login},
		{"DELETE", "/session", logout},
		{"DELETE", "/api/auth/session", logout},
		{"POST", "/logout", logout},
		{"POST", "/logout/all", logout},

		{"POST", "/v1/checkout/sessions", none},
		{"POST", "/billing_portal/sessions", none},
		{"POST", "/training/sessions", none},
		{"POST", "/upload/session", none},
		{"POST", "/chat/session/new", none},
		{"POST", "/payments/token", none},
		{"POST", "/broadcasting/auth", none},
		{"POST", "/pusher/auth", none},
		{"POST", "/namespaces/prod/serviceaccounts/ci/token", none},
		{"POST", "/devices/kitchen/token", none},
		{"DELETE", "/cart/session", none},
		{"POST", "/login/history", none},
		{"POST", "/login/v2/poll", none},
		{"POST", "/logout/settings", none},
	} {
		for _, pattern := range []string{tt.path, ""} { // some frameworks send no route
			if got := route.Parse(pattern).Act(tt.method, tt.path, 200).Session; got != tt.want {
				t.Errorf("%s %s, route %q: got %d, want %d", tt.method, tt.path, pattern, got, tt.want)
			}
		}
	}
}
