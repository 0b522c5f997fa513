// Package activityfiber records the requests of a service with Fiber 2 as activities, as package
// instrument does for net/http. Its middleware belongs behind the one that makes spans, so that
// the activity is on the span of the request too, and behind one that recovers from panics. It
// belongs before all others:
//
//	app := fiber.New()
//	app.Use(recover.New(), otelfiber.Middleware(), activityfiber.Middleware(
//		activityfiber.WithActor(func(c *fiber.Ctx) activity.Actor {
//			user, ok := c.Locals("user").(*User)
//			…
//		})))
//
// What a request does to which object follows from its route ([fiber.Route.Path]). Handlers add
// to the activity of their request. Both c.UserContext() and c.Context() have it:
//
//	instrument.FromContext(c.UserContext()).SetChange("title", old, title)
//
// If a handler returns an error, the middleware lets the ErrorHandler of the app answer it at
// once and returns nil, as Fiber's own logger does, so that the status of the activity is that
// of the response.
//
// A middleware of a group that answers by itself, such as one for authentication, is before any
// route. The object is guessed from the path then.
//
// Fiber uses the memory of a request again. The middleware copies what it reads from the
// request, and all texts that handlers say about their activity. It cannot copy what is
// recorded with another context than that of the request.
//
// [instrument.NewHandler] around the adaptor of Fiber records requests as well, but does not
// know their routes. A service uses one of the two.
//
// The package has the name of the one for Fiber 3, as Fiber itself does. A service that moves
// to Fiber 3 changes the import path.
package activityfiber

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// Middleware returns a middleware that records each tracked request as one activity. It takes
// the options of [instrument.NewMiddleware], and those of this package. Their functions get a
// copy of the request without its body.
func Middleware(opts ...instrument.Option) fiber.Handler {
	tracker := instrument.NewTracker(opts...)
	tracker.CopyText()
	return func(c *fiber.Ctx) error {
		r, call := tracker.Start(requestOf(c))
		c.SetUserContext(r.Context())
		key, value := call.ContextValue()
		c.Locals(key, value)
		_ = call.Run(func() error {
			err := c.Next()
			if err != nil {
				if err = c.App().ErrorHandler(c, err); err != nil {
					_ = c.SendStatus(fiber.StatusInternalServerError) // as Fiber itself does
				}
			}
			return err
		}, func(unanswered error, panicked bool) instrument.Answer {
			a := answer(c, r)
			if panicked {
				a.Code = 0 // a middleware before this one has still to answer
			}
			a.ErrorType = instrument.ErrorType(unanswered)
			return a
		})
		return nil
	}
}

// WithActor sets the function that finds the actor of a request, as [instrument.WithActor]
// does. It is called when the handler has returned, so it finds what authentication has put
// into the context by [fiber.Ctx.Locals].
func WithActor(actor func(*fiber.Ctx) activity.Actor) instrument.Option {
	return instrument.WithActor(func(r *http.Request) activity.Actor {
		if c, ok := r.Context().Value(fiberKey{}).(*fiber.Ctx); ok {
			return actor(c)
		}
		return activity.Actor{}
	})
}

type fiberKey struct{}

// answer returns how the request of c ended, which r is a copy of.
func answer(c *fiber.Ctx, r *http.Request) instrument.Answer {
	r = r.WithContext(context.WithValue(c.UserContext(), fiberKey{}, c))
	setRoute(c, r)
	a := instrument.Answer{Request: r, Code: c.Response().StatusCode()}
	if location := c.Response().Header.Peek(fiber.HeaderLocation); len(location) > 0 {
		a.Header = http.Header{fiber.HeaderLocation: {string(location)}}
	}
	return a
}
