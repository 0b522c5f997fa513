package activityecho_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activityecho "github.com/otelactivity/activitylog/instrument/echov5"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// newBlog returns a router of the blog as an Echo service has it: handlers return errors, and a
// group is behind authentication, which keeps the user in the context.
func newBlog(blog *adaptertest.Blog, middlewares ...echo.MiddlewareFunc) *echo.Echo {
	e := echo.New()
	e.Use(middlewares...)
	private := e.Group("", func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			user, err := blog.User(token(c))
			if err != nil {
				return reply(c, err, nil)
			}
			c.Set("user", user)
			c.SetRequest(c.Request().WithContext(activity.ContextWithActor(c.Request().Context(), user)))
			return next(c)
		}
	})
	e.POST("/login", func(c *echo.Context) error {
		token, err := blog.Login(c.Request().Context(), c.FormValue("name"), c.FormValue("password"))
		return reply(c, err, map[string]string{"token": token})
	})
	e.GET("/health", func(c *echo.Context) error { return c.NoContent(http.StatusOK) })
	private.POST("/logout", func(c *echo.Context) error { blog.Logout(c.Request().Context(), token(c)); return nil })
	private.GET("/articles", func(c *echo.Context) error { return reply(c, nil, blog.Titles()) })
	private.POST("/articles", func(c *echo.Context) error {
		a, err := blog.Create(c.Request().Context(), c.FormValue("title"))
		return created(c, err, "/articles/"+a.ID)
	})
	private.GET("/articles/:id", func(c *echo.Context) error {
		a, err := blog.Get(c.Param("id"))
		return reply(c, err, a)
	})
	private.PUT("/articles/:id", func(c *echo.Context) error {
		return reply(c, blog.Rename(c.Request().Context(), c.Param("id"), c.FormValue("title")), nil)
	})
	private.POST("/articles/:id/publish", func(c *echo.Context) error {
		return reply(c, blog.Publish(c.Request().Context(), c.Param("id")), nil)
	})
	private.POST("/articles/:id/comments", func(c *echo.Context) error {
		comment, err := blog.Comment(c.Param("id"))
		return created(c, err, c.Request().URL.Path+"/"+comment)
	})
	private.DELETE("/articles/:id", func(c *echo.Context) error {
		return reply(c, blog.Delete(c.Request().Context(), c.Param("id")), nil)
	})
	private.GET("/boom", func(*echo.Context) error { panic("boom") })
	return e
}

func token(c *echo.Context) string {
	return strings.TrimPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
}

func reply(c *echo.Context, err error, value any) error {
	if err != nil {
		return echo.NewHTTPError(adaptertest.Code(err), err.Error())
	}
	return c.JSON(http.StatusOK, value)
}

func created(c *echo.Context, err error, location string) error {
	if err != nil {
		return reply(c, err, nil)
	}
	c.Response().Header().Set("Location", location)
	return c.NoContent(http.StatusCreated)
}

func user(c *echo.Context) activity.Actor {
	actor, _ := c.Get("user").(activity.Actor)
	return actor
}

func TestStory(t *testing.T) {
	for name, withActor := range map[string]bool{"actor by c.Get": true, "actor in the context": false} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			opts := rec.Options()
			if withActor {
				opts = append(opts, activityecho.WithActor(user))
			}
			srv := httptest.NewServer(newBlog(adaptertest.NewBlog(), middleware.Recover(), activityecho.Middleware(opts...)))
			defer srv.Close()
			adaptertest.PlayHTTP(t, srv.URL)
			rec.Compare(t, true)
		})
	}
}

// answers418 is an error handler of a service.
func answers418(c *echo.Context, _ error) {
	if res, err := echo.UnwrapResponse(c.Response()); err == nil && res.Committed {
		return
	}
	_ = c.NoContent(http.StatusTeapot)
}

// TestErrors is about handlers that leave the answer to Echo.
func TestErrors(t *testing.T) {
	silent := func(*echo.Context, error) {}
	for name, tt := range map[string]struct {
		handler echo.HandlerFunc
		errors  echo.HTTPErrorHandler
		want    string // status and error type
		code    int
	}{
		"an error of Echo":     {func(*echo.Context) error { return echo.ErrTooManyRequests }, nil, "Failed 429", 429},
		"any error":            {func(*echo.Context) error { return errors.New("no") }, nil, "Failed 500", 500},
		"a handler for errors": {func(*echo.Context) error { return errors.New("no") }, answers418, "Failed 418", 418},
		"nobody answers it":    {func(*echo.Context) error { return errors.New("no") }, silent, "Failed error", 200},
		"an error after the answer": {func(c *echo.Context) error {
			_ = c.String(http.StatusOK, "done")
			return errors.New("slow")
		}, nil, "Success ", 200},
		"a wrapped error":             {func(*echo.Context) error { return fmt.Errorf("read: %w", echo.ErrForbidden) }, nil, "Failed 403", 403},
		"a panic":                     {func(*echo.Context) error { panic("no") }, nil, "Failed panic", 200},
		"an abort":                    {func(*echo.Context) error { panic(http.ErrAbortHandler) }, nil, "Failed client_abort", 200},
		"no body":                     {func(c *echo.Context) error { return c.NoContent(http.StatusConflict) }, nil, "Failed 409", 409},
		"nothing at all":              {func(*echo.Context) error { return nil }, nil, "Success ", 200},
		"JSON that cannot be written": {func(c *echo.Context) error { return c.JSON(http.StatusOK, func() {}) }, nil, "Failed 500", 500},
	} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			e := echo.New()
			if tt.errors != nil {
				e.HTTPErrorHandler = tt.errors
			}
			e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c *echo.Context) error {
					defer func() { _ = recover() }()
					return next(c)
				}
			}, activityecho.Middleware(append(rec.Options(), instrument.WithAnonymous())...))
			e.POST("/articles", tt.handler)
			w := httptest.NewRecorder()
			e.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/articles", nil))
			if got := rec.Outcomes(); len(got) != 1 || got[0] != tt.want || w.Code != tt.code {
				t.Errorf("recorded %q, answered %d, want %q, %d", got, w.Code, tt.want, tt.code)
			}
		})
	}
}

