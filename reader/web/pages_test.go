package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// answer returns the answer to a request, from a database without rows.
func answer(t *testing.T, path, accept string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	w := httptest.NewRecorder()
	broken(t, errNoRows).ServeHTTP(w, r)
	return w
}

// Each page has its filters as chips, without what it is about, and is marked in the navigation.
func TestPages(t *testing.T) {
	const by = "&status=Failed&client_address=192.0.2.7"
	chips := []string{"Result: <bdi>Failed", "Address: <bdi>192.0.2.7"}
	for path, want := range map[string]struct {
		section string // of the navigation
		parts   []string
	}{
		"/?actor_id=42" + by:                                  {"Activities", []string{"Actor id: <bdi>42"}},
		"/failed-logins?actor_id=42" + by:                     {"Failed logins", []string{"Actor id: <bdi>42"}},
		"/counts?actor_id=42" + by:                            {"Counts", []string{"Actor id: <bdi>42", "by day", "interval=day&amp;last=7d"}},
		"/actor?actor_id=42" + by:                             {"", []string{"<h1><bdi>42</bdi></h1>"}},
		"/object?object_type=a&object_id=42" + by:             {"", []string{"<h1><bdi>a 42</bdi></h1>", "parts=true&amp;status=Failed\">With what belongs"}},
		"/object?object_type=a&object_id=42&parts=true" + by:  {"", []string{"parts=false&amp;status=Failed\">Without what belongs"}},
		"/object?object_type=a&object_id=42&parts=false" + by: {"", []string{"parts=true&amp;status=Failed\">With what belongs"}},
		"/counts?interval=month&last=30d&actor_id=42" + by:    {"Counts", []string{"by month", "Period: <bdi>30d"}},
		"/failed-logins?text=x&last=1h&actor_id=42" + by:      {"Failed logins", []string{"Text: <bdi>x", "Period: <bdi>1h"}},
	} {
		w := answer(t, path, "")
		body := w.Body.String()
		for _, part := range append(want.parts, chips...) {
			if w.Code != http.StatusOK || !strings.Contains(body, part) {
				t.Errorf("%s: got %d, and no %s", path, w.Code, part)
			}
		}
		if strings.Contains(path, "/actor") && strings.Contains(body, "Actor id: ") || strings.Contains(path, "/object") && strings.Contains(body, "Object id: ") {
			t.Errorf("%s: what the page is about is a filter that can be removed", path)
		}
		section := ""
		if _, after, ok := strings.Cut(body, ` aria-current="page">`); ok {
			section, _, _ = strings.Cut(after, "<")
		}
		if section != want.section || strings.Count(body, "aria-current") > 1 {
			t.Errorf("%s: %q is marked, want %q", path, section, want.section)
		}
	}
}

// Failed logins are of one type: another one is not taken for a filter and then left out.
func TestFailedLoginsHaveOneType(t *testing.T) {
	if w := answer(t, "/failed-logins?action_type=Create", ""); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "there is no such parameter here") {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
}

// A program gets its problems as JSON, whatever is wrong.
func TestProblemsOfPrograms(t *testing.T) {
	for path, want := range map[string]int{
		"/api/v1/nothing": 404, "/api/": 404, "/api/v1/activities?x=1": 400, "/api/v1/activities/x": 400, "/api/v1/history": 400,
		"/api/v1/activities/01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a": 404,
	} {
		if w := answer(t, path, ""); w.Code != want || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: got %d, %s", path, w.Code, w.Header().Get("Content-Type"))
		}
	}
	for path, accept := range map[string]string{"/api/v1/activities": "image/png", "/api/v1/history?object_type=a&object_id=b": "text/csv"} {
		if w := answer(t, path, accept); w.Code != http.StatusNotAcceptable || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s, %s: got %d, %s", path, accept, w.Code, w.Header().Get("Content-Type"))
		}
	}
	w := httptest.NewRecorder()
	broken(t, errNoRows).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/v1/activities", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("POST: got %d, %s", w.Code, w.Header().Get("Content-Type"))
	}
}
