package activityecho_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activityecho "github.com/otelactivity/activitylog/instrument/echo"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// newBlog returns a router of the blog as an Echo service has it: handlers return errors, and a
// group is behind authentication, which keeps the user in the context.
func newBlog(blog *adaptertest.Blog, middlewares ...echo.MiddlewareFunc) *echo.Echo {
	e := echo.New()
	e.HideBanner = true
	e.Use(middlewares...)
	private := e.Group("", func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			user, err := blog.User(token(c))
			if err != nil {
				return reply(c, err, nil)
			}
			c.Set("user", user)
			c.SetRequest(c.Request().WithContext(activity.ContextWithActor(c.Request().Context(), user)))
			return next(c)
		}
	})
	e.POST("/login", func(c echo.Context) error {
		token, err := blog.Login(c.Request().Context(), c.FormValue("name"), c.FormValue("password"))
		return reply(c, err, map[string]string{"token": token})
	})
	e.GET("/health", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	private.POST("/logout", func(c echo.Context) error { blog.Logout(c.Request().Context(), token(c)); return nil })
	private.GET("/articles", func(c echo.Context) error { return reply(c, nil, blog.Titles()) })
	private.POST("/articles", func(c echo.Context) error {
		a, err := blog.Create(c.Request().Context(), c.FormValue("title"))
		return created(c, err, "/articles/"+a.ID)
	})
	private.GET("/articles/:id", func(c echo.Context) error {
		a, err := blog.Get(c.Param("id"))
		return reply(c, err, a)
	})
	private.PUT("/articles/:id", func(c echo.Context) error {
		return reply(c, blog.Rename(c.Request().Context(), c.Param("id"), c.FormValue("title")), nil)
	})
	private.POST("/articles/:id/publish", func(c echo.Context) error {
		return reply(c, blog.Publish(c.Request().Context(), c.Param("id")), nil)
	})
	private.POST("/articles/:id/comments", func(c echo.Context) error {
		comment, err := blog.Comment(c.Param("id"))
		return created(c, err, c.Request().URL.Path+"/"+comment)
	})
	private.DELETE("/articles/:id", func(c echo.Context) error {
		return reply(c, blog.Delete(c.Request().Context(), c.Param("id")), nil)
	})
	private.GET("/boom", func(echo.Context) error { panic("boom") })
	return e
}

func token(c echo.Context) string {
	return strings.TrimPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
}

func reply(c echo.Context, err error, value any) error {
	if err != nil {
		return echo.NewHTTPError(adaptertest.Code(err), err.Error())
	}
	return c.JSON(http.StatusOK, value)
}

func created(c echo.Context, err error, location string) error {
	if err != nil {
		return reply(c, err, nil)
	}
	c.Response().Header().Set("Location", location)
	return c.NoContent(http.StatusCreated)
}

func user(c echo.Context) activity.Actor {
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

// TestErrors is about handlers that leave the answer to Echo.
func TestErrors(t *testing.T) {
	silent := func(error, echo.Context) {}
	for name, tt := range map[string]struct {
		handler echo.HandlerFunc
		errors  echo.HTTPErrorHandler
		want    string // status and error type
		code    int
	}{
		"an error of Echo":     {func(echo.Context) error { return echo.ErrConflict }, nil, "Failed 409", 409},
		"any error":            {func(echo.Context) error { return errors.New("no") }, nil, "Failed 500", 500},
		"a handler for errors": {func(echo.Context) error { return errors.New("no") }, func(_ error, c echo.Context) { _ = c.NoContent(418) }, "Failed 418", 418},
		"nobody answers it":    {func(echo.Context) error { return errors.New("no") }, silent, "Failed error", 200},
		"an error after the answer": {func(c echo.Context) error {
			_ = c.String(http.StatusOK, "done")
			return errors.New("slow")
		}, nil, "Success ", 200},
		"a panic": {func(echo.Context) error { panic(http.ErrAbortHandler) }, nil, "Failed client_abort", 200},
	} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			e := echo.New()
			if tt.errors != nil {
				e.HTTPErrorHandler = tt.errors
			}
			e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c echo.Context) error {
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
	e.DELETE("/articles/:id", func(echo.Context) error { return echo.ErrNotFound })
	h := instrument.NewHandler(e, "blog", opts...)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/articles/17", nil))
	if names := rec.Names(); len(names) != 1 || names[0] != "DELETE /articles/:id" || rec.Outcomes()[0] != "Failed 404" {
		t.Errorf("recorded %q, %q", names, rec.Outcomes())
	}
}
