package webtest_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

// The API has the exact text of hostile values, in JSON and CSV, and finds rows by them. Only
// the page shows characters by their numbers.
func TestExactValues(t *testing.T) {
	for name, start := range databases {
		t.Run(name, func(t *testing.T) {
			db := start(t)
			var rows []reader.Row
			for i, value := range hostile {
				if len(value) > 200 || strings.Contains(value, "\x00") && db.driver != "sqlite" {
					continue // longer than some columns, or text that is none there
				}
				r := row(end.Add(-time.Duration(i) * time.Minute))
				r.ActorID, r.ActorName, r.ObjectType, r.ObjectID, r.Remarks = value, value, value, value, value
				member, _ := json.Marshal(value)
				r.Data = json.RawMessage(`{"k":` + string(member) + `}`)
				rows = append(rows, r)
			}
			db.write(t, rows...)
			api := serve(t, db.reader(t)) + "api/v1/activities?limit=1000"
			all := decode[page](t, get(t, api))
			if len(all.Activities) != len(rows) {
				t.Fatalf("got %d activities, want %d", len(all.Activities), len(rows))
			}
			lines, err := csv.NewReader(bytes.NewReader(ask(t, http.MethodGet, api, http.Header{"Accept": {"text/csv"}}).body)).ReadAll()
			if err != nil || len(lines) != len(rows)+1 {
				t.Fatalf("got %d lines, %v", len(lines), err)
			}
			for i, want := range rows {
				got := all.Activities[i]
				if got.ActorID != want.ActorID || got.ObjectType != want.ObjectType || got.Remarks != want.Remarks || compact(t, got.Data) != compact(t, want.Data) {
					t.Errorf("%q: got %+v", want.ActorID, got)
				}
				// encoding/csv reads \r\n within a value as \n.
				if text := strings.ReplaceAll(want.ActorID, "\r\n", "\n"); lines[i+1][2] != text {
					t.Errorf("CSV: got %q, want %q", lines[i+1][2], text)
				}
				if !strings.Contains(want.ActorID, "\x00") {
					findable(t, api, want)
				}
			}
		})
	}
}

// findable looks for a row by each of its values.
func findable(t *testing.T, api string, want reader.Row) {
	t.Helper()
	value := url.QueryEscape(want.ActorID)
	for _, query := range []string{"actor_id=" + value, "object_type=" + value + "&object_id=" + value, "text=" + value, "data=" + url.QueryEscape("k="+want.ActorID)} {
		found := decode[page](t, get(t, api+"&"+query)).ids()
		ok := false
		for _, id := range found {
			ok = ok || id == want.EventID.String()
		}
		if !ok {
			t.Errorf("%.20s: %q is not found", query, want.ActorID)
		}
	}
}
