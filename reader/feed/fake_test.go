package feed

import (
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

var update = flag.Bool("update", false, "write golden files again")

// fake is a database that returns the same rows for each query.
type fake struct {
	rows   []reader.Row
	err    error
	next   reader.Cursor
	asked  []reader.Query
	paging []reader.Paging
}

// List implements [source].
func (f *fake) List(_ context.Context, q reader.Query, p reader.Paging) (reader.Page, error) {
	f.asked, f.paging = append(f.asked, q), append(f.paging, p)
	return reader.Page{Rows: f.rows, Next: f.next, Previous: f.next}, f.err
}

// acme is the scope of most tests.
func acme(*http.Request) (Scope, error) { return TenantScope("acme"), nil }

// serve returns a handler of a feed for a tenant.
func serve(t *testing.T, from source, options ...Option) http.Handler {
	t.Helper()
	silent := slog.New(slog.DiscardHandler)
	h, err := newHandler(from, append([]Option{WithScope(acme), WithLogger(silent)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// get sends a request. Headers are names and values in turn.
func get(t *testing.T, h http.Handler, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// golden compares a text with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it); got\n%s", name, got)
	}
}

// hostile are rows of all kinds, with names that try to become something else.
func hostile(t *testing.T) []reader.Row {
	t.Helper()
	at := time.Date(2026, 11, 26, 22, 30, 15, 123456000, time.UTC)
	rows := []reader.Row{
		{ActorName: "alice", ActorID: "42", ActionType: "Update", Status: "Success", ObjectType: "article", ObjectID: "17", ObjectName: "A mad tea party",
			Data: json.RawMessage(`{"changes":{"title":["Tea","A mad tea party"],"n":[1,null],"<b>":["<i>x</i>","{actor}"]},"reason":"<script>alert(1)</script>","secret":"hidden"}`)},
		{ActorName: `<script>alert("actor")</script>`, ActionType: "Delete", Status: "Failed", ObjectType: `"><img src=x onerror=alert(1)>`, ObjectName: "{actor} {{.}} {object}"},
		{ActorName: "eve\nadmin logged in", ActionType: "Read", Status: "Success", ObjectID: "a\u202eb\u2028c", ObjectType: "article"},
		{ActorType: "anonymous", ActionType: "Login Failed", Status: "Failed"},
		{ActorType: "system", ActionType: "=cmd|' /C calc'!A0", Status: "Success"},
		{ActorID: "42", ImpersonatorID: "staff-7", ActionType: "Create", Status: "Success", ObjectType: "invoice"},
		{ActorName: "=HYPERLINK(\"http://evil.test\")", ActionType: "Logout", Status: "Success", ClientAddress: "192.0.2.7\"><script>"},
		{ActionType: "Publish", Status: "Failed", ObjectID: "https://example.test/?a=1&b=2", ActorName: "größer 😀 𝔘"},
	}
	for i := range rows {
		rows[i].TenantID, rows[i].ActionTime, rows[i].RecordedAt = "acme", at.Add(-time.Duration(i)*time.Hour), at
		rows[i].EventID = activity.ID{0: 1, 6: 0x70, 8: 0x80, 15: byte(i)}
		if rows[i].Data == nil {
			rows[i].Data = json.RawMessage(`{}`)
		}
	}
	return rows
}
