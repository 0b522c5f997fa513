package instrument_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// TestStory plays the story that all adapters play, with net/http.
func TestStory(t *testing.T) {
	rec := adaptertest.Record(t)
	blog := adaptertest.NewBlog()
	mux := http.NewServeMux()
	for do, route := range adaptertest.Routes {
		mux.HandleFunc(route.Method+" "+route.Path, func(w http.ResponseWriter, r *http.Request) { blog.Serve(do, r.PathValue("id"), w, r) })
	}
	authenticated := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := blog.User(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		if err != nil && r.URL.Path != "/login" && r.URL.Path != "/health" {
			http.Error(w, err.Error(), adaptertest.Code(err))
			return
		}
		instrument.CaptureRoute(mux).ServeHTTP(w, r.WithContext(activity.ContextWithActor(r.Context(), user)))
	})
	srv := httptest.NewServer(recovers(instrument.NewHandler(authenticated, "blog", rec.Options()...)))
	defer srv.Close()
	adaptertest.PlayHTTP(t, srv.URL)
	rec.Compare(t, true)
}

// recovers answers a panic with 500.
func recovers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if value := recover(); value != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
