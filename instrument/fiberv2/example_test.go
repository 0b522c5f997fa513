package activityfiber_test

import (
	"net/http"
	"net/http/httptest"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activityfiber "github.com/otelactivity/activitylog/instrument/fiberv2"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// User is an account of the service.
type User struct{ ID, Name string }

// Authentication keeps the user in the locals of the request, where actorOf finds it.
func ExampleWithActor() {
	defer adaptertest.Print()()
	authenticate := func(c *fiber.Ctx) error {
		c.Locals("user", User{ID: "1", Name: "alice"}) // from the session
		return c.Next()
	}
	rename := func(c *fiber.Ctx) error {
		instrument.FromContext(c.UserContext()).SetChange("title", "Down", "Up")
		return nil
	}

	actorOf := func(c *fiber.Ctx) activity.Actor {
		user, _ := c.Locals("user").(User)
		return activity.Actor{ID: user.ID, Name: user.Name}
	}
	app := fiber.New()
	app.Use(recover.New(), activityfiber.Middleware(activityfiber.WithActor(actorOf)))
	private := app.Group("/", authenticate)
	private.Put("/articles/:id", rename)

	if res, err := app.Test(httptest.NewRequest(http.MethodPut, "/articles/17", nil)); err == nil {
		_ = res.Body.Close()
	}
	// Output:
	// PUT /articles/:id | alice updated article 17
}
