package activitygin_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activitygin "github.com/otelactivity/activitylog/instrument/gin"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	m.Run()
}

// serve returns a router of the blog as a Gin service has it: middlewares first, then a group
// behind authentication, which keeps the user in the context.
func serve(t *testing.T, blog *adaptertest.Blog, middlewares ...gin.HandlerFunc) *httptest.Server {
	router := gin.New()
	router.Use(middlewares...)
	private := router.Group("/", func(c *gin.Context) {
		user, err := blog.User(token(c))
		if err != nil {
			c.AbortWithStatusJSON(adaptertest.Code(err), gin.H{"error": err.Error()})
			return
		}
		c.Set("user", user)
		c.Request = c.Request.WithContext(activity.ContextWithActor(c.Request.Context(), user))
	})
	router.POST("/login", func(c *gin.Context) {
		token, err := blog.Login(c.Request.Context(), c.PostForm("name"), c.PostForm("password"))
		reply(c, err, gin.H{"token": token})
	})
	router.GET("/health", func(*gin.Context) {})
	private.POST("/logout", func(c *gin.Context) { blog.Logout(c.Request.Context(), token(c)) })
	private.GET("/articles", func(c *gin.Context) { reply(c, nil, blog.Titles()) })
	private.POST("/articles", func(c *gin.Context) {
		a, err := blog.Create(c.Request.Context(), c.PostForm("title"))
		created(c, err, "/articles/"+a.ID)
	})
	private.GET("/articles/:id", func(c *gin.Context) {
		a, err := blog.Get(c.Param("id"))
		reply(c, err, a)
	})
	private.PUT("/articles/:id", func(c *gin.Context) {
		reply(c, blog.Rename(c.Request.Context(), c.Param("id"), c.PostForm("title")), nil)
	})
	private.POST("/articles/:id/publish", func(c *gin.Context) { reply(c, blog.Publish(c.Request.Context(), c.Param("id")), nil) })
	private.POST("/articles/:id/comments", func(c *gin.Context) {
		comment, err := blog.Comment(c.Param("id"))
		created(c, err, c.Request.URL.Path+"/"+comment)
	})
	private.DELETE("/articles/:id", func(c *gin.Context) { reply(c, blog.Delete(c.Request.Context(), c.Param("id")), nil) })
	private.GET("/boom", func(*gin.Context) { panic("boom") })
	srv := httptest.NewServer(router)
	t.Cleanup(srv.Close)
	return srv
}

func token(c *gin.Context) string { return strings.TrimPrefix(c.GetHeader("Authorization"), "Bearer ") }

func reply(c *gin.Context, err error, value any) {
	if err != nil {
		_ = c.AbortWithError(adaptertest.Code(err), err)
		return
	}
	c.JSON(http.StatusOK, value)
}

func created(c *gin.Context, err error, location string) {
	if err != nil {
		reply(c, err, nil)
		return
	}
	c.Header("Location", location)
	c.Status(http.StatusCreated)
}

func user(c *gin.Context) activity.Actor {
	user, _ := c.Get("user")
	actor, _ := user.(activity.Actor)
	return actor
}

func TestStory(t *testing.T) {
	for name, withActor := range map[string]bool{"actor by c.Get": true, "actor in the context": false} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			opts := rec.Options()
			if withActor {
				opts = append(opts, activitygin.WithActor(user))
			}
			srv := serve(t, adaptertest.NewBlog(), gin.Recovery(), activitygin.Middleware(opts...))
			adaptertest.PlayHTTP(t, srv.URL)
			rec.Compare(t, true)
		})
	}
}

// TestInsideNewHandler is about a router inside our own handler: there is one activity, with
// the route of Gin.
func TestInsideNewHandler(t *testing.T) {
	rec := adaptertest.Record(t)
	router := gin.New()
	router.Use(activitygin.Middleware(activitygin.WithActor(user)))
	router.DELETE("/articles/:id", func(c *gin.Context) {
		c.Request = c.Request.WithContext(activity.ContextWithActor(c.Request.Context(), activity.Actor{ID: "1", Name: "alice", TenantID: "acme"}))
	})
	h := instrument.NewHandler(router, "blog", rec.Options()...)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/articles/17", nil))
	if names := rec.Names(); len(names) != 1 || names[0] != "DELETE /articles/:id" {
		t.Errorf("recorded %q", names)
	}
}

// TestErrors is about handlers that leave the answer to somebody else.
func TestErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		handler gin.HandlerFunc
		want    string // status and error type
	}{
		"an error, answered before us": {func(c *gin.Context) { _ = c.Error(errors.New("no")) }, "Failed error"},
		"an error that does not matter": {func(c *gin.Context) {
			_ = c.Error(errors.New("slow"))
			c.String(http.StatusOK, "done")
		}, "Success "},
		"a status without a body":   {func(c *gin.Context) { c.Status(http.StatusConflict) }, "Failed 409"},
		"a panic with a response":   {func(c *gin.Context) { c.String(http.StatusOK, "x"); panic("no") }, "Failed panic"},
		"an abort":                  {func(*gin.Context) { panic(http.ErrAbortHandler) }, "Failed client_abort"},
		"nothing is written at all": {func(*gin.Context) {}, "Success "},
	} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			router := gin.New()
			router.Use(func(c *gin.Context) {
				defer func() { _ = recover() }()
				c.Next()
			}, activitygin.Middleware(append(rec.Options(), instrument.WithAnonymous())...))
			router.POST("/articles", tt.handler)
			router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/articles", nil))
			if got := rec.Outcomes(); len(got) != 1 || got[0] != tt.want {
				t.Errorf("recorded %q, want %q", got, tt.want)
			}
		})
	}
}

// TestNoRoute is about a path that no route matches, which an outer router of Gin answers with
// 404.
func TestNoRoute(t *testing.T) {
	rec := adaptertest.Record(t)
	router := gin.New()
	router.Use(activitygin.Middleware(append(rec.Options(), instrument.WithAnonymous())...))
	router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/nowhere/17", nil))
	if got := rec.Outcomes(); len(got) != 1 || got[0] != "Failed 404" {
		t.Errorf("recorded %q", got)
	}
}
