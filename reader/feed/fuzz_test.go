package feed

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// FuzzRequest sends arbitrary paths, queries and headers. Each query that reaches the
// database has the scope, and the response is one of those that the feed has.
func FuzzRequest(f *testing.F) {
	for _, seed := range [][3]string{
		{"/", "actor_id=42&status=Failed&limit=3", "text/csv"}, {"/history", "object_type=article&object_id=17", "*/*"}, {"/01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a", "format=html", ""},
		{"/", "tenant_id=globex&tenant_id=acme", "text/html;q=x"}, {"//", "%74enant_id=%00", "de;q=0.5, *"}, {"/", "from=2026-11-26&to=2026-11-27T00:00:00%2B01:00&cursor=" + cursor, "application/json"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	rows := canary()
	f.Fuzz(func(t *testing.T, path, query, header string) {
		from := &fake{rows: hostile(t)}
		from.rows[0].Remarks = rows.Remarks
		h := serve(t, from, WithColumns("tenant_id", "actor_name", "client_address"), WithLanguage(AcceptLanguage(English(), German())))
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: path, RawQuery: query}
		r.Header = http.Header{"Accept": {header}, "Accept-Language": {header}, "X-Tenant": {header}}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if !slices.Contains([]int{200, 400, 404, 406, 414}, w.Code) || strings.Contains(w.Body.String(), rows.Remarks) {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		for _, q := range from.asked {
			if q.Tenant != "acme" || q.Text != "" || q.Trace != "" || len(q.Data) > 0 {
				t.Errorf("the query is %+v", q)
			}
		}
	})
}
