package activityecho_test

import (
	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activityecho "github.com/otelactivity/activitylog/instrument/echov5"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// User is an account of the service.
type User struct{ ID, Name string }

// Authentication keeps the user in the context of Echo, where actorOf finds it.
func ExampleWithActor() {
	defer adaptertest.Print()()
	authenticate := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			c.Set("user", User{ID: "1", Name: "alice"}) // from the session
			return next(c)
		}
	}
	rename := func(c *echo.Context) error {
		instrument.FromContext(c.Request().Context()).SetChange("title", "Down", "Up")
		return nil
	}

	actorOf := func(c *echo.Context) activity.Actor {
		user, _ := c.Get("user").(User)
		return activity.Actor{ID: user.ID, Name: user.Name}
	}
	e := echo.New()
	e.Use(middleware.Recover(), activityecho.Middleware(activityecho.WithActor(actorOf)))
	private := e.Group("", authenticate)
	private.PUT("/articles/:id", rename)
	handler := otelhttp.NewHandler(e, "shop")

	adaptertest.Put(handler)
	// Output:
	// PUT /articles/:id | alice updated article 17
}
