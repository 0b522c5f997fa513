package instrument_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// A health check or a static file is not an activity, even if authentication has set the
// user, unless the service says so of this request. Paths are in the table of package route.
func TestNoise(t *testing.T) {
	does := func(what func(*instrument.Current)) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { what(instrument.FromContext(r.Context())) })
	}
	const browser = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
	for name, tt := range map[string]struct {
		method, path, agent string
		handler             http.Handler
		option              instrument.Option
		recorded            bool
	}{
		"health":             {path: "/healthz"},
		"static":             {path: "/static/app.js"},
		"missing":            {path: "/static/app.js", handler: answer(404)},
		"refused":            {path: "/static/app.js", handler: answer(403), recorded: true},
		"changes something":  {method: "POST", path: "/healthz", recorded: true},
		"a browser":          {path: "/metrics", agent: browser, recorded: true},
		"sets the actor":     {path: "/healthz", handler: does(func(c *instrument.Current) { c.SetActor(activity.Actor{ID: "7"}) })},
		"sets the action":    {path: "/healthz", handler: does(func(c *instrument.Current) { c.SetAction(activity.ActionRead, "") }), recorded: true},
		"sets the object":    {path: "/healthz", handler: does(func(c *instrument.Current) { c.SetObject(activity.Object{Type: "node"}) }), recorded: true},
		"sets data":          {path: "/healthz", handler: does(func(c *instrument.Current) { c.SetData("a", 1) }), recorded: true},
		"records now":        {path: "/healthz", handler: does(func(c *instrument.Current) { c.RecordNow() }), recorded: true},
		"by its route":       {path: "/healthz", option: instrument.WithRoute("/healthz", instrument.Route{Object: "node"}), recorded: true},
		"by another route":   {path: "/healthz", option: instrument.WithRoute("/nodes", instrument.Route{Object: "node"})},
		"a type of OPTIONS":  {method: "OPTIONS", path: "/x", option: instrument.WithActionTypes(map[string]activity.ActionType{"OPTIONS": "Ask"}), recorded: true},
		"anonymous, refused": {path: "/metrics", handler: answer(401), option: instrument.WithAnonymousFailures(), recorded: true},
	} {
		t.Run(name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			opts = append(opts, instrument.WithActor(asAlice))
			if tt.option != nil {
				opts = append(opts, tt.option)
			}
			if tt.handler == nil {
				tt.handler = answer(200)
			}
			if tt.method == "" {
				tt.method = "GET"
			}
			r := httptest.NewRequest(tt.method, tt.path, nil)
			r.Header.Set("User-Agent", tt.agent)
			instrument.NewHandler(tt.handler, "test", opts...).ServeHTTP(httptest.NewRecorder(), r)
			if tt.recorded {
				rec.one()
				return
			}
			rec.none()
			check(t, spanMap(rec.spans.Ended()[0]), map[string]string{activity.SkippedKey: "true"})
		})
	}
}

// A parameter that takes the path makes it the id of something.
func TestNoiseAndRoutes(t *testing.T) {
	rec, opts := newRecorded(t)
	mux := http.NewServeMux()
	mux.Handle("GET /{package}", answer(200))
	mux.Handle("GET /static/{file...}", answer(200))
	h := instrument.NewHandler(mux, "test", append(opts, instrument.WithActor(asAlice))...)
	serve(h, "GET", "/static/app.js")
	serve(h, "GET", "/ping")
	check(t, rec.one(), map[string]string{activity.ObjectTypeKey: "package", activity.ObjectIDKey: "ping"})
}

// A router that answers 307 or 308 asks the client to send the same request to another path of
// the service, where it is an activity. It would be two otherwise.
func TestRedirect(t *testing.T) {
	to := func(code int, location string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(code)
		})
	}
	mux := http.NewServeMux()
	mux.Handle("/articles/", answer(http.StatusCreated))
	described := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		instrument.FromContext(r.Context()).SetData("a", 1)
		to(http.StatusTemporaryRedirect, "/articles/").ServeHTTP(w, r)
	})
	for name, tt := range map[string]struct {
		handler  http.Handler
		recorded bool
	}{
		"of ServeMux":               {handler: mux},
		"permanent":                 {handler: to(http.StatusPermanentRedirect, "/articles/")},
		"to https":                  {handler: to(http.StatusPermanentRedirect, "https://example.com/articles")},
		"relative":                  {handler: to(http.StatusTemporaryRedirect, "articles/")},
		"to another service":        {handler: to(http.StatusTemporaryRedirect, "https://storage.example.net/articles"), recorded: true},
		"to another service, //":    {handler: to(http.StatusTemporaryRedirect, "//storage.example.net/articles"), recorded: true},
		"without a location":        {handler: answer(http.StatusTemporaryRedirect), recorded: true},
		"to a broken location":      {handler: to(http.StatusTemporaryRedirect, "http://[/"), recorded: true},
		"to what was made, 303":     {handler: to(http.StatusSeeOther, "/articles/17"), recorded: true},
		"the handler says what":     {handler: described, recorded: true},
		"301, after which is a GET": {handler: to(http.StatusMovedPermanently, "/articles/"), recorded: true},
	} {
		t.Run(name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			h := instrument.NewHandler(tt.handler, "test", append(opts, instrument.WithActor(asAlice))...)
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "http://example.com/articles", nil))
			if tt.recorded {
				rec.one()
				return
			}
			rec.none()
		})
	}
}

// Many services send whoever has logged in or out to the next page by 307. That is no router's
// way to name the same request.
func TestRedirectAfterALogin(t *testing.T) {
	for name, tt := range map[string]struct{ target, location, want string }{
		"logged in":         {"POST /login", "/", "Login"},
		"logged out":        {"POST /logout", "/login", "Logout"},
		"by a link":         {"GET /logout", "/", "Logout"},
		"to the whole URL":  {"POST /login", "http://example.com/home", "Login"},
		"a slash":           {"POST /login", "/login/", ""},
		"relative":          {"POST /login", "login/", ""},
		"to https":          {"POST /login", "https://example.com/login", ""},
		"cleaned, in lower": {"POST //Login", "/login", ""},
	} {
		t.Run(name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			h := instrument.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", tt.location)
				w.WriteHeader(http.StatusTemporaryRedirect)
			}), "test", append(opts, instrument.WithActor(asAlice))...)
			method, path, _ := strings.Cut(tt.target, " ")
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, "http://example.com"+path, nil))
			if tt.want == "" {
				rec.none()
				return
			}
			check(t, rec.one(), map[string]string{activity.ActionTypeKey: tt.want})
		})
	}
}
