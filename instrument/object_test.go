package instrument_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// handle registers one handler for all patterns.
func handle(h http.HandlerFunc, patterns ...string) *http.ServeMux {
	mux := http.NewServeMux()
	for _, pattern := range patterns {
		mux.Handle(pattern, h)
	}
	return mux
}

func TestObjectFromRoute(t *testing.T) {
	created := func(location string, object activity.Object) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			instrument.FromContext(r.Context()).SetObject(object)
			if location != "" {
				w.Header().Set("Location", location)
			}
			w.WriteHeader(http.StatusCreated)
		}
	}
	for _, tt := range []struct {
		name           string
		handler        http.HandlerFunc
		method, target string
		want           activity.Object
	}{
		{"element", answer(200).ServeHTTP, "DELETE", "/api/articles/17", activity.Object{Type: "article", ID: "17"}},
		{"escaped id", answer(200).ServeHTTP, "GET", "/api/articles/a%2Fb", activity.Object{Type: "article", ID: "a/b"}},
		{"missing", answer(404).ServeHTTP, "GET", "/api/articles/99", activity.Object{Type: "article", ID: "99"}},
		{"collection", answer(200).ServeHTTP, "GET", "/api/articles", activity.Object{Type: "article"}},
		{"no route", answer(200).ServeHTTP, "GET", "/articles/hello", activity.Object{}},
		{"created", created("", activity.Object{ID: "18"}), "POST", "/api/articles", activity.Object{Type: "article", ID: "18"}},
		{"location", created("/api/articles/18/", activity.Object{}), "POST", "/api/articles", activity.Object{Type: "article", ID: "18"}},
		{"absolute location", created("https://x.test/a/b%20c?q=1", activity.Object{}), "POST", "/api/articles", activity.Object{Type: "article", ID: "b c"}},
		{"id before location", created("/api/articles/18", activity.Object{ID: "s"}), "POST", "/api/articles", activity.Object{Type: "article", ID: "s"}},
		{"another type", created("", activity.Object{Type: "comment"}), "POST", "/api/articles/17", activity.Object{Type: "comment"}},
		{"a name", created("", activity.Object{Name: "Hi"}), "PUT", "/api/articles/17", activity.Object{Type: "article", ID: "17", Name: "Hi"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			mux := handle(tt.handler, "/api/articles", "/api/articles/{id}")
			serve(instrument.NewHandler(mux, "test", append(opts, instrument.WithAnonymous())...), tt.method, tt.target)
			check(t, rec.one(), objectMap(tt.want))
		})
	}
}

// The path has a prefix that the pattern lacks. What the router found in the
// place of the id is right all the same.
func TestObjectOfMountedRouter(t *testing.T) {
	for _, tt := range []struct {
		pattern, path string
		want          activity.Object
	}{
		{"/articles/{id}", "/app/articles/17", activity.Object{Type: "article", ID: "17"}},
		{"/files/{path...}", "/app/files/a/b", activity.Object{Type: "file", ID: "a/b"}},
		{"/articles/{id}/", "/app/articles/17/comments/3", activity.Object{Type: "comment", ID: "3"}}, // the pattern ends before the path does
		{"/articles/{id}", "/app/articles/a%00b", activity.Object{Type: "article", ID: "a%00b"}},
	} {
		rec, opts := newRecorded(t)
		mux := http.StripPrefix("/app", instrument.CaptureRoute(handle(answer(200).ServeHTTP, tt.pattern)))
		serve(instrument.NewHandler(mux, "test", append(opts, instrument.WithAnonymous())...), "PUT", tt.path)
		check(t, rec.one(), objectMap(tt.want))
	}
}

func objectMap(o activity.Object) map[string]string {
	return map[string]string{
		activity.ObjectTypeKey: o.Type,
		activity.ObjectIDKey:   o.ID,
		activity.ObjectNameKey: o.Name,
	}
}

