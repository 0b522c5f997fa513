// Package activitygin records the requests of a Gin service as activities, as package
// instrument does for net/http. Its middleware belongs behind that of otelgin, so that the
// activity is on the span of the request too, and behind one that recovers from panics. It
// belongs before all others:
//
//	router := gin.New()
//	router.Use(gin.Recovery(), otelgin.Middleware("blog"), activitygin.Middleware(
//		activitygin.WithActor(func(c *gin.Context) activity.Actor {
//			user, ok := c.Get("user")
//			…
//		})))
//
// What a request does to which object follows from its route ([gin.Context.FullPath]) and its
// parameters. Handlers add to the activity of their request:
//
//	instrument.FromContext(c.Request.Context()).SetChange("title", old, title)
//
// The status is that of the response. A handler that has reported an error by
// [gin.Context.Error] and has written nothing has failed: a middleware before this one answers
// then. [gin.Context] itself finds the activity only if [gin.Engine.ContextWithFallback] is set.
package activitygin

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// Middleware returns a middleware that records each tracked request as one activity. It takes
// the options of [instrument.NewMiddleware], and those of this package.
func Middleware(opts ...instrument.Option) gin.HandlerFunc {
	tracker := instrument.NewTracker(opts...)
	return func(c *gin.Context) {
		r, call := tracker.Start(c.Request)
		c.Request = r
		_ = call.Run(func() error { c.Next(); return nil }, func(_ error, panicked bool) instrument.Answer {
			a := answer(c)
			if panicked && !c.Writer.Written() {
				a.Code = 0 // gin.Recovery has still to answer
			}
			return a
		})
	}
}

// WithActor sets the function that finds the actor of a request, as [instrument.WithActor]
// does. It is called when the handlers have returned, so it finds what authentication has put
// into the context by [gin.Context.Set].
func WithActor(actor func(*gin.Context) activity.Actor) instrument.Option {
	return instrument.WithActor(func(r *http.Request) activity.Actor {
		if c, ok := r.Context().Value(ginKey{}).(*gin.Context); ok {
			return actor(c)
		}
		return activity.Actor{}
	})
}

type ginKey struct{}

// answer returns how the request of c ended.
func answer(c *gin.Context) instrument.Answer {
	r := c.Request.WithContext(context.WithValue(c.Request.Context(), ginKey{}, c))
	r.Pattern = c.FullPath()
	for _, p := range c.Params {
		r.SetPathValue(p.Key, p.Value)
	}
	a := instrument.Answer{Request: r, Code: c.Writer.Status(), Header: c.Writer.Header()}
	if last := c.Errors.Last(); last != nil && !c.Writer.Written() && a.Code < http.StatusBadRequest {
		a.Code, a.ErrorType = http.StatusInternalServerError, instrument.ErrorType(last.Err)
	}
	return a
}