// TestInsideNewHandler is about a router inside our own handler: there is one activity, with
// the route of Echo.
func TestInsideNewHandler(t *testing.T) {
	rec := adaptertest.Record(t)
	opts := append(rec.Options(), instrument.WithAnonymous())
	e := echo.New()
	e.Use(activityecho.Middleware(opts...))
	e.DELETE("/articles/:id", func(*echo.Context) error { return echo.ErrNotFound })
	h := instrument.NewHandler(e, "blog", opts...)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/articles/17", nil))
	if names := rec.Names(); len(names) != 1 || names[0] != "DELETE /articles/:id" || rec.Outcomes()[0] != "Failed 404" {
		t.Errorf("recorded %q, %q", names, rec.Outcomes())
	}
}

// TestBehindOthers is about middlewares before ours that change the response: gzip sends it
// when ours has returned.
func TestBehindOthers(t *testing.T) {
	timer := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			res, err := echo.UnwrapResponse(c.Response())
			if err != nil {
				return err
			}
			res.Before(func() { c.Response().Header().Set("Server-Timing", "app") })
			return next(c)
		}
	}
	for name, outer := range map[string]echo.MiddlewareFunc{
		"gzip":             middleware.Gzip(),
		"gzip with length": middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1000}),
		"net/http": echo.WrapMiddleware(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(struct{ http.ResponseWriter }{w}, r) })
		}),
	} {
		for how, handler := range map[string]echo.HandlerFunc{
			"an error":    func(*echo.Context) error { return echo.NewHTTPError(http.StatusConflict, "no") },
			"a body":      func(c *echo.Context) error { return c.JSON(http.StatusConflict, "no") },
			"only a code": func(c *echo.Context) error { return c.NoContent(http.StatusConflict) },
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				rec := adaptertest.Record(t)
				e := echo.New()
				e.Use(outer, activityecho.Middleware(append(rec.Options(), instrument.WithAnonymous())...), timer)
				e.POST("/articles", handler)
				w := httptest.NewRecorder()
				r := httptest.NewRequest(http.MethodPost, "/articles", nil)
				r.Header.Set("Accept-Encoding", "gzip")
				e.ServeHTTP(w, r)
				if got := rec.Outcomes(); len(got) != 1 || got[0] != "Failed 409" || w.Code != 409 || w.Header().Get("Server-Timing") != "app" {
					t.Errorf("recorded %q, answered %d with %v", got, w.Code, w.Header())
				}
			})
		}
	}
}

// TestRoutes is about what the router knows: groups, middlewares of a single route, and paths
// without one.
func TestRoutes(t *testing.T) {
	for target, want := range map[string]string{
		"PUT /v1/users/3/articles/17":  "PUT /v1/users/:user/articles/:id article 17 Success ",
		"HEAD /v1/users/3/articles/17": "HEAD /v1/users/:user/articles/:id article 17 Success ",
		"POST /imports":                "POST /imports import  Success ",
		"POST /nowhere":                "POST /nowhere nowhere  Failed 404",
		"DELETE /imports":              "DELETE /imports import  Failed 405",
	} {
		t.Run(target, func(t *testing.T) {
			rec := adaptertest.Record(t)
			record := activityecho.Middleware(append(rec.Options(), instrument.WithAnonymous())...)
			e := echo.NewWithConfig(echo.Config{Router: echo.NewRouter(echo.RouterConfig{AutoHandleHEAD: true})})
			e.Use(record)
			e.Group("/v1").Group("/users/:user").PUT("/articles/:id", func(*echo.Context) error { return nil })
			e.GET("/v1/users/:user/articles/:id", func(c *echo.Context) error { return c.String(http.StatusOK, "x") })
			e.POST("/imports", func(*echo.Context) error { return nil }, record) // twice, by mistake
			method, path, _ := strings.Cut(target, " ")
			e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, path, nil))
			if len(rec.Names()) != 1 {
				t.Fatalf("recorded %q", rec.Names())
			}
			if got := rec.Names()[0] + " " + rec.Objects()[0] + " " + rec.Outcomes()[0]; got != want {
				t.Errorf("recorded %q, want %q", got, want)
			}
		})
	}
}
