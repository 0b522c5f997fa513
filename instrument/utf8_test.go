package instrument_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// What a client writes goes into spans and records as UTF-8, whatever it
// wrote, whether the request is tracked or not: one text that is not UTF-8
// fails a whole batch.
func TestWhatClientsWriteBecomesUTF8(t *testing.T) {
	for _, tracked := range []bool{true, false} {
		rec, opts := newRecorded(t)
		if tracked {
			opts = append(opts, instrument.WithAnonymous())
		}
		var path string
		mux := http.NewServeMux()
		mux.HandleFunc("/{name}", func(_ http.ResponseWriter, r *http.Request) { path = r.URL.Path })
		h := instrument.NewHandler(mux, "test", opts...)
		r := httptest.NewRequest(http.MethodGet, "/a%ff?q=%fe", nil)
		r.Header.Set("User-Agent", "agent\xff")
		r.Header.Set("X-Forwarded-For", "\xfe, 192.0.2.1")
		r.Host = "host\xff:80"
		h.ServeHTTP(httptest.NewRecorder(), r)
		if path != "/a\xff" {
			t.Errorf("the handler saw %q, want the path as it came", path)
		}
		attrs := attribute.NewSet(rec.spans.Ended()[0].Attributes()...)
		for _, kv := range attrs.ToSlice() {
			if !utf8.ValidString(kv.Value.String()) {
				t.Errorf("tracked %v: span attribute %s = %q", tracked, kv.Key, kv.Value.String())
			}
		}
		if got, _ := attrs.Value("url.path"); got.AsString() != "/a\uFFFD" {
			t.Errorf("url.path = %q", got.AsString())
		}
		if got, _ := attrs.Value("server.address"); got.AsString() != "host\uFFFD" {
			t.Errorf("server.address = %q", got.AsString())
		}
		if !tracked {
			continue
		}
		for key, text := range rec.one() {
			if !utf8.ValidString(text) {
				t.Errorf("record attribute %s = %q", key, text)
			}
		}
		check(t, rec.one(), map[string]string{activity.UserAgentKey: "agent\uFFFD"})
	}
}
