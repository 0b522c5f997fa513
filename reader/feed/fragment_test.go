package feed

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestFragment: a page of the service has the list of its query in it, and the session of
// its request.
func TestFragment(t *testing.T) {
	from := &fake{rows: hostile(t)[:1]}
	h := serve(t, from, WithScope(func(r *http.Request) (Scope, error) {
		switch cookie, err := r.Cookie("session"); {
		case err != nil:
			return Scope{}, ErrUnauthenticated
		case cookie.Value == "locked":
			return Scope{}, ErrForbidden
		case cookie.Value == "broken":
			return Scope{}, errors.New("secret")
		}
		return TenantScope("acme"), nil
	}))
	for _, tt := range []struct {
		method, target, session string
		err                     error
		text                    string
	}{
		{"GET", "/account?status=Success&format=csv", "alice", nil, ""}, {"POST", "/account/settings", "alice", nil, ""}, {"GET", "/account/01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a", "alice", nil, ""},
		{"GET", "/account", "", ErrUnauthenticated, "not logged in"}, {"GET", "/account", "locked", ErrForbidden, "not allowed"}, {"GET", "/account", "broken", nil, "show activities: the activities cannot be read"},
		{"GET", "/account?utm_source=x", "alice", nil, `the parameter "utm_source" is not allowed`}, {"GET", "/account?a;b", "alice", nil, "the query cannot be read"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), tt.method, tt.target, nil)
		if tt.session != "" {
			r.AddCookie(&http.Cookie{Name: "session", Value: tt.session})
		}
		html, err := Fragment(h, r)
		if tt.text == "" {
			if err != nil || !strings.HasPrefix(string(html), `<section class="activity-feed" lang="en"`) {
				t.Errorf("%s: got %q, %v", tt.target, html, err)
			}
		} else if html != "" || err == nil || !strings.Contains(err.Error(), tt.text) || strings.Contains(err.Error(), "secret") || tt.err != nil && !errors.Is(err, tt.err) {
			t.Errorf("%s as %s: got %q, %v, want %s", tt.target, tt.session, html, err, tt.text)
		}
		if r.URL.Query().Has("format") != strings.Contains(tt.target, "format") {
			t.Error("the request has changed")
		}
	}
	if q := from.asked[0]; q.Status != "Success" || q.Tenant != "acme" {
		t.Errorf("the query is %+v", q)
	}
	if q := from.asked[2]; !q.ID.IsZero() {
		t.Errorf("the path of the page is in the query: %+v", q)
	}
	text := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) })
	if _, err := Fragment(text, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)); err == nil || !strings.Contains(err.Error(), "teapot") {
		t.Errorf("another handler: %v", err)
	}
}
