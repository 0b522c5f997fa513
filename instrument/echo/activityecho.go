// Package activityecho records the requests of a service with Echo 4 as activities, as package
// instrument does for net/http. Its middleware belongs behind that of otelecho, so that the
// activity is on the span of the request too, and behind one that recovers from panics. It
// belongs before all others:
//
//	e := echo.New()
//	e.Use(middleware.Recover(), otelecho.Middleware("blog"), activityecho.Middleware(
//		activityecho.WithActor(func(c echo.Context) activity.Actor {
//			user, ok := c.Get("user").(*User)
//			…
//		})))
//
// What a request does to which object follows from its route ([echo.Context.Path]) and its
// parameters. Handlers add to the activity of their request:
//
//	instrument.FromContext(c.Request().Context()).SetChange("title", old, title)
//
// If a handler returns an error, the middleware lets Echo answer it at once, by
// [echo.Context.Error], so that the status of the activity is that of the response.
package activityecho

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// Middleware returns a middleware that records each tracked request as one activity. It takes
// the options of [instrument.NewMiddleware], and those of this package.
func Middleware(opts ...instrument.Option) echo.MiddlewareFunc {
	tracker := instrument.NewTracker(opts...)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r, call := tracker.Start(c.Request())
			c.SetRequest(r)
			return call.Run(func() error {
				err := next(c)
				if err != nil {
					c.Error(err) // it does nothing if the response was sent
				}
				return err
			}, func(err error, panicked bool) instrument.Answer {
				a := answer(c)
				switch {
				case c.Response().Committed:
				case panicked:
					a.Code = 0 // middleware.Recover has still to answer
				case err != nil: // the error handler has not answered
					a.Code, a.ErrorType = http.StatusInternalServerError, instrument.ErrorType(err)
				}
				return a
			})
		}
	}
}

// WithActor sets the function that finds the actor of a request, as [instrument.WithActor]
// does. It is called when the handler has returned, so it finds what authentication has put
// into the context by [echo.Context.Set].
func WithActor(actor func(echo.Context) activity.Actor) instrument.Option {
	return instrument.WithActor(func(r *http.Request) activity.Actor {
		if c, ok := r.Context().Value(echoKey{}).(echo.Context); ok {
			return actor(c)
		}
		return activity.Actor{}
	})
}

type echoKey struct{}

// answer returns how the request of c ended.
func answer(c echo.Context) instrument.Answer {
	r := c.Request().WithContext(context.WithValue(c.Request().Context(), echoKey{}, c))
	r.Pattern = c.Path()
	values := c.ParamValues()
	for i, key := range c.ParamNames() {
		if i < len(values) {
			r.SetPathValue(key, values[i])
		}
	}
	return instrument.Answer{Request: r, Code: c.Response().Status, Header: c.Response().Header()}
}
