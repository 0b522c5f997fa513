package activityfiber_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activityfiber "github.com/otelactivity/activitylog/instrument/fiberv2"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// newBlog returns the blog as a Fiber service has it: handlers return errors, and a group is
// behind authentication, which keeps the user in the context.
func newBlog(blog *adaptertest.Blog, middlewares ...any) *fiber.App {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Use(middlewares...)
	app.Post("/login", func(c *fiber.Ctx) error {
		token, err := blog.Login(c.UserContext(), c.FormValue("name"), c.FormValue("password"))
		return reply(c, err, map[string]string{"token": token})
	})
	app.Get("/health", func(c *fiber.Ctx) error { return c.SendStatus(http.StatusOK) })
	private := app.Group("/", func(c *fiber.Ctx) error {
		user, err := blog.User(token(c))
		if err != nil {
			return reply(c, err, nil)
		}
		c.Locals("user", user)
		c.SetUserContext(activity.ContextWithActor(c.UserContext(), user))
		return c.Next()
	})
	private.Post("/logout", func(c *fiber.Ctx) error { blog.Logout(c.UserContext(), token(c)); return nil })
	private.Get("/articles", func(c *fiber.Ctx) error { return reply(c, nil, blog.Titles()) })
	private.Post("/articles", func(c *fiber.Ctx) error {
		a, err := blog.Create(c.UserContext(), strings.Clone(c.FormValue("title")))
		return created(c, err, "/articles/"+a.ID)
	})
	private.Get("/articles/:id", func(c *fiber.Ctx) error {
		a, err := blog.Get(c.Params("id"))
		return reply(c, err, a)
	})
	private.Put("/articles/:id", func(c *fiber.Ctx) error {
		return reply(c, blog.Rename(c.UserContext(), c.Params("id"), c.FormValue("title")), nil)
	})
	private.Post("/articles/:id/publish", func(c *fiber.Ctx) error {
		return reply(c, blog.Publish(c.UserContext(), c.Params("id")), nil)
	})
	private.Post("/articles/:id/comments", func(c *fiber.Ctx) error {
		comment, err := blog.Comment(c.Params("id"))
		return created(c, err, c.Path()+"/"+comment)
	})
	private.Delete("/articles/:id", func(c *fiber.Ctx) error {
		return reply(c, blog.Delete(c.UserContext(), c.Params("id")), nil)
	})
	private.Get("/boom", func(*fiber.Ctx) error { panic("boom") })
	return app
}

func token(c *fiber.Ctx) string { return strings.TrimPrefix(c.Get("Authorization"), "Bearer ") }

func reply(c *fiber.Ctx, err error, value any) error {
	if err != nil {
		return fiber.NewError(adaptertest.Code(err), err.Error())
	}
	return c.JSON(value)
}

func created(c *fiber.Ctx, err error, location string) error {
	if err != nil {
		return reply(c, err, nil)
	}
	c.Set(fiber.HeaderLocation, location)
	return c.SendStatus(http.StatusCreated)
}

func user(c *fiber.Ctx) activity.Actor {
	actor, _ := c.Locals("user").(activity.Actor)
	return actor
}

// serve serves an app at the URL that it returns.
func serve(t *testing.T, app *fiber.App) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- app.Listener(ln) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "http://" + ln.Addr().String()
}

func TestStory(t *testing.T) {
	for name, withActor := range map[string]bool{"actor by c.Locals": true, "actor in the context": false} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			opts := rec.Options()
			if withActor {
				opts = append(opts, activityfiber.WithActor(user))
			}
			adaptertest.PlayHTTP(t, serve(t, newBlog(adaptertest.NewBlog(), recover.New(), activityfiber.Middleware(opts...))))
			rec.Compare(t, true)
		})
	}
}

// anonymous returns the middleware for tests without authentication.
func anonymous(rec *adaptertest.Recorded, opts ...instrument.Option) fiber.Handler {
	return activityfiber.Middleware(append(append(rec.Options(), instrument.WithAnonymous()), opts...)...)
}

