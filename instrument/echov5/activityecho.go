// Package activityecho records the requests of a service with Echo 5 as activities, as package
// instrument does for net/http. Its middleware belongs behind that of otelhttp, so that the
// activity is on the span of the request too, and behind one that recovers from panics. It
// belongs before all others:
//
//	e := echo.New()
//	e.Use(middleware.Recover(), echo.WrapMiddleware(otelhttp.NewMiddleware("blog")), activityecho.Middleware(
//		activityecho.WithActor(func(c *echo.Context) activity.Actor {
//			user, err := echo.ContextGet[*User](c, "user")
//			…
//		})))
//
// What a request does to which object follows from its route ([echo.Context.Path]) and its
// parameters. Handlers add to the activity of their request:
//
//	instrument.FromContext(c.Request().Context()).SetChange("title", old, title)
//
// If a handler returns an error, the middleware lets the HTTPErrorHandler of the service answer
// it at once, as Echo's own logger does, so that the status of the activity is that of the
// response. Echo calls that function again when all middlewares have returned: it must do
// nothing if the response was sent, which that of Echo checks by [echo.UnwrapResponse].
//
// The package has the name of the one for Echo 4, as Echo itself does. A service that moves to
// Echo 5 changes the import path.
package activityecho

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// Middleware returns a middleware that records each tracked request as one activity. It takes
// the options of [instrument.NewMiddleware], and those of this package.
func Middleware(opts ...instrument.Option) echo.MiddlewareFunc {
	tracker := instrument.NewTracker(opts...)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			r, call := tracker.Start(c.Request())
			c.SetRequest(r)
			res, restore := responseOf(c)
			defer restore()
			return call.Run(func() error {
				err := next(c)
				if err != nil && !res.Committed {
					c.Echo().HTTPErrorHandler(c, err)
				}
				return err
			}, func(err error, panicked bool) instrument.Answer {
				a := answer(c, res)
				switch {
				case res.Committed:
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

// responseOf returns the response of c, which knows what was answered, and a function to be
// called at the end. A middleware before this one may have put a writer around the response of
// Echo that sends later, as that for gzip does. There is a response around that writer then.
func responseOf(c *echo.Context) (res *echo.Response, restore func()) {
	outer := c.Response()
	if res, ok := outer.(*echo.Response); ok {
		return res, func() {}
	}
	res = echo.NewResponse(outer, c.Logger())
	c.SetResponse(res)
	return res, func() { c.SetResponse(outer) }
}

// WithActor sets the function that finds the actor of a request, as [instrument.WithActor]
// does. It is called when the handler has returned, so it finds what authentication has put
// into the context by [echo.Context.Set].
func WithActor(actor func(*echo.Context) activity.Actor) instrument.Option {
	return instrument.WithActor(func(r *http.Request) activity.Actor {
		if c, ok := r.Context().Value(echoKey{}).(*echo.Context); ok {
			return actor(c)
		}
		return activity.Actor{}
	})
}

type echoKey struct{}

// answer returns how the request of c ended.
func answer(c *echo.Context, res *echo.Response) instrument.Answer {
	r := c.Request().WithContext(context.WithValue(c.Request().Context(), echoKey{}, c))
	r.Pattern = c.Path()
	for _, p := range c.PathValues() {
		r.SetPathValue(p.Name, p.Value)
	}
	return instrument.Answer{Request: r, Code: res.Status, Header: res.Header()}
}
