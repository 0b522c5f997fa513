package instrument_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/otelactivity/activitylog/instrument"
)

// TestPassBack checks what the otelhttp handler around ours gets from a request that only the
// router has: the route, by which it names the span, and the files of a form, which it hands to
// net/http to remove. RecordNow does not change that.
func TestPassBack(t *testing.T) {
	read := func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1); err != nil || len(files(t)) == 0 {
			t.Errorf("read the form: %v; files %q", err, files(t))
		}
		w.WriteHeader(http.StatusNoContent)
	}
	for name, handler := range map[string]http.HandlerFunc{
		"at the end": read,
		"RecordNow before the form": func(w http.ResponseWriter, r *http.Request) {
			instrument.FromContext(r.Context()).RecordNow()
			read(w, r)
		},
		"RecordNow after the form": func(w http.ResponseWriter, r *http.Request) {
			read(w, r)
			instrument.FromContext(r.Context()).RecordNow()
		},
	} {
		for where, wrap := range map[string]func(http.Handler) http.Handler{
			"the same request": func(h http.Handler) http.Handler { return h },
			"another request":  func(h http.Handler) http.Handler { return authenticate(instrument.CaptureRoute(h)) },
		} {
			t.Run(name+", "+where, func(t *testing.T) {
				t.Setenv("TMPDIR", t.TempDir())
				rec, opts := newRecorded(t)
				mux := http.NewServeMux()
				mux.HandleFunc("POST /articles/{id}/files", handler)
				srv := httptest.NewServer(instrument.NewHandler(wrap(mux), "test", append(opts, instrument.WithActor(userOf))...))
				upload(t, srv)
				srv.Close() // waits for the end of the request
				if left := files(t); len(left) > 0 {
					t.Errorf("files are left: %q", left)
				}
				if name := waitForSpan(t, rec).Name(); name != "POST /articles/{id}/files" {
					t.Errorf("span name %q", name)
				}
			})
		}
	}
}

// files returns what is in the folder for temporary files.
func files(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(os.TempDir())
	if err != nil {
		t.Error(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// upload sends a form with a file.
func upload(t *testing.T, srv *httptest.Server) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = file.Write(make([]byte, 11<<20)) // net/http keeps 10 MB in memory
	_ = form.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/articles/17/files", &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	res, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
}