// send sends one request and returns the response code.
func send(t *testing.T, app *fiber.App, r *http.Request) int {
	t.Helper()
	res, err := app.Test(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode
}

// TestErrors is about handlers that leave the answer to Fiber.
func TestErrors(t *testing.T) {
	failing := func(*fiber.Ctx) error { return errors.New("no") }
	for name, tt := range map[string]struct {
		handler fiber.Handler
		errors  fiber.ErrorHandler
		want    string // status and error type
		code    int
	}{
		"an error of Fiber":    {func(*fiber.Ctx) error { return fiber.ErrConflict }, nil, "Failed 409", 409},
		"a wrapped error":      {func(*fiber.Ctx) error { return fmt.Errorf("read: %w", fiber.ErrForbidden) }, nil, "Failed 403", 403},
		"any error":            {failing, nil, "Failed 500", 500},
		"a handler for errors": {failing, func(c *fiber.Ctx, _ error) error { return c.SendStatus(418) }, "Failed 418", 418},
		"it does not answer":   {failing, func(*fiber.Ctx, error) error { return nil }, "Success ", 200},
		"it fails":             {failing, func(_ *fiber.Ctx, err error) error { return err }, "Failed error", 500},
		"a code without error": {func(c *fiber.Ctx) error { return c.SendStatus(409) }, nil, "Failed 409", 409},
		"nothing at all":       {func(*fiber.Ctx) error { return nil }, nil, "Success ", 200},
		"a panic":              {func(*fiber.Ctx) error { panic("no") }, nil, "Failed panic", 500},
		"a panic after a code": {func(c *fiber.Ctx) error { c.Status(201); panic(errors.New("no")) }, nil, "Failed *errors.errorString", 500},
	} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			answers := 0
			cfg := fiber.Config{}
			if tt.errors != nil {
				cfg.ErrorHandler = func(c *fiber.Ctx, err error) error { answers++; return tt.errors(c, err) }
			}
			app := fiber.New(cfg)
			app.Use(recover.New(), anonymous(rec))
			app.Post("/articles", tt.handler)
			code := send(t, app, httptest.NewRequest(http.MethodPost, "/articles", nil))
			if got := rec.Outcomes(); len(got) != 1 || got[0] != tt.want || code != tt.code {
				t.Errorf("recorded %q, answered %d, want %q, %d", got, code, tt.want, tt.code)
			}
			if tt.errors != nil && answers != 1 {
				t.Errorf("the handler for errors ran %d times", answers)
			}
		})
	}
}

// TestRoutes is about what the router knows: groups, apps in apps, constraints, and paths
// without a route.
func TestRoutes(t *testing.T) {
	for target, want := range map[string]string{
		"PUT /v1/users/3/articles/17":      "PUT /v1/users/:user/articles/:id article 17 Success ",
		"GET /admin/users/7":               "GET /admin/users/:id<int> user 7 Success ",
		"HEAD /admin/users/7":              "HEAD /admin/users/:id<int> user 7 Success ",
		"GET /admin/users/x":               "GET /admin/users/x   Failed 404",
		"PUT /flights/LAX-SFO":             "PUT /flights/:from-:to flight LAX-SFO Success ",
		"PUT /files/a/b%20c":               "PUT /files/* file a/b c Success ",
		"PUT /tags/a%2Fb?secret=1":         "PUT /tags/:id? tag a/b Success ",
		"POST /v1/articles/17:publish":     "article.publish article 17 Success ",
		"POST /nowhere":                    "POST /nowhere nowhere  Failed 404",
		"DELETE /imports":                  "DELETE /imports import  Failed 405",
		"POST /imports":                    "POST /imports import  Success ",
		"POST http://blog.example/imports": "POST /imports import  Success ",
		"DELETE /private/articles/17":      "DELETE /private/articles/{id} article 17 Failed 401",
		"DELETE /guarded/articles/17":      "DELETE /guarded/articles/:id article 17 Failed 401",
		"POST /late":                       "POST /late late  Failed 404",
	} {
		t.Run(target, func(t *testing.T) {
			rec := adaptertest.Record(t)
			done := func(*fiber.Ctx) error { return nil }
			refuse := func(*fiber.Ctx) error { return fiber.ErrUnauthorized }
			app := fiber.New()
			app.Use(anonymous(rec))
			app.Group("/v1").Group("/users/:user").Put("/articles/:id", done)
			app.Post(`/v1/articles/:id\:publish`, done)
			app.Put("/flights/:from-:to", done)
			app.Put("/files/+", done)
			app.Put("/tags/:id?", done)
			app.Post("/imports", anonymous(rec), done) // twice, by mistake
			admin := fiber.New()
			admin.Get("/users/:id<int>", done)
			app.Mount("/admin", admin)
			app.Group("/private", refuse).Delete("/articles/:id", done)
			app.Delete("/guarded/articles/:id", refuse, done)
			app.Post("/late", func(c *fiber.Ctx) error { return c.Next() })
			app.Use(func(c *fiber.Ctx) error { return c.Next() })
			method, path, _ := strings.Cut(target, " ")
			send(t, app, httptest.NewRequest(method, path, nil))
			if len(rec.Names()) != 1 {
				t.Fatalf("recorded %q", rec.Names())
			}
			if got := rec.Names()[0] + " " + rec.Objects()[0] + " " + rec.Outcomes()[0]; got != want {
				t.Errorf("recorded %q, want %q", got, want)
			}
		})
	}
}

