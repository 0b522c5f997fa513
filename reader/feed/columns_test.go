package feed

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// canary is a row whose columns each have a text that is nowhere else.
func canary() reader.Row {
	row := reader.Row{EventID: activity.NewID(), ActionTime: time.Now().UTC(), RecordedAt: time.Date(1999, 9, 9, 0, 0, 0, 0, time.UTC)}
	for _, c := range activity.Columns() {
		if place := row.Text(c.Name); place != nil {
			*place = "canary-" + c.Name + "."
		}
	}
	row.TenantID = "acme"
	row.Data = json.RawMessage(`{"changes":{"canary-field.":["canary-before.","canary-after."]},"shown":{"a":"canary-shown."},"hidden":"canary-hidden.","objects":[{"id":"canary-objects."}]}`)
	return row
}

// TestHiddenColumns shows random columns, in each format and language, and looks for the
// others. It also asks for each column by a filter.
func TestHiddenColumns(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 1))
	row := canary()
	for range 300 {
		var columns, data []string
		for _, name := range allColumns() {
			if rng.IntN(2) == 0 {
				columns = append(columns, name)
			}
		}
		for _, key := range []string{"shown", "changes", "nothing"} {
			if rng.IntN(2) == 0 {
				data = append(data, key)
			}
		}
		h := serve(t, &fake{rows: []reader.Row{row}}, WithColumns(columns...), WithData(data...), WithLanguage(AcceptLanguage(English(), German())))
		for _, format := range []string{"json", "csv", "html"} {
			w := get(t, h, "/?format="+format, "Accept-Language", []string{"de", "en"}[rng.IntN(2)])
			body := w.Body.String()
			for _, name := range allColumns() {
				if want := slices.Contains(columns, name); name != "tenant_id" && !want && strings.Contains(body, "canary-"+name+".") {
					t.Fatalf("%s has %s, which is not among %q:\n%s", format, name, columns, body)
				} else if want && format != "html" && row.Text(name) != nil && name != "tenant_id" && !strings.Contains(body, "canary-"+name+".") {
					t.Fatalf("%s lacks %s:\n%s", format, name, body)
				}
			}
			for word, shown := range map[string]bool{
				"canary-shown.": slices.Contains(data, "shown"), "canary-field.": slices.Contains(data, "changes"), "canary-before.": slices.Contains(data, "changes"),
				"canary-hidden.": false, "canary-objects.": false, "1999": slices.Contains(columns, "recorded_at"),
			} {
				if strings.Contains(body, word) != shown {
					t.Fatalf("%s, %q: %s, want %v:\n%s", format, data, word, shown, body)
				}
			}
		}
		refused(t, h, columns)
	}
}

// refused asks for each column by its name.
func refused(t *testing.T, h http.Handler, columns []string) {
	t.Helper()
	for _, name := range allColumns() {
		if name == "tenant_id" && slices.Contains(columns, name) {
			continue // that filter finds nothing, and is allowed
		}
		want := 400
		if filters[name] != nil && slices.Contains(columns, name) {
			want = 200
		}
		if w := get(t, h, "/?"+name+"=x"); w.Code != want {
			t.Fatalf("%s among %q: got %d, want %d", name, columns, w.Code, want)
		}
	}
	want := 200
	for _, name := range []string{"remarks", "actor_name", "action_name", "object_name"} {
		if !slices.Contains(columns, name) {
			want = 400
		}
	}
	if w := get(t, h, "/?text=x"); w.Code != want {
		t.Fatalf("text with %q: got %d, want %d", columns, w.Code, want)
	}
}

// TestDefaultColumns is a list to think about before it becomes longer.
func TestDefaultColumns(t *testing.T) {
	body := get(t, serve(t, &fake{rows: []reader.Row{canary()}}), "/").Body.String()
	for _, name := range []string{"tenant_id", "impersonator_id", "action_name", "error_type", "remarks", "client_address", "user_agent", "session_id", "service_name", "trace_id", "span_id", "source"} {
		if strings.Contains(body, name) {
			t.Errorf("%s is shown", name)
		}
	}
	if strings.Contains(body, `"data"`) {
		t.Error("data is shown")
	}
}

// TestFilters: each sets the field of its column, and no other.
func TestFilters(t *testing.T) {
	seen := map[string]bool{}
	for name, set := range filters {
		var q reader.Query
		set(&q, "value")
		text, _ := json.Marshal(q)
		if strings.Count(string(text), `"value"`) != 1 || seen[string(text)] {
			t.Errorf("%s: %s", name, text)
		}
		seen[string(text)] = true
		if new(reader.Row).Text(name) == nil {
			t.Errorf("%s is no column", name)
		}
	}
}

func TestBadData(t *testing.T) {
	s, err := newShown(nil, []string{"a", "a", "changes"})
	if err != nil || len(s.data) != 2 {
		t.Fatal(s, err)
	}
	for data, want := range map[string]string{`{"a":1,"b":2}`: `{"a":1}`, `{"b":2}`: ``, `[]`: ``, ``: ``, `{"a":`: ``, `{"a":"<"}`: `{"a":"\u003c"}`} {
		if got := string(s.members(json.RawMessage(data))); got != want {
			t.Errorf("%s: got %s, want %s", data, got, want)
		}
	}
}
