package adaptertest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/instrument/activitytest"
)

// Cover checks that [activitytest.CoverRoutes] works with the routes that the router of a
// framework lists: each of the blog's leaves an activity, and one that does not exist is found.
// nowhere is a pattern that the router does not have.
func Cover(t *testing.T, rec *activitytest.Recorder, blog *Blog, router http.Handler, routes []activitytest.Route, nowhere string) {
	t.Helper()
	request := func(route activitytest.Route) {
		token, err := blog.Login(context.Background(), "alice", "ecila") // a route may end the session
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), route.Method, route.Path("id", "99"), strings.NewReader(url.Values{"title": {"x"}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", "Bearer "+token)
		router.ServeHTTP(httptest.NewRecorder(), r)
	}
	mutating := 0
	for _, route := range Routes {
		if route.Method != http.MethodGet {
			mutating++
		}
	}
	activitytest.CoverRoutes(t, rec, routes, request)
	if got := len(rec.Activities()); got != mutating {
		t.Errorf("%d activities of %d routes that change something", got, mutating)
	}
	var failed failures
	activitytest.CoverRoutes(&failed, rec, append(routes, activitytest.Route{Method: http.MethodPost, Pattern: nowhere}), request)
	if len(failed.messages) != 1 || !strings.Contains(failed.messages[0], "\tPOST "+nowhere+": ") {
		t.Errorf("a route that does not exist: %q", failed.messages)
	}
}

// failures is a test that only keeps how it failed.
type failures struct {
	testing.TB

	messages []string
}

// Helper is that of a test.
func (*failures) Helper() {}

// Errorf is that of a test.
func (f *failures) Errorf(format string, args ...any) {
	f.messages = append(f.messages, fmt.Sprintf(format, args...))
}