// TestContext is about the context of fasthttp, which is one of package context as well.
func TestContext(t *testing.T) {
	rec := adaptertest.Record(t)
	app := fiber.New()
	app.Use(anonymous(rec))
	app.Post("/articles", func(c *fiber.Ctx) error {
		if current := instrument.FromContext(c.Context()); current == nil || current != instrument.FromContext(c.UserContext()) {
			t.Errorf("c has the activity %p", current)
		}
		instrument.RecordLogin(c.Context(), activity.Actor{ID: "1", Name: "alice"})
		return nil
	})
	app.Get("/articles", func(c *fiber.Ctx) error {
		if current := instrument.FromContext(c.Context()); current == nil || current.ID().IsZero() {
			t.Errorf("c has the activity %p", current)
		}
		return nil
	})
	send(t, app, httptest.NewRequest(http.MethodPost, "/articles", nil))
	send(t, app, httptest.NewRequest(http.MethodGet, "/articles", nil))
	if got := rec.Objects(); len(got) != 2 || got[0] != "session " || got[1] != "article " {
		t.Errorf("recorded %q", got)
	}
}

// TestSpan is about a middleware before ours that makes spans.
func TestSpan(t *testing.T) {
	rec := adaptertest.Record(t)
	app := fiber.New()
	var id trace.SpanID
	app.Use(func(c *fiber.Ctx) error {
		ctx, span := rec.Tracers.Tracer("test").Start(c.UserContext(), "PUT")
		defer span.End()
		id = span.SpanContext().SpanID()
		c.SetUserContext(ctx)
		return c.Next()
	}, anonymous(rec))
	app.Put("/articles/:id", func(c *fiber.Ctx) error {
		if got := trace.SpanContextFromContext(c.UserContext()).SpanID(); got != id {
			t.Errorf("the span is %v, want %v", got, id)
		}
		return nil
	})
	send(t, app, httptest.NewRequest(http.MethodPut, "/articles/17", nil))
	if got := rec.Spans(); len(got) != 1 || got[0] != "article 17" {
		t.Errorf("spans with the objects %q", got)
	}
}

