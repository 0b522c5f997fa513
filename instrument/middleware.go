package instrument

import (
	"context"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
)

// NewMiddleware returns a middleware that records each tracked request as one
// activity: attributes on the request's span and one log record. It is for handlers
// that are inside an otelhttp handler already; [NewHandler] includes one. If such
// middlewares are nested, only the outermost records.
func NewMiddleware(opts ...Option) func(http.Handler) http.Handler {
	return newConfig(opts).middleware
}

// NewHandler wraps h in the middleware and in an [otelhttp.NewHandler]. operation is
// the operation of the otelhttp handler, which its span name formatter gets.
func NewHandler(h http.Handler, operation string, opts ...Option) http.Handler {
	c := newConfig(opts)
	return otelhttp.NewHandler(c.middleware(h), operation, c.otelHTTPOptions()...)
}

// CaptureRoute wraps a router, so that the activity uses the request that the router
// gets: its context, which [WithActor] reads, and the pattern and path values, which
// give the object. It is needed if a middleware between [NewMiddleware] and the
// router passes on a new request, for example to put the user into its context. Put
// it inside that middleware, around the router:
//
//	instrument.NewHandler(authenticate(instrument.CaptureRoute(mux)), "blog", …)
//
// Outside an activity it does nothing.
func CaptureRoute(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c := FromContext(r.Context()); c.enter(r) {
			defer c.leave(r)
		}
		next.ServeHTTP(w, r)
	})
}

func (c *config) middleware(next http.Handler) http.Handler {
	inner := CaptureRoute(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if FromContext(r.Context()).running() {
			inner.ServeHTTP(w, r)
			return
		}
		repairSpan(trace.SpanFromContext(r.Context()), r)
		ctx, calledFor := c.receive(r)
		switch {
		case c.disabled || !c.filtered(r):
			c.serve(w, r, c.newCurrent(ctx, r, calledFor), next)
		case ctx != r.Context():
			r = r.WithContext(ctx)
			fallthrough
		default:
			markSkipped(trace.SpanFromContext(ctx))
			next.ServeHTTP(w, r)
		}
	})
}

// serve runs next with a Current in the request's context and then records it. A
// panic of next is recorded and re-raised.
func (c *config) serve(w http.ResponseWriter, r *http.Request, cur *Current, next http.Handler) {
	end := &cur.end
	end.writer = w
	if c.strict != nil {
		cur.held = &held{cur: cur}
		w = cur.held.hold(w)
	}
	returned := false
	defer func() {
		if returned {
			cur.passBack()
			cur.returned(end)
			if cur.held != nil {
				cur.held.end()
			}
			return
		}
		value := recover()
		cur.passBack()
		cur.set(func(*activity.Activity) { end.panicked, end.panicValue = true, value })
		defer func() {
			if value != nil { // nil: runtime.Goexit, which continues by itself
				panic(value)
			}
		}()
		cur.finishOnce(end, false)
	}()
	next.ServeHTTP(cur.response.wrap(w, r, &cur.writer), cur.outer)
	returned = true
}

// newCurrent returns the activity of r, with the request that is to be passed on, in ctx.
func (c *config) newCurrent(ctx context.Context, r *http.Request, calledFor *activity.Actor) *Current {
	cur := &Current{
		cfg: c, start: time.Now().UnixNano(), calledFor: calledFor,
		ctx: ctx, end: ending{span: trace.SpanFromContext(ctx), incoming: r, url: pathOf(r.URL)},
	}
	cur.outer = r.WithContext((*currentContext)(cur))
	return cur
}

// running reports whether c is an activity whose request has not ended.
func (c *Current) running() bool {
	return c.set(func(*activity.Activity) {})
}
