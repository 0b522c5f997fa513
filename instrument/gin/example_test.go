package activitygin_test

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activitygin "github.com/otelactivity/activitylog/instrument/gin"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// User is an account of the service.
type User struct{ ID, Name string }

// Authentication keeps the user in the context of Gin, where actorOf finds it.
func ExampleWithActor() {
	defer adaptertest.Print()()
	authenticate := func(c *gin.Context) {
		c.Set("user", User{ID: "1", Name: "alice"}) // from the session
	}
	rename := func(c *gin.Context) {
		instrument.FromContext(c.Request.Context()).SetChange("title", "Down", "Up")
	}

	actorOf := func(c *gin.Context) activity.Actor {
		user, _ := c.Value("user").(User)
		return activity.Actor{ID: user.ID, Name: user.Name}
	}
	router := gin.New()
	router.Use(gin.Recovery(), activitygin.Middleware(activitygin.WithActor(actorOf)))
	private := router.Group("/", authenticate)
	private.PUT("/articles/:id", rename)
	handler := otelhttp.NewHandler(router, "shop")

	adaptertest.Put(handler)
	// Output:
	// PUT /articles/:id | alice updated article 17
}

// Authentication that names the actor of the request's context needs no function.
func ExampleMiddleware() {
	defer adaptertest.Print()()
	authenticate := func(c *gin.Context) {
		user := activity.Actor{ID: "1", Name: "alice"} // from the session
		c.Request = c.Request.WithContext(activity.ContextWithActor(c.Request.Context(), user))
	}
	rename := func(*gin.Context) {}

	router := gin.New()
	router.Use(gin.Recovery(), activitygin.Middleware())
	router.Group("/", authenticate).PUT("/articles/:id", rename)

	adaptertest.Put(otelhttp.NewHandler(router, "shop"))
	// Output:
	// PUT /articles/:id | alice updated article 17
}

// For WithStrict, the router is inside NewHandler, which has the options. The middleware of the
// router knows the route.
func ExampleWithActor_strict() {
	defer adaptertest.Print()()
	authenticate := func(c *gin.Context) { c.Set("user", User{ID: "1", Name: "alice"}) }
	actorOf := func(c *gin.Context) activity.Actor {
		user, _ := c.Value("user").(User)
		return activity.Actor{ID: user.ID, Name: user.Name}
	}
	router := gin.New()
	router.Use(gin.Recovery(), activitygin.Middleware())
	router.Group("/", authenticate).PUT("/articles/:id", func(c *gin.Context) { c.Status(http.StatusOK) })
	handler := instrument.NewHandler(router, "shop",
		activitygin.WithActor(actorOf), instrument.WithStrict(activity.ActionDelete))

	adaptertest.Put(handler)
	// Output:
	// PUT /articles/:id | alice updated article 17
}