// TestRequest is about the request that the functions of a service get.
func TestRequest(t *testing.T) {
	rec := adaptertest.Record(t)
	var got []string
	app := fiber.New()
	app.Use(anonymous(rec, instrument.WithFilter(func(r *http.Request) bool {
		got = append(got, r.Method, r.Host, r.URL.String(), r.Header.Get("x-tenant"), r.UserAgent(), strings.Join(r.Header["X-Many"], ","), r.Header.Get("Host"), r.RemoteAddr)
		return r.URL.Path != "/out"
	}), instrument.WithRemarksFunc(func(r *http.Request, _ *activity.Activity) string { return r.PathValue("id") + " " + r.Pattern })))
	app.Put("/articles/:id", func(*fiber.Ctx) error { return nil })
	app.Put("/out", func(c *fiber.Ctx) error {
		if current := instrument.FromContext(c.Context()); current != nil {
			t.Errorf("the filter lets %p pass", current)
		}
		return nil
	})
	r := httptest.NewRequest(http.MethodPut, "/articles/a%20b?q=1", nil)
	r.Host = "blog.example"
	r.Header = http.Header{"X-Tenant": {"acme"}, "User-Agent": {"test/1"}, "X-Many": {"a", "b"}}
	send(t, app, r)
	if want := []string{"PUT", "blog.example", "/articles/a%20b?q=1", "acme", "test/1", "a,b", "", ""}; strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("the request is %q, want %q", got, want)
	}
	send(t, app, httptest.NewRequest(http.MethodPut, "/out", nil))
	if objects := rec.Objects(); len(objects) != 1 || objects[0] != "article a b" {
		t.Errorf("recorded %q", objects)
	}
}

// TestMemory is about requests that Fiber reads into the same memory.
func TestMemory(t *testing.T) {
	rec := adaptertest.Record(t)
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Use(activityfiber.Middleware(append(rec.Options(), activityfiber.WithActor(func(c *fiber.Ctx) activity.Actor {
		return activity.Actor{ID: c.Get("X-User")}
	}))...))
	app.Put("/articles/:id", func(c *fiber.Ctx) error {
		instrument.FromContext(c.UserContext()).SetObject(activity.Object{ID: c.Params("id"), Name: c.FormValue("title")})
		instrument.FromContext(c.UserContext()).SetErrorType(c.Get("X-User"))
		instrument.FromContext(c.UserContext()).SetStatus(activity.StatusFailed)
		return nil
	})
	url := serve(t, app)
	want := make([]string, 50)
	for i := range want {
		id := fmt.Sprintf("%02d%s", i, strings.Repeat(string(rune('a'+i%26)), 8))
		want[i] = "article " + id
		r, err := http.NewRequest(http.MethodPut, url+"/articles/"+id, strings.NewReader("title="+id))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"X-User": {id}, "Content-Type": {"application/x-www-form-urlencoded"}}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	for i, got := range rec.Objects() {
		if got != want[i] || "Failed "+strings.TrimPrefix(want[i], "article ") != rec.Outcomes()[i] {
			t.Errorf("activity %d is about %q, %q, want %q", i, got, rec.Outcomes()[i], want[i])
		}
	}
	if n := len(rec.Objects()); n != len(want) {
		t.Errorf("%d activities", n)
	}
}

// TestAdaptor is about an app inside a server of net/http. The context does not get through, so
// that only one of the two handlers may record.
func TestAdaptor(t *testing.T) {
	t.Run("by the middleware", func(t *testing.T) {
		rec := adaptertest.Record(t)
		srv := httptest.NewServer(adaptor.FiberApp(newBlog(adaptertest.NewBlog(), recover.New(), activityfiber.Middleware(rec.Options()...))))
		defer srv.Close()
		adaptertest.PlayHTTP(t, srv.URL)
		rec.Compare(t, true)
	})
	t.Run("by NewHandler", func(t *testing.T) {
		rec := adaptertest.Record(t)
		app := fiber.New()
		app.Delete("/articles/:id", func(*fiber.Ctx) error { return fiber.ErrNotFound })
		h := instrument.NewHandler(adaptor.FiberApp(app), "blog", append(rec.Options(), instrument.WithAnonymous())...)
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/articles/17", nil))
		if got := rec.Names(); len(got) != 1 || got[0] != "DELETE /articles/{id}" || rec.Outcomes()[0] != "Failed 404" {
			t.Errorf("recorded %q, %q", got, rec.Outcomes())
		}
	})
}
