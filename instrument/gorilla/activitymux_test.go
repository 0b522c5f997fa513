package activitymux_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activitymux "github.com/otelactivity/activitylog/instrument/gorilla"
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

func register(blog *adaptertest.Blog, router *mux.Router, open bool) {
	for do, route := range adaptertest.Routes {
		if route.Open == open {
			router.HandleFunc(route.Path, func(w http.ResponseWriter, r *http.Request) { blog.Serve(do, mux.Vars(r)["id"], w, r) }).Methods(route.Method)
		}
	}
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

func TestStory(t *testing.T) {
	rec := adaptertest.Record(t)
	blog := adaptertest.NewBlog()
	router := mux.NewRouter()
	router.Use(recovers, activitymux.Middleware(rec.Options()...))
	register(blog, router, true)
	private := router.NewRoute().Subrouter()
	private.Use(authenticate(blog), activitymux.Capture)
	register(blog, private, false)
	srv := httptest.NewServer(router)
	defer srv.Close()
	adaptertest.PlayHTTP(t, srv.URL)
	rec.Compare(t, true)
}

// TestSubrouters is about routers below others, and a route with a pattern for its variable.
func TestSubrouters(t *testing.T) {
	rec := adaptertest.Record(t)
	router := mux.NewRouter()
	router.Use(activitymux.Middleware(append(rec.Options(), instrument.WithAnonymous())...))
	router.PathPrefix("/api").Subrouter().HandleFunc("/articles/{id:[0-9]+}", func(http.ResponseWriter, *http.Request) {}).Methods(http.MethodDelete)
	router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/api/articles/17", nil))
	if got := strings.Join(rec.Objects(), ", "); got != "article 17" {
		t.Errorf("recorded %s", got)
	}
}

// TestInsideNewHandler is about requests that no route matches, for which gorilla/mux runs no
// middleware.
func TestInsideNewHandler(t *testing.T) {
	rec := adaptertest.Record(t)
	opts := append(rec.Options(), instrument.WithAnonymous())
	router := mux.NewRouter()
	router.Use(activitymux.Middleware(opts...))
	router.HandleFunc("/articles/{id}", func(http.ResponseWriter, *http.Request) {}).Methods(http.MethodDelete)
	h := instrument.NewHandler(router, "blog", opts...)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/articles/17", nil))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/nowhere/17", nil))
	if got := strings.Join(rec.Outcomes(), ", "); got != "Success , Failed 404" {
		t.Errorf("recorded %s", got)
	}
	if got := rec.Names()[0]; got != "DELETE /articles/{id}" {
		t.Errorf("recorded %s", got)
	}
}