// Rules hold where the router is not a ServeMux, cuts the path that it is given,
// or sees a copy of the request only.
func TestWithRoute(t *testing.T) {
	cutting := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { r.URL.Path = "/" })
	for _, tt := range []struct {
		method, target string
		want           activity.Object
		action, name   string
	}{
		{"GET", "/api/folks/7", activity.Object{Type: "person", ID: "7"}, "Read", "GET /api/folks/{id}"},
		{"GET", "/api/folks", activity.Object{Type: "person"}, "Read", "GET /api/folks"},
		{"POST", "/api/folks", activity.Object{Type: "folk"}, "Create", "POST /api/folks"}, // by the path
		{"GET", "/files/a/b", activity.Object{Type: "file", ID: "a/b"}, "Read", "GET /files/a/b"},
		{"GET", "//files/a", activity.Object{}, "Read", "GET //files/a"},
		{"GET", "/some/page", activity.Object{}, "Read", "GET /some/page"},
		{"POST", "/feed/7/unlove", activity.Object{Type: "feed", ID: "7"}, "Delete", "feed.unlove"},
		{"PURGE", "/feed/7", activity.Object{Type: "feed", ID: "7"}, "Delete", "PURGE /feed/{id}"},
		{"PUT", "/members/3/keys/7", activity.Object{Type: "key", ID: "7", Parent: &activity.Object{Type: "user", ID: "3"}},
			"Update", "PUT /members/{id}/keys/{id}"},
	} {
		rec, opts := newRecorded(t)
		opts = append(opts,
			instrument.WithAnonymous(),
			instrument.WithRoute("/api/folks/{id}", instrument.Route{Object: "person", ID: "id"}),
			instrument.WithRoute("GET /api/folks", instrument.Route{Object: "person"}),
			instrument.WithRoute("POST /feed/{id}/unlove", instrument.Route{Action: activity.ActionDelete, Name: "feed.unlove"}),
			instrument.WithRoute("PURGE /feed/{id}", instrument.Route{Action: activity.ActionDelete}),
			instrument.WithRoute("/members/{member}/keys/{id}", instrument.Route{
				Object: "key", ID: "id", Parent: &instrument.Route{Object: "user", ID: "member"},
			}),
			instrument.WithRoute("/files/{path...}", instrument.Route{Object: "file", ID: "path"}))
		serve(instrument.NewHandler(cutting, "test", opts...), tt.method, "http://x.test"+tt.target)
		got := rec.one()
		check(t, got, objectMap(tt.want))
		check(t, got, map[string]string{activity.ActionTypeKey: tt.action, activity.ActionNameKey: tt.name})
	}
}

