package webtest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
)

// Mistakes are answered with a problem that names them.
func TestProblems(t *testing.T) {
	db := sqlite(t)
	root := serve(t, db.reader(t)) + "api/"
	for path, want := range map[string]struct {
		code      int
		parameter string
	}{
		"v1/activities?from=yesterday":                           {400, "from"},
		"v1/activities?color=red":                                {400, "color"},
		"v1/activities?parts=true":                               {400, "parts"},
		"v1/activities?cursor=abc":                               {400, "cursor"},
		"v1/history?object_type=article&object_id=1&cursor=AAAA": {400, "cursor"},
		"v1/history?object_type=article":                         {400, "object_id"},
		"v1/history?object_id=1":                                 {400, "object_type"},
		"v1/counts?cursor=abc":                                   {400, "cursor"},
		"v1/counts?by=remarks":                                   {400, "by"},
		"v1/counts?limit=10001":                                  {400, "limit"},
		"v1/activities/01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a?x=1": {400, "x"},
		"v1/activities/x":                                        {400, "id"},
		"v1/activities/01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a":     {404, ""},
		"v1/nothing":                                             {404, ""},
		"v2/activities":                                          {404, ""},
		"":                                                       {404, ""},
	} {
		checkProblem(t, get(t, root+path), want.code, want.parameter)
	}
	checkProblem(t, ask(t, http.MethodGet, root+"v1/activities", http.Header{"Accept": {"application/xml"}}), 406, "")
	post := ask(t, http.MethodPost, root+"v1/activities", nil)
	checkProblem(t, post, 405, "")
	if got := post.Header.Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow is %q", got)
	}
	if _, err := db.writer.ExecContext(t.Context(), "DROP TABLE activity_log"); err != nil {
		t.Fatal(err)
	}
	broken := get(t, root+"v1/activities")
	checkProblem(t, broken, 502, "")
	if bytes.Contains(broken.body, []byte("no such table")) {
		t.Errorf("the answer has the text of the database: %s", broken.body)
	}
}

func checkProblem(t *testing.T, a answer, code int, parameter string) {
	t.Helper()
	var p struct {
		Type, Title, Detail string
		Status              int
		Errors              []struct{ Parameter, Detail string }
	}
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("%s: %s: %v", a.Request.URL, a.body, err)
	}
	if a.StatusCode != code || p.Status != code || a.Header.Get("Content-Type") != "application/problem+json" || p.Title == "" || p.Detail == "" || p.Type == "" {
		t.Errorf("%s: got %d: %s, want %d", a.Request.URL, a.StatusCode, a.body, code)
	}
	if (len(p.Errors) == 1) != (parameter != "") || parameter != "" && p.Errors[0].Parameter != parameter {
		t.Errorf("%s: got %s, want a fault of %q", a.Request.URL, a.body, parameter)
	}
}
