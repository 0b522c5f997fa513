package activitychi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activitychi "github.com/otelactivity/activitylog/instrument/chi"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

func token(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// authenticate is the authentication of a group, which puts the user into a new request.
func authenticate(blog *adaptertest.Blog) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user, err := blog.User(token(r))
			if err != nil {
				http.Error(w, err.Error(), adaptertest.Code(err))
				return
			}
			next.ServeHTTP(w, r.WithContext(activity.ContextWithActor(r.Context(), user)))
		})
	}
}

func register(blog *adaptertest.Blog, router chi.Router, open bool) {
	for do, route := range adaptertest.Routes {
		if route.Open == open {
			router.MethodFunc(route.Method, route.Path, func(w http.ResponseWriter, r *http.Request) { blog.Serve(do, chi.URLParam(r, "id"), w, r) })
		}
	}
}

func TestStory(t *testing.T) {
	rec := adaptertest.Record(t)
	blog := adaptertest.NewBlog()
	router := chi.NewRouter()
	router.Use(middleware.Recoverer, activitychi.Middleware(rec.Options()...))
	register(blog, router, true)
	router.Group(func(r chi.Router) {
		r.Use(authenticate(blog), activitychi.Capture)
		register(blog, r, false)
	})
	srv := httptest.NewServer(router)
	defer srv.Close()
	adaptertest.PlayHTTP(t, srv.URL)
	rec.Compare(t, true)
}

// TestMount is about routers below others, and about a handler without Capture.
func TestMount(t *testing.T) {
	rec := adaptertest.Record(t)
	articles := chi.NewRouter()
	articles.Delete("/{id}", func(http.ResponseWriter, *http.Request) {})
	router := chi.NewRouter()
	router.Use(activitychi.Middleware(append(rec.Options(), instrument.WithAnonymous())...))
	router.Route("/api", func(r chi.Router) { r.Mount("/articles", articles) })
	router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/api/articles/17", nil))
	router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/nowhere/17", nil))
	if got := strings.Join(rec.Names(), ", "); got != "DELETE /api/articles/{id}, DELETE /nowhere/{id}" {
		t.Errorf("recorded %s", got)
	}
	if got := strings.Join(rec.Outcomes(), ", "); got != "Success , Failed 404" {
		t.Errorf("recorded %s", got)
	}
}

// TestOtherRouter is about the middleware without a router of chi.
func TestOtherRouter(t *testing.T) {
	rec := adaptertest.Record(t)
	mux := http.NewServeMux()
	mux.HandleFunc("DELETE /articles/{id}", func(http.ResponseWriter, *http.Request) {})
	activitychi.Middleware(append(rec.Options(), instrument.WithAnonymous())...)(mux).ServeHTTP(
		httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/articles/17", nil))
	if got := strings.Join(rec.Names(), ", "); got != "DELETE /articles/{id}" {
		t.Errorf("recorded %s", got)
	}
}