// What the object belongs to is in the data and in the sentence, unless the handler sets
// another object.
func TestParent(t *testing.T) {
	set := func(object activity.Object) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			instrument.FromContext(r.Context()).SetObject(object)
		})
	}
	for _, tt := range []struct {
		name          string
		handler       http.Handler
		target        string
		remarks, data string
	}{
		{"from the route", answer(200), "/users/3/posts/5/comments/7",
			"alice deleted comment 7 of post 5 of user 3", `{"parent":{"id":"5","parent":{"id":"3","type":"user"},"type":"post"}}`},
		{"a name", set(activity.Object{Name: "Hi"}), "/users/3/posts/5", "alice deleted post 5 of user 3", `{"parent":{"id":"3","type":"user"}}`},
		{"another type", set(activity.Object{Type: "page"}), "/users/3/posts/5", "alice deleted page", ""},
		{"another parent", set(activity.Object{Parent: &activity.Object{Type: "blog", ID: "1"}}), "/users/3/posts/5",
			"alice deleted post 5 of blog 1", `{"parent":{"id":"1","type":"blog"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			mux := handle(tt.handler.ServeHTTP, "/users/{id}/posts/{post}", "/users/{id}/posts/{post}/comments/{comment}")
			serve(instrument.NewHandler(mux, "test", append(opts, instrument.WithActor(asAlice))...), "DELETE", tt.target)
			check(t, rec.one(), map[string]string{activity.RemarksKey: tt.remarks, activity.DataKey: tt.data})
		})
	}
}

// Rules of the collector select activities by the route, which a name such as
// "article.publish" hides.
func TestRouteOfLogRecord(t *testing.T) {
	for method, want := range map[string]map[string]string{
		"POST": {activity.ActionNameKey: "article.publish", "http.route": "/articles/{id}/publish"},
		"GET":  {activity.ActionNameKey: "GET /articles/{id}/publish", "http.route": ""},
	} {
		rec, opts := newRecorded(t)
		mux := handle(answer(200).ServeHTTP, "/articles/{id}/publish")
		serve(instrument.NewHandler(mux, "test", append(opts, instrument.WithActor(asAlice))...), method, "/articles/17/publish")
		check(t, rec.one(), want)
	}
}

// Without a route, the path says what it can, and the row says so.
func TestGuessed(t *testing.T) {
	for target, want := range map[string]map[string]string{
		"/users/3/posts/5": {
			activity.ActionNameKey: "DELETE /users/{id}/posts/{id}", activity.ObjectIDKey: "5",
			activity.DataKey: `{"guessed":true,"parent":{"id":"3","type":"user"}}`,
		},
		"/posts/hello": {activity.ActionNameKey: "DELETE /posts/hello", activity.ObjectIDKey: "", activity.DataKey: ""},
	} {
		rec, opts := newRecorded(t)
		serve(instrument.NewHandler(answer(200), "test", append(opts, instrument.WithActor(asAlice))...), "DELETE", target)
		check(t, rec.one(), want)
	}
}

func TestWithRoutePanics(t *testing.T) {
	for _, tt := range []struct{ pattern, wildcard string }{
		{"/api/{id", "id"},
		{"articles", ""},
		{"/api/articles/{slug}", "id"},
	} {
		func() {
			defer func() {
				text := fmt.Sprint(recover())
				if !strings.Contains(text, tt.pattern) {
					t.Errorf("WithRoute(%q, …, %q) panics with %q", tt.pattern, tt.wildcard, text)
				}
			}()
			instrument.WithRoute(tt.pattern, instrument.Route{Object: "article", ID: tt.wildcard})
		}()
	}
}

type userKey struct{}

// authenticate passes a copy of the request on, with a user in its context.
func authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, alice)))
	})
}

func userOf(r *http.Request) activity.Actor {
	user, _ := r.Context().Value(userKey{}).(activity.Actor)
	return user
}

func TestInner(t *testing.T) {
	withInner := map[string]string{
		activity.ActorIDKey:    "42",
		activity.ActionNameKey: "GET /articles/{id}",
		activity.ObjectTypeKey: "article",
		activity.ObjectIDKey:   "17",
	}
	mux := handle(answer(200).ServeHTTP, "GET /articles/{id}")
	innermost := handle(instrument.CaptureRoute(answer(200)).ServeHTTP, "GET /articles/{id}")
	for name, h := range map[string]http.Handler{
		"around the mux": authenticate(instrument.CaptureRoute(mux)),
		"within the mux": authenticate(innermost),
		"twice":          instrument.CaptureRoute(authenticate(instrument.CaptureRoute(mux))),
	} {
		t.Run(name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			serve(instrument.NewHandler(h, "test", append(opts, instrument.WithActor(userOf))...), "GET", "/articles/17")
			check(t, rec.one(), withInner)
			if name := rec.spans.Ended()[0].Name(); name != "GET /articles/{id}" {
				t.Errorf("span name %q", name)
			}
		})
	}
	t.Run("without", func(t *testing.T) {
		rec, opts := newRecorded(t)
		serve(instrument.NewHandler(authenticate(mux), "test", append(opts, instrument.WithActor(userOf))...), "GET", "/articles/17")
		rec.none()
	})
	t.Run("without an activity", func(t *testing.T) {
		if w := serve(instrument.CaptureRoute(mux), "GET", "/articles/17"); w.Code != 200 {
			t.Errorf("code %d", w.Code)
		}
	})
}
